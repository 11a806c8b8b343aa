//! The cast: Alice owns Acme, Bob is an operator there, Mallory owns Umbrella and is nobody at Acme. And the
//! applications they use.

use std::sync::OnceLock;

use doorward::app::Instance;
use doorward::directory::organizations::NewOrganization;
use doorward::directory::setup::{self, FirstOwner};
use doorward::directory::users::NewUser;
use doorward::directory::{
    DirectoryError, Requester, applications, organizations, require, require_superuser, users,
};
use doorward::domain::access::{BuiltInRole, Permission};
use doorward::domain::email::Email;
use doorward::domain::id::{ApplicationId, OrganizationId, UserId};
use doorward::domain::oauth::{Application, ClientAuthentication, GrantType, OpenTo, RedirectUri, Scope};
use doorward::domain::organization::OrganizationName;
use doorward::domain::secret::{Purpose, Secret};
use doorward::domain::signing_key::SigningAlgorithm;
use doorward::domain::text::DisplayName;
use doorward::random;
use doorward::sign_in::{NewPassword, PasswordHasher};
use doorward::storage::Lane;

/// Somebody of the cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Person {
    /// Owns Acme, and is the instance's superuser.
    Alice,
    /// An operator at Acme.
    Bob,
    /// Owns Umbrella; a stranger at Acme.
    Mallory,
}

impl Person {
    pub(crate) fn email(self) -> &'static str {
        match self {
            Self::Alice => "alice@acme.example",
            Self::Bob => "bob@acme.example",
            Self::Mallory => "mallory@umbrella.example",
        }
    }

    pub(crate) fn password(self) -> &'static str {
        match self {
            Self::Alice => "alice keeps the keys",
            Self::Bob => "bob drives the rover",
            Self::Mallory => "mallory likes doors",
        }
    }
}

/// Acme and who is around it.
#[derive(Debug, Clone)]
pub(crate) struct Acme {
    pub(crate) id: OrganizationId,
    pub(crate) umbrella: OrganizationId,
    pub(crate) alice: UserId,
    pub(crate) bob: UserId,
    /// Confidential, with consent: `client_secret_basic`, secret [`SECRET`].
    pub(crate) fleet: ApplicationId,
    /// Confidential and the operator's own: no consent.
    pub(crate) desk: ApplicationId,
    /// Public and native: `http://127.0.0.1/done` on any port.
    pub(crate) pocket: ApplicationId,
    /// Umbrella's, confidential, without consent.
    pub(crate) parasol: ApplicationId,
}

/// The secret of every confidential application in tests.
pub(crate) const SECRET: &str = "fleet-secret-0123456789-0123456789-0123456789";

/// Where the confidential applications are.
pub(crate) const CALLBACK: &str = "https://fleet.acme.example/callback";

/// The resource that Fleet may ask tokens for.
pub(crate) const RESOURCE: &str = "https://api.acme.example";

/// An application as most tests need it; change what the story is about.
pub(crate) fn client_of(organization: OrganizationId, name: &str, instance: &Instance) -> Application {
    Application {
        id: random::id(instance.clock.now()),
        organization,
        name: DisplayName::parse(name).unwrap(),
        authentication: ClientAuthentication::Basic(Secret::received(SECRET).hash(Purpose::ClientSecret)),
        redirect_uris: vec![RedirectUri::register(CALLBACK).unwrap()],
        post_logout_redirect_uris: Vec::new(),
        scope: Scope::parse("openid profile email device:read").unwrap(),
        resources: vec![RESOURCE.to_owned()],
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        admin_api: false,
        id_token_on_refresh: false,
        id_token_algorithm: SigningAlgorithm::Rs256,
        require_pkce: true,
        require_nonce: false,
        first_party: true,
        open_to: OpenTo::OwnMembers,
    }
}

