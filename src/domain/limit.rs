//! Limits: how much of each resource an organization may have.

/// What an organization may have only so much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// What permissions can be limited to.
    Products,
    /// What products manage; they count them and report how many there are.
    Devices,
    /// Members, and those who are invited.
    Users,
    /// Keys that are good, personal and the organization's own.
    ApiKeys,
    /// Where events are sent.
    Webhooks,
}

/// How much of each an organization may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits([i64; Resource::ALL.len()]);

impl Resource {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 5] = [
        Self::Products,
        Self::Devices,
        Self::Users,
        Self::ApiKeys,
        Self::Webhooks,
    ];

    /// The name to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Devices => "devices",
            Self::Users => "users",
            Self::ApiKeys => "api_keys",
            Self::Webhooks => "webhooks",
        }
    }

    /// Where it stands in a body that has one field for each (RFC 6901).
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Products => "/products",
            Self::Devices => "/devices",
            Self::Users => "/users",
            Self::ApiKeys => "/api_keys",
            Self::Webhooks => "/webhooks",
        }
    }

    /// The name in a sentence.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::ApiKeys => "API keys",
            other => other.as_str(),
        }
    }

    /// What a new organization may have.
    pub const fn default_limit(self) -> i64 {
        match self {
            Self::Products | Self::ApiKeys => 100,
            Self::Devices => 10_000,
            Self::Users => 50,
            Self::Webhooks => 25,
        }
    }

    /// The most that an organization can allow itself; nothing if there is no such bound. Only a superuser goes above.
    pub const fn maximum(self) -> Option<i64> {
        match self {
            Self::Products | Self::Devices => None,
            Self::Users => Some(500),
            Self::ApiKeys => Some(1_000),
            Self::Webhooks => Some(100),
        }
    }
}

impl std::str::FromStr for Resource {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|resource| resource.as_str() == text)
            .ok_or(())
    }
}

impl Limits {
    /// The limits of this much of each.
    pub fn new(limit: impl FnMut(Resource) -> i64) -> Self {
        Self(Resource::ALL.map(limit))
    }

    /// How much of a resource there may be.
    pub const fn of(&self, resource: Resource) -> i64 {
        self.0[resource as usize]
    }

    /// The same with another limit of one resource.
    #[must_use]
    pub fn with(mut self, resource: Resource, limit: i64) -> Self {
        self.0[resource as usize] = limit;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(Resource::default_limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_resource_has_a_limit_of_its_own() {
        for resource in Resource::ALL {
            let raised = Limits::default().with(resource, 7);
            for other in Resource::ALL {
                let expected = if other == resource {
                    7
                } else {
                    other.default_limit()
                };
                assert_eq!(raised.of(other), expected, "{resource:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_is_there_from_the_start_is_within_the_maximum() {
        for resource in Resource::ALL {
            assert!(
                resource
                    .maximum()
                    .is_none_or(|most| resource.default_limit() <= most)
            );
        }
    }
}
