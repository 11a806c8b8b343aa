//! What a server is measured with: an organization, its applications, and one person for each connection.

use std::path::Path;
use std::process::Command;

use doorward::app::Instance;
use doorward::clock::Clock;
use doorward::config::StorageConfig;
use doorward::domain::access::BuiltInRole;
use doorward::domain::email::Email;
use doorward::domain::id::OrganizationId;
use doorward::domain::oauth::{Application, ClientAuthentication, GrantType, OpenTo, RedirectUri, Scope};
use doorward::domain::secret::{Purpose, Secret};
use doorward::domain::signing_key::SigningAlgorithm;
use doorward::domain::text::DisplayName;
use doorward::domain::user::{User, UserStatus};
use doorward::random;
use doorward::sign_in::{NewPassword, PasswordHasher};
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::passwords::{self, StoredPassword};
use doorward::storage::{Lane, StorageError, applications, roles, users};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::postgres;

/// How many people there are: as many as there are connections at most.
pub(crate) const PEOPLE: usize = 64;
/// Everybody's password.
pub(crate) const PASSWORD: &str = "the door is open to all";
/// Where the application is.
pub(crate) const CALLBACK: &str = "https://fleet.acme.example/callback";
/// The application's secret.
pub(crate) const SECRET: &str = "fleet-secret-0123456789-0123456789-0123456789";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A data folder, and the database that belongs to it.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) engine: Engine,
    database: Option<postgres::Database>,
}

impl Engine {
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The address of one of the people.
pub(crate) fn email(person: usize) -> String {
    format!("person-{person}@acme.example")
}

impl Place {
    /// An empty one.
    pub(crate) async fn new(engine: Engine) -> Self {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(durable(postgres::database().await).await),
        };
        Self {
            folder: tempfile::tempdir().unwrap(),
            engine,
            database,
        }
    }

    /// What tells `doorward` where it is.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let config = self.config();
        let mut variables = vec![(
            "DOORWARD_STORAGE__DATA_DIR",
            config.data_dir.display().to_string(),
        )];
        variables.extend(
            config
                .database_url
                .map(|url| ("DOORWARD_STORAGE__DATABASE_URL", url)),
        );
        variables
    }

    pub(crate) fn config(&self) -> StorageConfig {
        let data_dir = self.folder.path().join("data");
        StorageConfig {
            keys_dir: data_dir.join("keys"),
            data_dir,
            database_url: self.database.as_ref().map(|database| database.url().to_owned()),
        }
    }

    /// Puts everybody in; answers the application's `client_id`.
    pub(crate) async fn fill(&self) -> String {
        let (acme, _) = self.set_up();
        let instance = Instance::open(&self.config(), Clock::system()).await.unwrap();
        let now = instance.clock.now();
        let application = application(acme, &instance);
        let id = application.id.to_string();
        let hash = PasswordHasher::start()
            .hash(NewPassword::parse(PASSWORD).unwrap())
            .await
            .unwrap();
        let people: Vec<_> = (0..PEOPLE)
            .map(|number| {
                let user = person(number, &instance);
                let password = StoredPassword {
                    id: random::id(now),
                    hash: hash.clone(),
                };
                (user, password, random::id(now))
            })
            .collect();
        let work = instance.db.write(Lane::Instance, move |tx| {
            let (application, people) = (application.clone(), people.clone());
            Box::pin(async move {
                applications::insert(tx, &application, now).await?;
                let role = roles::built_in(tx, BuiltInRole::Operator).await?.id;
                for (user, password, membership) in people {
                    users::insert(tx, &user, now).await?;
                    passwords::insert(tx, user.id, &password, now).await?;
                    let new = NewMembership {
                        id: membership,
                        organization: acme,
                        user: user.id,
                        role: Some(role),
                    };
                    memberships::insert(tx, &new, now).await?;
                }
                Ok(())
            })
        });
        let filled: Result<(), StorageError> = work.await;
        filled.unwrap();
        instance.db.close().await;
        id
    }

    /// `doorward setup`; answers which organization it made, and its owner's key.
    pub(crate) fn set_up(&self) -> (OrganizationId, String) {
        let file = self.folder.path().join("password");
        std::fs::write(&file, PASSWORD).unwrap();
        let done = Command::new(Path::new(env!("CARGO_BIN_EXE_doorward")))
            .args(["setup", "--email", "owner@acme.example", "--organization", "Acme"])
            .args(["--output", "json", "--password-file"])
            .arg(file)
            .envs(self.environment())
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let organization = text(&told["organization"]["id"]).parse().unwrap();
        (organization, text(&told["api_key"]))
    }
}

/// Tests don't need their PostgreSQL to survive a power cut; what is measured here does.
async fn durable(database: postgres::Database) -> postgres::Database {
    let mut administrator = PgConnection::connect(database.url()).await.unwrap();
    for statement in [
        "ALTER SYSTEM SET fsync = on",
        "ALTER SYSTEM SET full_page_writes = on",
        "SELECT pg_reload_conf()",
    ] {
        sqlx::raw_sql(statement)
            .execute(&mut administrator)
            .await
            .unwrap();
    }
    administrator.close().await.unwrap();
    database
}

fn person(number: usize, instance: &Instance) -> User {
    User {
        id: random::id(instance.clock.now()),
        email: Email::parse(&email(number)).unwrap(),
        email_verified: true,
        name: DisplayName::parse(&format!("Person {number}")).unwrap(),
        status: UserStatus::Active,
        superuser: false,
        default_organization: None,
    }
}

/// Confidential, and the operator's own: nobody is asked for consent.
fn application(organization: OrganizationId, instance: &Instance) -> Application {
    Application {
        id: random::id(instance.clock.now()),
        organization,
        name: DisplayName::parse("Acme Fleet").unwrap(),
        authentication: ClientAuthentication::Basic(Secret::received(SECRET).hash(Purpose::ClientSecret)),
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ],
        admin_api: false,
        id_token_on_refresh: false,
        redirect_uris: vec![RedirectUri::register(CALLBACK).unwrap()],
        post_logout_redirect_uris: Vec::new(),
        scope: Scope::parse("openid profile email offline_access device:read").unwrap(),
        resources: Vec::new(),
        id_token_algorithm: SigningAlgorithm::Es256,
        require_pkce: true,
        require_nonce: false,
        first_party: true,
        open_to: OpenTo::OwnMembers,
    }
}
