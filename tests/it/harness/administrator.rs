//! What an administrator does to a house: through storage, as there is no API for it yet.

use doorward::domain::access::{
    BuiltInRole, Gives, Grant, GrantOrigin, GroupKind, Permission, PermissionSet, Policy,
};
use doorward::domain::description::Description;
use doorward::domain::email::Email;
use doorward::domain::id::{ApplicationId, GroupId, OrganizationId, ProductId, UserId};
use doorward::domain::limit::Resource;
use doorward::domain::membership::{Ended, MembershipState, MembershipStatus};
use doorward::domain::oauth::Application;
use doorward::domain::organization::OrganizationName;
use doorward::domain::secret::{Purpose, Secret};
use doorward::domain::security::Security;
use doorward::domain::session::SessionLimits;
use doorward::domain::text::DisplayName;
use doorward::domain::time::Timestamp;
use doorward::domain::user::{User, UserState, UserStatus};
use doorward::random;
use doorward::sign_in::{NewPassword, PasswordHasher};
use doorward::storage::consents::ConsentKey;
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::groups::Group;
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::passwords::StoredPassword;
use doorward::storage::products::{self, NewProduct};
use doorward::storage::{
    Lane, StorageError, Tx, Work, activations, applications, families, group_members, groups, limits,
    passwords, refresh_tokens, roles, security, users,
};

use super::{House, Person};

/// Where Carol is written to.
pub(crate) const CAROL: &str = "carol@cook.example";

impl House {
    /// One more application, as [`client_of`](super::client_of) makes it, changed; answers its `client_id`.
    pub(crate) async fn register(&self, name: &str, change: impl FnOnce(&mut Application)) -> String {
        let mut application = super::client_of(self.acme.id, name, &self.instance);
        change(&mut application);
        let (id, now) = (application.id.to_string(), self.clock.now());
        self.write(move |tx| {
            let application = application.clone();
            Box::pin(async move { applications::insert(tx, &application, now).await })
        })
        .await;
        id
    }

    pub(crate) async fn switch_off(&self, application: ApplicationId) {
        self.write(move |tx| Box::pin(async move { applications::set_active(tx, application, false).await }))
            .await;
    }

    pub(crate) async fn set_user(&self, user: UserId, status: UserStatus) {
        let now = self.clock.now();
        let ended = Ended {
            since: now,
            reason: Description::default(),
        };
        let state = match status {
            UserStatus::Active => UserState::Active,
            UserStatus::Suspended => UserState::Suspended(ended),
            UserStatus::Deleted => UserState::Deleted(now),
        };
        self.write(move |tx| {
            let state = state.clone();
            Box::pin(async move { users::set_state(tx, user, &state).await })
        })
        .await;
    }

    pub(crate) async fn set_member(
        &self,
        user: UserId,
        organization: OrganizationId,
        status: MembershipStatus,
    ) {
        let ended = Ended {
            since: self.clock.now(),
            reason: Description::default(),
        };
        let state = match status {
            MembershipStatus::Active => MembershipState::Active,
            MembershipStatus::Inactive => MembershipState::Inactive(ended),
            MembershipStatus::Suspended => MembershipState::Suspended(ended),
        };
        self.write(move |tx| {
            let state = state.clone();
            Box::pin(async move {
                let member = memberships::member(tx, user, organization).await?;
                let membership = member.and_then(|member| member.membership).unwrap();
                memberships::set_state(tx, membership.id, &state).await
            })
        })
        .await;
    }

