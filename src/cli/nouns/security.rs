//! `doorward security`: what an organization asks of those who act in it.

use super::super::flag::{Flag, Takes};
use super::super::verb::{Noun, Verb};

const ONE: &str = "/v2/organizations/{org}/security";

pub(super) const NOUN: Noun = Noun {
    name: "security",
    about: "What an organization asks of those who act in it",
    verbs: &[
        Verb::show(ONE).told("Show the settings", "security show"),
        Verb::update(ONE)
            .told(
                "Change settings; they hold from the next request on",
                "security update --require-mfa true --ip-allowlist 192.0.2.0/24,2001:db8::/32 --dry-run",
            )
            .takes(&[
                Flag::yes_or_no("require-mfa", "Whether people need a second factor"),
                Flag::number(
                    "mfa-grace-days",
                    "How long new members may go without one, 0 to 30",
                ),
                Flag::words(
                    "allowed-factors",
                    "Which second factors count, by commas: totp, webauthn, sms",
                )
                .of("FACTOR"),
                Flag::yes_or_no(
                    "require-user-verification",
                    "Whether a security key counts only with PIN or finger",
                ),
                Flag::words(
                    "ip-allowlist",
                    "The networks one may come from, by commas; any if ''",
                )
                .of("NETWORK"),
                Flag::number(
                    "session-idle-seconds",
                    "The longest time between two uses of a session, 60 to 28800",
                ),
                Flag::number(
                    "session-max-seconds",
                    "The longest time since the person signed in, 60 to 86400",
                ),
                Flag::number(
                    "trusted-device-days",
                    "How long a device is not asked for a second factor again, 0 to 90",
                ),
                Flag::new(
                    "api-key-max-age-days",
                    Takes::Read(days),
                    "How old a key may become, 1 to 365",
                )
                .of("N")
                .nullable(),
                Flag::number(
                    "password-min-length",
                    "The fewest characters of a new password, 8 to 128",
                ),
                Flag::number(
                    "password-history",
                    "How many passwords back a new one differs from, 0 to 24",
                ),
                Flag::text("required-connection", "The connection that members come by")
                    .of("ID")
                    .nullable(),
            ])
            .rehearses(),
    ],
    nouns: &[],
};

fn days(text: &str) -> Result<serde_json::Value, String> {
    let days: i64 = text
        .parse()
        .map_err(|_| "it must be a number of days".to_owned())?;
    Ok(days.into())
}
