//! One of each thing that is stored, with every optional part absent; a test fills in what it is about.

use doorward::domain::access::{Gives, Grant, GrantOrigin, GroupKind, PermissionSet, Policy};
use doorward::domain::description::Description;
use doorward::domain::id::{ActivationId, ApplicationId, CredentialId, OrganizationId, UserId};
use doorward::domain::membership::{MembershipState, MembershipStatus};
use doorward::domain::network::Network;
use doorward::domain::oauth::{
    Answer, Application, AuthorizationCode, AuthorizationRequest, ClientAuthentication, CodeRequest, Family,
    GrantType, OpenTo, Prompt, RedirectUri, Scope,
};
use doorward::domain::organization::{Organization, OrganizationName};
use doorward::domain::secret::{Purpose, Secret, SecretHash};
use doorward::domain::session::{
    Authentication, FactorRules, Method, Proof, ProofSource, Session, SessionLimits,
};
use doorward::domain::sign_in::{Onward, SignIn, Step};
use doorward::domain::signing_key::SigningAlgorithm;
use doorward::domain::text::DisplayName;
use doorward::domain::time::Timestamp;
use doorward::domain::user::{User, UserState, UserStatus};
use doorward::random;
use doorward::storage::authorization_requests::WaitingRequest;
use doorward::storage::groups::Group;
use doorward::storage::sessions::SessionOrigin;

use super::Store;

/// 2026-11-22T09:30:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_339_800_000);

/// What is stored of a secret that a test can spell.
pub(crate) fn hash(secret: &str, purpose: Purpose) -> SecretHash {
    Secret::received(secret).hash(purpose)
}

pub(crate) fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

pub(crate) fn network(text: &str) -> Network {
    Network::of(text.parse().unwrap())
}

pub(crate) fn organization(slug: &str) -> Organization {
    Organization {
        id: random::id(NOW),
        name: OrganizationName::parse(slug).unwrap(),
        display_name: name("Acme GmbH & Co"),
        policy: Policy {
            ip_allowlist: Vec::new(),
            ..Policy::default()
        },
        session_limits: SessionLimits::INSTANCE,
        factors: FactorRules::default(),
    }
}

pub(crate) fn user(email: &str) -> User {
    User {
        id: random::id(NOW),
        email: email.parse().unwrap(),
        email_verified: false,
        name: name("Alice Archer"),
        status: UserStatus::Active,
        superuser: false,
        default_organization: None,
    }
}

/// A state in which nobody's account may be used.
pub(crate) fn suspended_user() -> UserState {
    UserState::Active
        .suspend(Description::parse("a test").unwrap(), NOW)
        .unwrap()
}

/// A state in which a membership lets nobody act.
pub(crate) fn suspended_member() -> MembershipState {
    let reason = Description::parse("a test").unwrap();
    MembershipState::Active
        .changed_to(MembershipStatus::Suspended, reason, NOW)
        .unwrap()
}

pub(crate) fn application(organization: OrganizationId) -> Application {
    Application {
        id: random::id(NOW),
        organization,
        name: name("Acme Fleet"),
        authentication: ClientAuthentication::Public,
        redirect_uris: vec![RedirectUri::register("https://fleet.acme.example/callback").unwrap()],
        post_logout_redirect_uris: Vec::new(),
        scope: scope("openid"),
        resources: Vec::new(),
        grant_types: vec![GrantType::AuthorizationCode],
        admin_api: false,
        id_token_on_refresh: false,
        id_token_algorithm: SigningAlgorithm::Rs256,
        require_pkce: true,
        require_nonce: false,
        first_party: false,
        open_to: OpenTo::OwnMembers,
    }
}

pub(crate) fn proof() -> Proof {
    let credential: CredentialId = random::id(NOW);
    Proof {
        method: Method::Password,
        source: ProofSource::Own(credential),
        at: NOW,
        remembered: false,
    }
}

pub(crate) fn session(user: UserId) -> Session {
    Session {
        id: random::id(NOW),
        user,
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW.plus(SessionLimits::INSTANCE.max),
        proofs: vec![proof()],
    }
}

pub(crate) fn origin() -> SessionOrigin {
    SessionOrigin {
        address: "192.0.2.1".to_owned(),
        user_agent: "Netscape 4".to_owned(),
    }
}

pub(crate) fn code(store: &Store) -> AuthorizationCode {
    AuthorizationCode {
        family: random::id(NOW),
        application: store.fleet,
        user: store.alice,
        organization: store.acme,
        activation: store.activation,
        redirect_uri: "https://fleet.acme.example/callback".to_owned(),
        scope: scope("openid"),
        resources: Vec::new(),
        nonce: None,
        code_challenge: None,
        created_at: NOW,
        expires_at: NOW.plus(AuthorizationCode::LIFETIME),
    }
}

pub(crate) fn family(store: &Store) -> Family {
    let activation: ActivationId = store.activation;
    Family {
        id: random::id(NOW),
        application: store.fleet,
        user: store.alice,
        organization: store.acme,
        activation,
        scope: scope("openid profile"),
        resources: vec!["https://api.acme.example".to_owned()],
        authentication: Authentication {
            at: NOW,
            acr: "aal1".to_owned(),
            amr: vec!["pwd".to_owned()],
        },
        offline: true,
        expires_at: NOW.plus(Family::OFFLINE_LIFETIME),
        revoked_at: None,
    }
}

pub(crate) fn waiting(application: ApplicationId) -> WaitingRequest {
    WaitingRequest {
        id: random::id(NOW),
        application,
        request: AuthorizationRequest {
            answer: Answer::Code(CodeRequest {
                redirect_uri: "https://fleet.acme.example/callback".to_owned(),
                state: None,
                nonce: None,
                code_challenge: None,
                resources: Vec::new(),
            }),
            hinted_user: None,
            scope: scope("openid"),
            prompt: Prompt::default(),
            max_age: None,
            acr: None,
            login_hint: None,
            organization: None,
        },
        chosen_organization: None,
        put_off: false,
        created_at: NOW,
    }
}

pub(crate) fn sign_in() -> SignIn {
    SignIn {
        id: random::id(NOW),
        browser: hash("a browser", Purpose::Browser),
        step: Step::identified("alice@acme.example".parse().unwrap()),
        onward: Onward::Home,
        expires_at: NOW.plus(SignIn::LIFETIME),
    }
}

pub(crate) fn group(name: &str) -> Group {
    Group {
        id: random::id(NOW),
        name: self::name(name),
        kind: GroupKind::Team,
        description: Description::default(),
        created_at: NOW,
    }
}

pub(crate) fn grant() -> Grant {
    Grant {
        id: random::id(NOW),
        origin: GrantOrigin::Direct,
        gives: Gives::Permissions(PermissionSet::EMPTY),
        product: None,
        starts_at: None,
        ends_at: None,
        schedule: None,
    }
}