    /// Somebody new, in no organization and with none by default; her password is Bob's.
    pub(crate) async fn welcome_carol(&self) -> UserId {
        let now = self.clock.now();
        let carol = User {
            id: random::id(now),
            email: Email::parse(CAROL).unwrap(),
            email_verified: true,
            name: DisplayName::parse("Carol Cook").unwrap(),
            status: UserStatus::Active,
            superuser: false,
            default_organization: None,
        };
        let password = NewPassword::parse(Person::Bob.password()).unwrap();
        let hash = PasswordHasher::start().hash(password).await.unwrap();
        let (user, credential) = (carol.id, random::id(now));
        self.write(move |tx| {
            let (carol, hash) = (carol.clone(), hash.clone());
            Box::pin(async move {
                users::insert(tx, &carol, now).await?;
                let id = credential;
                passwords::insert(tx, carol.id, &StoredPassword { id, hash }, now).await
            })
        })
        .await;
        user
    }

    /// Makes somebody a viewer of one more organization.
    pub(crate) async fn join(&self, user: UserId, organization: OrganizationId) {
        let now = self.clock.now();
        let id = random::id(now);
        self.write(move |tx| {
            Box::pin(async move {
                let role = Some(roles::built_in(tx, BuiltInRole::Viewer).await?.id);
                let new = NewMembership {
                    id,
                    organization,
                    user,
                    role,
                };
                memberships::insert(tx, &new, now).await
            })
        })
        .await;
    }

    /// Gives a member of Acme every permission until a moment.
    pub(crate) async fn lend_everything(&self, user: UserId, until: Timestamp) {
        let grant = Grant {
            ends_at: Some(until),
            ..self.direct(PermissionSet::ALL)
        };
        self.give(user, grant).await;
    }

    /// Gives a member of Acme permissions, on all products or on one.
    pub(crate) async fn grant(&self, user: UserId, permissions: PermissionSet, product: Option<ProductId>) {
        let grant = Grant {
            product,
            ..self.direct(permissions)
        };
        self.give(user, grant).await;
    }

    /// Gives an application of Acme permissions.
    pub(crate) async fn grant_application(&self, application: ApplicationId, permissions: PermissionSet) {
        let (acme, now, grant) = (self.acme.id, self.clock.now(), self.direct(permissions));
        self.write(move |tx| {
            let grant = grant.clone();
            Box::pin(async move {
                let subject = GrantSubject::Application(application);
                grants::insert(tx, acme, subject, &grant, now).await
            })
        })
        .await;
    }

    fn direct(&self, permissions: PermissionSet) -> Grant {
        Grant {
            id: random::id(self.clock.now()),
            origin: GrantOrigin::Direct,
            gives: Gives::Permissions(permissions),
            product: None,
            starts_at: None,
            ends_at: None,
            schedule: None,
        }
    }

    async fn give(&self, user: UserId, grant: Grant) {
        let (acme, now) = (self.acme.id, self.clock.now());
        self.write(move |tx| {
            let grant = grant.clone();
            Box::pin(async move {
                let member = memberships::member(tx, user, acme).await?;
                let membership = member.and_then(|member| member.membership).unwrap();
                grants::insert(tx, acme, GrantSubject::Member(membership.id), &grant, now).await
            })
        })
        .await;
    }

    /// Gives an application permissions of its own in its organization, on one product or all, until a moment or for
    /// good.
    pub(crate) async fn grant_to(
        &self,
        application: ApplicationId,
        permissions: &[Permission],
        product: Option<ProductId>,
        until: Option<Timestamp>,
    ) {
        let now = self.clock.now();
        let grant = Grant {
            id: random::id(now),
            origin: GrantOrigin::Direct,
            gives: Gives::Permissions(permissions.iter().copied().collect()),
            product,
            starts_at: None,
            ends_at: until,
            schedule: None,
        };
        let acme = self.acme.id;
        self.write(move |tx| {
            let grant = grant.clone();
            Box::pin(async move {
                grants::insert(tx, acme, GrantSubject::Application(application), &grant, now).await
            })
        })
        .await;
    }

    /// A product of Acme's.
    pub(crate) async fn product(&self, name: &str) -> ProductId {
        let now = self.clock.now();
        let new = NewProduct {
            id: random::id(now),
            organization: self.acme.id,
            name: OrganizationName::parse(name).unwrap(),
            display_name: DisplayName::parse(name).unwrap(),
        };
        let id = new.id;
        self.write(move |tx| {
            let new = new.clone();
            Box::pin(async move { products::insert(tx, &new, now).await.map(drop) })
        })
        .await;
        id
    }

