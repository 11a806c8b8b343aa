//! Ids: a prefix that says what a thing is, and a `UUIDv7` that says when it was made (TypeID 0.3).
//!
//! Made by `random::id`, stored and shown as text such as `usr_01k…`, never reused.

use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

/// Declares one marker and one id alias per noun of the product.
macro_rules! ids {
    ($($(#[$doc:meta])* $alias:ident = $marker:ident $prefix:literal;)*) => {$(
        #[doc = concat!("The marker behind ids that start with `", $prefix, "_`.")]
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $marker;

        impl StaticType for $marker {
            const TYPE: &'static str = $prefix;
        }

        $(#[$doc])*
        pub type $alias = TypeSafeId<$marker>;
    )*};
}

ids! {
    /// A person.
    UserId = UserKind "usr";
    /// A tenant.
    OrganizationId = OrganizationKind "org";
    /// A user in an organization.
    MembershipId = MembershipKind "mbr";
    /// A named set of permissions.
    RoleId = RoleKind "rol";
    /// What gives a subject permissions.
    GrantId = GrantKind "grt";
    /// Named members with grants.
    GroupId = GroupKind "grp";
    /// What permissions can be limited to.
    ProductId = ProductKind "prd";
    /// A browser signed in here.
    SessionId = SessionKind "ses";
    /// A session acting for an organization; `sid` in tokens.
    ActivationId = ActivationKind "act";
    /// Something a person proves themselves with.
    CredentialId = CredentialKind "crd";
    /// An upstream provider of an organization.
    ConnectionId = ConnectionKind "con";
    /// A user's account at an upstream provider, linked here.
    IdentityId = IdentityKind "idn";
    /// A sign-in that is away at an upstream provider.
    UpstreamRequestId = UpstreamRequestKind "ups";
    /// One line of a connection's SSO log.
    AttemptId = AttemptKind "att";
    /// A link by which a tenant's own IT sets its connection up.
    PortalLinkId = PortalLinkKind "plk";
    /// What an organization's directory provisions people with.
    ScimTokenId = ScimTokenKind "sct";
    /// A downstream client; `client_id` in OAuth.
    ApplicationId = ApplicationKind "app";
    /// The tokens that descend from one authorization; the first part of every `jti`.
    FamilyId = FamilyKind "fam";
    /// An authorization request that waits for its person.
    AuthorizationRequestId = AuthorizationRequestKind "req";
    /// A sign-in under way.
    SignInId = SignInKind "sgn";
    /// An API key.
    KeyId = KeyKind "key";
    /// A fact that happened.
    EventId = EventKind "evt";
    /// An offer of membership by mail.
    InvitationId = InvitationKind "inv";
    /// A letter on its way.
    LetterId = LetterKind "let";
    /// What a product is about to use.
    ReservationId = ReservationKind "rsv";
    /// A person's picture.
    AvatarId = AvatarKind "img";
    /// A review of who holds what in an organization.
    ReviewId = ReviewKind "rev";
    /// Somebody wants a link that gives them another password.
    ResetRequestId = ResetRequestKind "ask";
    /// Somebody in a review.
    ItemId = ItemKind "itm";
    /// Something that a person is told about their account.
    AlertId = AlertKind "alr";
}

/// The least id that can have been made then: ids of later moments are greater, as text too.
pub fn earliest<T: StaticType + Default>(at: super::time::Timestamp) -> TypeSafeId<T> {
    let millis = u64::try_from(at.millis()).unwrap_or(0).min((1 << 48) - 1);
    TypeSafeId::from_uuid(Uuid::from_u128(u128::from(millis) << 80))
}