/// Puts the cast into a new house.
pub(crate) async fn seed(instance: &Instance) -> Acme {
    let now = instance.clock.now();
    let [alice, bob, mallory] = hashes().await;
    let draw = |person: Person, name: &str, hash: &str, superuser| {
        let (email, name) = (
            Email::parse(person.email()).unwrap(),
            DisplayName::parse(name).unwrap(),
        );
        NewUser::draw(email, name, hash.to_owned(), superuser, now)
    };
    let alice = draw(Person::Alice, "Alice Archer", alice, true);
    let bob = draw(Person::Bob, "Bob Becker", bob, false);
    let mallory = draw(Person::Mallory, "Mallory Marsh", mallory, false);
    let (acme, umbrella) = (
        organization("acme", "Acme", instance),
        organization("umbrella", "Umbrella", instance),
    );

    let fleet = Application {
        first_party: false,
        ..client_of(acme.id, "Acme Fleet", instance)
    };
    let desk = client_of(acme.id, "Acme Desk", instance);
    let native = RedirectUri::register("http://127.0.0.1/done").unwrap();
    let pocket = Application {
        authentication: ClientAuthentication::Public,
        redirect_uris: vec![native],
        ..client_of(acme.id, "Acme Pocket", instance)
    };
    let parasol = client_of(umbrella.id, "Parasol", instance);
    let cast = Acme {
        id: acme.id,
        umbrella: umbrella.id,
        alice: alice.id,
        bob: bob.id,
        fleet: fleet.id,
        desk: desk.id,
        pocket: pocket.id,
        parasol: parasol.id,
    };

    let keyring = instance.keyring.clone();
    let work = instance.db.write(Lane::Instance, move |tx| {
        let owner = FirstOwner {
            organization: acme.clone(),
            user: alice.clone(),
            key: None,
        };
        let (bob, mallory, umbrella, keyring) =
            (bob.clone(), mallory.clone(), umbrella.clone(), keyring.clone());
        let registered = [fleet.clone(), desk.clone(), pocket.clone(), parasol.clone()];
        Box::pin(async move {
            setup::first_owner(tx, &keyring, &owner, now).await?;
            let alice = Requester::on_the_host(owner.user.id, &keyring, now);
            let above = require_superuser(tx, &alice).await?;
            let home = owner.organization.id;
            users::create_member(tx, &above, &keyring, home, &bob, BuiltInRole::Operator, now).await?;
            organizations::create(tx, &above, &keyring, &umbrella, now).await?;
            users::create_member(
                tx,
                &above,
                &keyring,
                umbrella.id,
                &mallory,
                BuiltInRole::Owner,
                now,
            )
            .await?;
            for application in &registered {
                let place = application.organization;
                let permit = require(tx, &alice, place, Permission::ApplicationWrite).await?;
                applications::register(tx, &permit, &keyring, application, now).await?;
            }
            Ok(())
        })
    });
    let seeded: Result<(), DirectoryError> = work.await;
    seeded.unwrap();
    cast
}

fn organization(name: &str, display_name: &str, instance: &Instance) -> NewOrganization {
    NewOrganization {
        id: random::id(instance.clock.now()),
        name: OrganizationName::parse(name).unwrap(),
        display_name: DisplayName::parse(display_name).unwrap(),
    }
}

/// The cast's passwords, hashed once for the whole run.
pub(super) async fn hashes() -> [&'static str; 3] {
    static HASHES: OnceLock<[String; 3]> = OnceLock::new();
    if HASHES.get().is_none() {
        let hasher = PasswordHasher::start();
        let mut made = Vec::new();
        for person in [Person::Alice, Person::Bob, Person::Mallory] {
            made.push(
                hasher
                    .hash(NewPassword::parse(person.password()).unwrap())
                    .await
                    .unwrap(),
            );
        }
        let _another_was_first = HASHES.set(made.try_into().unwrap());
    }
    HASHES.get().unwrap().each_ref().map(String::as_str)
}