    /// Puts a member of Acme into a new group.
    pub(crate) async fn join_group(&self, user: UserId, name: &str) {
        let (acme, now) = (self.acme.id, self.clock.now());
        let group = Group {
            id: random::id(now),
            name: DisplayName::parse(name).unwrap(),
            kind: GroupKind::Group,
            description: Description::default(),
            created_at: now,
        };
        self.write(move |tx| {
            let group = group.clone();
            Box::pin(async move {
                groups::insert(tx, acme, &group).await?;
                let member = memberships::member(tx, user, acme).await?;
                let membership = member.and_then(|member| member.membership).unwrap();
                group_members::put(tx, acme, group.id, membership.id, false).await
            })
        })
        .await;
    }

    /// A group of Acme whose members may do this.
    pub(crate) async fn group(&self, name: &str, permissions: PermissionSet) -> GroupId {
        let (acme, now) = (self.acme.id, self.clock.now());
        let group = Group {
            id: random::id(now),
            name: DisplayName::parse(name).unwrap(),
            kind: GroupKind::Group,
            description: Description::default(),
            created_at: now,
        };
        let id = group.id;
        let grant = self.direct(permissions);
        self.write(move |tx| {
            let (group, grant) = (group.clone(), grant.clone());
            Box::pin(async move {
                groups::insert(tx, acme, &group).await?;
                grants::insert(tx, acme, GrantSubject::Group(id), &grant, now).await
            })
        })
        .await;
        id
    }

    /// An administrator ends what a session does for Acme.
    pub(crate) async fn end_activation(&self, sid: &str) {
        let (id, now) = (sid.parse().unwrap(), self.clock.now());
        self.write(move |tx| Box::pin(async move { activations::end(tx, id, now).await.map(drop) }))
            .await;
    }

    /// Somebody takes back what they agreed to at Acme.
    pub(crate) async fn withdraw_consent(&self, user: UserId, application: ApplicationId) {
        let (organization, now) = (self.acme.id, self.clock.now());
        let key = ConsentKey {
            user,
            application,
            organization,
        };
        self.write(move |tx| {
            Box::pin(async move { families::revoke_of_consent(tx, key, now).await.map(drop) })
        })
        .await;
    }

    /// Whether there is still a row of a refresh token.
    pub(crate) async fn knows_refresh_token(&self, token: &str) -> bool {
        let hash = Secret::received(token).hash(Purpose::RefreshToken);
        let mut snapshot = self.snapshot().await;
        refresh_tokens::find(&mut snapshot.tx(), &hash)
            .await
            .unwrap()
            .is_some()
    }

    /// Changes what Acme asks of its members.
    pub(crate) async fn set_policy(&self, policy: Policy, limits: SessionLimits) {
        let (acme, now) = (self.acme.id, self.clock.now());
        self.write(move |tx| {
            let policy = policy.clone();
            Box::pin(async move {
                let settings = security::of(tx, acme).await?.unwrap();
                let settings = Security {
                    policy,
                    session_limits: limits,
                    ..settings
                };
                security::set(tx, acme, &settings, now).await
            })
        })
        .await;
    }

    /// Changes how much of a resource Acme may have.
    pub(crate) async fn limit(&self, resource: Resource, limit: i64) {
        let acme = self.acme.id;
        self.write(move |tx| {
            Box::pin(async move {
                let limits = limits::of(tx, acme).await?.unwrap_or_default();
                limits::set(tx, acme, limits.with(resource, limit)).await
            })
        })
        .await;
    }

    pub(crate) async fn write<F>(&self, f: F)
    where
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, (), StorageError> + Send + Sync + 'static,
    {
        self.db().write(Lane::Instance, f).await.unwrap();
    }
}
