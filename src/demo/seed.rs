//! What a demo starts with: Acme, one person per role, two products, a group, and the sample application.

use super::{Demo, DemoApplication, DemoError, DemoUser};
use crate::directory::organizations::NewOrganization;
use crate::directory::setup::{self, FirstOwner};
use crate::directory::users::NewUser;
use crate::directory::{
    DirectoryError, Requester, applications, grants, groups, products, require, require_superuser, users,
};
use crate::domain::access::{BuiltInRole, Gives, Grant, GrantOrigin, GroupKind, Permission};
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::oauth::{Application, ClientAuthentication, GrantType, OpenTo, RedirectUri, Scope};
use crate::domain::organization::OrganizationName;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::signing_key::SigningAlgorithm;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::sign_in::{NewPassword, PasswordHasher};
use crate::storage::grants::GrantSubject;
use crate::storage::groups::Group;
use crate::storage::products::NewProduct;
use crate::storage::{Db, Lane, Tx};

const PEOPLE: [(&str, &str, BuiltInRole); 6] = [
    ("Alice Archer", "alice@acme.example", BuiltInRole::Owner),
    ("Amir Aslan", "amir@acme.example", BuiltInRole::Admin),
    ("Maria Mora", "maria@acme.example", BuiltInRole::Manager),
    ("Dana Duval", "dana@acme.example", BuiltInRole::Developer),
    ("Bob Becker", "bob@acme.example", BuiltInRole::Operator),
    ("Vera Vance", "vera@acme.example", BuiltInRole::Viewer),
];

/// All that is drawn and hashed before the transaction.
#[derive(Clone)]
struct Drawn {
    owner: FirstOwner,
    others: Vec<(NewUser, BuiltInRole)>,
    products: Vec<NewProduct>,
    group: Group,
    group_grant: Grant,
    application: Application,
}

/// Makes it all, in one transaction, by the same use cases as everybody.
pub(super) async fn seed(
    db: &Db,
    keyring: &Keyring,
    doorward: &str,
    sample: &str,
    now: Timestamp,
) -> Result<Demo, DemoError> {
    let hasher = PasswordHasher::start();
    let mut people = Vec::new();
    let mut shown = Vec::new();
    for (name, email, role) in PEOPLE {
        let password = readable_password();
        let new = NewPassword::parse(&password).expect("19 characters are enough");
        let hash = hasher.hash(new).await?;
        let superuser = role == BuiltInRole::Owner;
        people.push((
            NewUser::draw(email_of(email), display(name), hash, superuser, now),
            role,
        ));
        shown.push(DemoUser {
            email: email.to_owned(),
            password,
            role: role.name().to_owned(),
        });
    }
    let secret = random::secret();
    let drawn = draw(people, &secret, sample, now);
    let application = drawn.application.id;
    let keyring = keyring.clone();
    let work = db.write(Lane::Instance, move |tx| {
        let (drawn, keyring) = (drawn.clone(), keyring.clone());
        Box::pin(async move { make(tx, &keyring, &drawn, now).await })
    });
    let made: Result<(), DirectoryError> = work.await;
    made?;
    Ok(Demo {
        doorward: doorward.to_owned(),
        sample: sample.to_owned(),
        users: shown,
        application: DemoApplication {
            client_id: application.to_string(),
            client_secret: secret.expose().to_owned(),
        },
    })
}

fn draw(mut people: Vec<(NewUser, BuiltInRole)>, secret: &Secret, sample: &str, now: Timestamp) -> Drawn {
    let (owner, _) = people.remove(0);
    let acme = NewOrganization {
        id: random::id(now),
        name: slug("acme"),
        display_name: display("Acme"),
    };
    let product = |name: &str, display_name: &str| NewProduct {
        id: random::id(now),
        organization: acme.id,
        name: slug(name),
        display_name: display(display_name),
    };
    let products = vec![product("rover", "Rover"), product("lantern", "Lantern")];
    let group_grant = Grant {
        id: random::id(now),
        origin: GrantOrigin::Direct,
        gives: Gives::Permissions(
            [Permission::FirmwareWrite, Permission::DeploymentWrite]
                .into_iter()
                .collect(),
        ),
        product: products.first().map(|rover| rover.id),
        starts_at: None,
        ends_at: None,
        schedule: None,
    };
    let application = Application {
        id: random::id(now),
        organization: acme.id,
        name: display("Acme Fleet"),
        authentication: ClientAuthentication::Basic(secret.hash(Purpose::ClientSecret)),
        redirect_uris: vec![uri(&format!("{sample}/callback"))],
        post_logout_redirect_uris: vec![uri(&format!("{sample}/"))],
        scope: Scope::parse("openid profile email").expect("a valid scope"),
        resources: Vec::new(),
        grant_types: vec![GrantType::AuthorizationCode],
        admin_api: false,
        id_token_on_refresh: false,
        id_token_algorithm: SigningAlgorithm::Rs256,
        require_pkce: true,
        require_nonce: true,
        first_party: false,
        open_to: OpenTo::OwnMembers,
    };
    Drawn {
        owner: FirstOwner {
            organization: acme,
            user: owner,
            key: None,
        },
        others: people,
        products,
        group: Group {
            id: random::id(now),
            name: display("Field team"),
            kind: GroupKind::Team,
            description: Description::default(),
            created_at: now,
        },
        group_grant,
        application,
    }
}

async fn make(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    drawn: &Drawn,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    setup::first_owner(tx, keyring, &drawn.owner, now).await?;
    let acme = drawn.owner.organization.id;
    let alice = Requester::on_the_host(drawn.owner.user.id, keyring, now);
    let above = require_superuser(tx, &alice).await?;
    for (user, role) in &drawn.others {
        users::create_member(tx, &above, keyring, acme, user, *role, now).await?;
    }
    for product in &drawn.products {
        let permit = require(tx, &alice, acme, Permission::ProductCreate).await?;
        products::create(tx, &permit, keyring, product, now).await?;
    }
    let permit = require(tx, &alice, acme, Permission::GroupWrite).await?;
    let operators = drawn
        .others
        .iter()
        .filter(|(_, role)| *role == BuiltInRole::Operator);
    let members: Vec<_> = operators.map(|(user, _)| user.membership()).collect();
    groups::create(tx, &permit, keyring, &drawn.group, &members, now).await?;
    let permit = require(tx, &alice, acme, Permission::RoleWrite).await?;
    let field_team = GrantSubject::Group(drawn.group.id);
    grants::give(tx, &permit, keyring, field_team, &drawn.group_grant, now).await?;
    let permit = require(tx, &alice, acme, Permission::ApplicationWrite).await?;
    applications::register(tx, &permit, keyring, &drawn.application, now).await
}

/// Four groups of four from 32 letters and digits that can't be mistaken for one another: 80 random bits.
fn readable_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let drawn = random::bytes::<16>();
    let letters: Vec<char> = drawn
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-")
}

fn display(text: &str) -> DisplayName {
    DisplayName::parse(text).expect("a valid name")
}

fn slug(text: &str) -> OrganizationName {
    OrganizationName::parse(text).expect("a valid slug")
}

fn email_of(text: &str) -> Email {
    Email::parse(text).expect("a valid address")
}

fn uri(text: &str) -> RedirectUri {
    RedirectUri::register(text).expect("a loopback address")
}
