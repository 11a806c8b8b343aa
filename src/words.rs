//! Every visible string, from `templates/locales`.

use std::sync::OnceLock;

use fluent_bundle::bundle::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use intl_memoizer::concurrent::IntlLangMemoizer;
use unic_langid::LanguageIdentifier;

/// The messages of one language.
pub struct Words {
    language: String,
    bundle: FluentBundle<FluentResource, IntlLangMemoizer>,
}

const ENGLISH: &[&str] = &[
    include_str!("../templates/locales/en/account.ftl"),
    include_str!("../templates/locales/en/account_alerts.ftl"),
    include_str!("../templates/locales/en/account_api_keys.ftl"),
    include_str!("../templates/locales/en/account_authenticator.ftl"),
    include_str!("../templates/locales/en/account_connections.ftl"),
    include_str!("../templates/locales/en/account_not_me.ftl"),
    include_str!("../templates/locales/en/account_password.ftl"),
    include_str!("../templates/locales/en/account_phone.ftl"),
    include_str!("../templates/locales/en/account_recovery_codes.ftl"),
    include_str!("../templates/locales/en/account_sessions.ftl"),
    include_str!("../templates/locales/en/alerts.ftl"),
    include_str!("../templates/locales/en/base.ftl"),
    include_str!("../templates/locales/en/claim.ftl"),
    include_str!("../templates/locales/en/consent.ftl"),
    include_str!("../templates/locales/en/docs.ftl"),
    include_str!("../templates/locales/en/email.ftl"),
    include_str!("../templates/locales/en/enrolment.ftl"),
    include_str!("../templates/locales/en/error.ftl"),
    include_str!("../templates/locales/en/invitation.ftl"),
    include_str!("../templates/locales/en/mail.ftl"),
    include_str!("../templates/locales/en/organization.ftl"),
    include_str!("../templates/locales/en/passkeys.ftl"),
    include_str!("../templates/locales/en/password.ftl"),
    include_str!("../templates/locales/en/portal.ftl"),
    include_str!("../templates/locales/en/reports.ftl"),
    include_str!("../templates/locales/en/scopes.ftl"),
    include_str!("../templates/locales/en/sign_in.ftl"),
    include_str!("../templates/locales/en/signed_out.ftl"),
    include_str!("../templates/locales/en/sms.ftl"),
    include_str!("../templates/locales/en/upstream.ftl"),
    include_str!("../templates/locales/en/answer.ftl"),
];

impl Words {
    /// The English messages.
    pub fn english() -> &'static Self {
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| Self::parse("en", ENGLISH))
    }

    /// The messages of a language, by a tag such as `en-GB`; English if they are in no such language.
    pub fn in_language(tag: &str) -> &'static Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let known = [Self::english()];
        let found = known
            .into_iter()
            .find(|words| words.language.eq_ignore_ascii_case(primary));
        found.unwrap_or_else(Self::english)
    }

    fn parse(language: &str, files: &[&str]) -> Self {
        let identifier: LanguageIdentifier = language.parse().expect("a language tag of our own");
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        bundle.set_use_isolating(false);
        for file in files {
            let resource =
                FluentResource::try_new((*file).to_owned()).expect("the messages parse: a test reads them");
            bundle
                .add_resource(resource)
                .expect("no message stands twice: a test reads them");
        }
        Self {
            language: language.to_string(),
            bundle,
        }
    }

    /// The language's tag.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// Whether there is such a message.
    pub fn knows(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// A message with its variables. One that is missing shows its key, and a test fails.
    pub fn say(&self, key: &str, variables: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in variables {
            args.set(*name, *value);
        }
        self.format(key, &args)
    }

    /// A message that says how many, in the grammar of its language.
    pub fn count(&self, key: &str, count: u32) -> String {
        self.format(key, &FluentArgs::from_iter([("count", count)]))
    }

    fn format(&self, key: &str, args: &FluentArgs<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, "a message is missing");
            return key.to_owned();
        };
        self.bundle
            .format_pattern(pattern, Some(args), &mut Vec::new())
            .into_owned()
    }
}
