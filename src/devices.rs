//! What a program says it is, in a few words: browser, operating system, kind of device. A user agent is whatever its
//! sender likes, so nothing of its text comes through but a number; names are those of a list.

use woothee::parser::Parser;

/// What a user agent says of its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Such as `Firefox 133`.
    pub browser: Option<String>,
    /// Such as `Windows 10`.
    pub os: Option<String>,
    /// What it runs on.
    pub kind: DeviceKind,
}

/// What a program runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// A desk or a lap.
    Computer,
    /// A phone.
    Phone,
    /// Something between the two.
    Tablet,
    /// No browser, or none that is known.
    Other,
}

impl DeviceKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Computer, Self::Phone, Self::Tablet, Self::Other];

    /// The name to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Computer => "computer",
            Self::Phone => "phone",
            Self::Tablet => "tablet",
            Self::Other => "other",
        }
    }
}

impl Device {
    /// Reads a user agent.
    pub fn of(user_agent: &str) -> Self {
        let unknown = Self {
            browser: None,
            os: None,
            kind: DeviceKind::Other,
        };
        let Some(read) = Parser::new().parse(user_agent) else {
            return unknown;
        };
        let known = |name: &str| (name != "UNKNOWN" && !name.is_empty()).then(|| name.to_owned());
        let kind = match (read.category, read.os) {
            (_, "iPad") => DeviceKind::Tablet,
            ("smartphone", "Android") if !user_agent.contains("Mobile") => DeviceKind::Tablet,
            ("smartphone" | "mobilephone", _) => DeviceKind::Phone,
            ("pc", _) => DeviceKind::Computer,
            _ => return unknown,
        };
        let os = match read.os {
            "Mac OSX" => "macOS",
            "iPhone" | "iPod" => "iOS",
            "iPad" => "iPadOS",
            other => other,
        };
        let browser = known(read.name).map(|name| match major(read.version) {
            Some(version) => format!("{name} {version}"),
            None => name,
        });
        Self {
            browser,
            os: known(os),
            kind,
        }
    }
}

/// The first number of a version.
fn major(version: &str) -> Option<u16> {
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                       Version/17.4 Safari/605.1.15";

    fn read(user_agent: &str) -> (String, String, &'static str) {
        let device = Device::of(user_agent);
        let said = |text: Option<String>| text.unwrap_or_default();
        (said(device.browser), said(device.os), device.kind.as_str())
    }

    #[test]
    fn a_browser_is_told_by_name_and_number() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/17.4 Mobile/15E148 Safari/604.1";
        let tablet = "Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/131.0.0.0 Safari/537.36";
        for (user_agent, browser, os, kind) in [
            (windows, "Firefox 133", "Windows 10", "computer"),
            (MAC, "Safari 17", "macOS", "computer"),
            (phone, "Safari 17", "iOS", "phone"),
            (tablet, "Chrome 131", "Android", "tablet"),
            ("curl/8.5.0", "", "", "other"),
            ("", "", "", "other"),
        ] {
            assert_eq!(
                read(user_agent),
                (browser.to_owned(), os.to_owned(), kind),
                "{user_agent}"
            );
        }
    }

    #[test]
    fn lo1_nothing_of_a_hostile_text_comes_through() {
        for hostile in [
            "\u{202e}\u{1b}[31mFirefox/\r\nSet-Cookie: x",
            "Mozilla/5.0 (X11; FreeBSD <b>\u{202e}evil</b>; rv:1) Gecko/20100101 Firefox/99999999999.0",
            "Mozilla/5.0 (Linux; Android 14; \u{7}) Chrome/<script> Mobile",
        ] {
            let (browser, os, _) = read(hostile);
            let plain = |text: &str| {
                text.chars()
                    .all(|c| c.is_ascii_alphanumeric() || " ./".contains(c))
            };
            assert!(plain(&browser) && plain(&os), "{browser:?} {os:?}");
        }
        assert_eq!(read(&MAC.repeat(3)).2, "computer");
    }
}
