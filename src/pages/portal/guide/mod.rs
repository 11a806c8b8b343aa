//! The providers that there is a guide for: what they are called, what they speak, and where in them one has to look.

/// A provider by one protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// In addresses, and in the keys of its words.
    pub key: &'static str,
    /// What it is called; nothing for any other.
    pub name: Option<&'static str>,
    /// By SAML, or by `OpenID` Connect.
    pub saml: bool,
    /// The key of the words that say where to look.
    pub notes: &'static str,
}

const fn guide(key: &'static str, name: Option<&'static str>, saml: bool, notes: &'static str) -> Guide {
    Guide {
        key,
        name,
        saml,
        notes,
    }
}

impl Guide {
    /// All of them, in the order that they are offered.
    pub const ALL: [Self; 9] = [
        guide(
            "entra-oidc",
            Some("Microsoft Entra ID"),
            false,
            "portal-guide-entra-oidc",
        ),
        guide("okta-oidc", Some("Okta"), false, "portal-guide-okta-oidc"),
        guide(
            "keycloak-oidc",
            Some("Keycloak"),
            false,
            "portal-guide-keycloak-oidc",
        ),
        guide("other-oidc", None, false, "portal-guide-other-oidc"),
        guide(
            "entra-saml",
            Some("Microsoft Entra ID"),
            true,
            "portal-guide-entra-saml",
        ),
        guide("okta-saml", Some("Okta"), true, "portal-guide-okta-saml"),
        guide(
            "google-saml",
            Some("Google Workspace"),
            true,
            "portal-guide-google-saml",
        ),
        guide(
            "simplesamlphp-saml",
            Some("SimpleSAMLphp"),
            true,
            "portal-guide-simplesamlphp-saml",
        ),
        guide("other-saml", None, true, "portal-guide-other-saml"),
    ];

    /// The one of a key.
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guide| guide.key == key)
    }

    /// The one for whoever set something up already and comes back.
    pub fn other(saml: bool) -> Self {
        let key = if saml { "other-saml" } else { "other-oidc" };
        Self::of(key).expect("it is one of them")
    }
}
