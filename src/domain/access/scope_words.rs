//! Scope words: the names in a token's or key's scope that stand for permissions (DESIGN §5).
//!
//! A word is a permission's own name, `read` or `write`. What is left out of `write` changes who may do what, and so is
//! given by its own name or not at all.

use super::permission::Permission;
use super::permission_set::PermissionSet;

/// What `write` never gives.
const BY_NAME_ONLY: [&str; 10] = [
    "member",
    "role",
    "invitation",
    "group",
    "session",
    "api_key",
    "application",
    "connection",
    "organization",
    "billing",
];

/// What one word of a scope allows: `read` every `:read`, `write` every `:write`, `:create` and `:execute` but those
/// that are given by name only, a permission's name that permission; nothing for any other word.
pub fn allowed_by(word: &str) -> Option<PermissionSet> {
    match word {
        "read" => Some(all(|permission| permission.action() == "read")),
        "write" => Some(all(|permission| {
            ["write", "create", "execute"].contains(&permission.action())
                && !BY_NAME_ONLY.contains(&permission.resource())
        })),
        name => name
            .parse()
            .ok()
            .map(|permission: Permission| PermissionSet::of(&[permission])),
    }
}

fn all(which: impl Fn(&Permission) -> bool) -> PermissionSet {
    Permission::ALL.into_iter().filter(which).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(word: &str) -> String {
        allowed_by(word).unwrap().to_string()
    }

    #[test]
    fn read_is_every_read_and_nothing_else() {
        assert_eq!(
            named("read"),
            "product:read device:read firmware:read deployment:read organization:read member:read group:read \
             webhook:read audit_log:read billing:read"
        );
    }

    #[test]
    fn write_changes_things_and_never_who_may_change_them() {
        assert_eq!(
            named("write"),
            "product:write product:create device:write firmware:write deployment:write deployment:execute \
             webhook:write usage:write event:write"
        );
    }

    #[test]
    fn any_other_word_is_a_permission_or_nothing() {
        assert_eq!(named("api_key:write"), "api_key:write");
        for word in ["openid", "Read", "", "api_key:*", "read "] {
            assert_eq!(allowed_by(word), None, "{word:?}");
        }
    }
}
