//! What audit events are about, for the views of the log.

/// One for each event, told by its action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Tokens, codes and the clients that ask for them: by far the most.
    Token,
    /// People who sign in, and sessions.
    SignIn,
    /// Who may do what.
    Access,
    /// Everything else that changes.
    Change,
}

impl Category {
    /// The category of an action, `noun.verb`.
    pub fn of(action: &str) -> Self {
        let (noun, verb) = action.split_once('.').unwrap_or((action, ""));
        match (noun, verb) {
            ("token" | "refresh_token" | "authorization_code", _)
            | ("application", "authorized" | "authentication_failed") => Self::Token,
            ("session", _)
            | ("user", "signed_in" | "signed_out" | "sign_in_failed" | "second_factor_failed") => {
                Self::SignIn
            }
            (
                "role" | "grant" | "group" | "member" | "invitation" | "api_key" | "scim_token"
                | "access_review",
                _,
            )
            | ("organization", "created" | "transferred" | "security_changed")
            | ("user", "created" | "deleted" | "suspended" | "reactivated" | "superuser_changed") => {
                Self::Access
            }
            _ => Self::Change,
        }
    }

    /// As stored and asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::SignIn => "sign_in",
            Self::Access => "access",
            Self::Change => "change",
        }
    }
}
