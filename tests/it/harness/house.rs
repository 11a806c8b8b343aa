//! A running Doorward on a free port, with its own database and a clock that stands still until told.

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use doorward::app::Instance;
use doorward::clock::Clock;
use doorward::config::{
    Config, DnsConfig, MailConfig, Mailbox, OutboundConfig, PublicUrl, StorageConfig, WebauthnConfig,
};
use doorward::delivery::PostOffice;
use doorward::domain::time::Timestamp;
use doorward::http;
use doorward::jobs;
use doorward::places::Places;
use doorward::storage::{Db, Snapshot};
use doorward::web::Internal;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::zone::Zone;
use super::{Engine, Person, Visitor, cast, postgres};

/// A running Doorward. It stops when dropped.
pub(crate) struct House {
    /// Where it is: `http://127.0.0.1:…`.
    pub(crate) url: String,
    /// Where it tells how it is.
    pub(crate) internal_url: String,
    /// What it tells there.
    pub(crate) internal: Internal,
    /// What time it is there.
    pub(crate) clock: Clock,
    /// What runs.
    pub(crate) instance: Instance,
    /// Acme: Alice owns it, Bob is an operator.
    pub(crate) acme: cast::Acme,
    /// What delivers letters, when told: into [`Self::mail`] unless the story has a relay.
    pub(crate) office: PostOffice,
    /// What DNS says there.
    pub(crate) zone: Zone,
    pub(super) config: Config,
    _stop: [oneshot::Sender<()>; 2],
    _database: Option<postgres::Database>,
    folder: TempDir,
}

impl House {
    /// A house with the cast in it.
    pub(crate) async fn open(engine: Engine) -> Self {
        Self::open_with(engine, |_| {}).await
    }

    /// A house with other settings.
    pub(crate) async fn open_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        // 2026-11-22T09:30:00Z, a Sunday.
        let clock = Clock::standing_at(Timestamp::from_millis(1_795_339_800_000));
        Self::open_at(engine, clock, change).await
    }

    /// A house at another time, as RFC 3339 has it.
    pub(crate) async fn open_on(engine: Engine, time: &str) -> Self {
        Self::open_at(engine, Clock::standing_at(time.parse().unwrap()), |_| {}).await
    }

    /// A house with the machine's clock, for guests who look at their own.
    pub(crate) async fn open_today(engine: Engine) -> Self {
        Self::open_today_with(engine, |_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn open_today_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        Self::open_at(engine, Clock::system(), change).await
    }

    async fn open_at(engine: Engine, clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (storage, database) = engine.storage(&folder).await;
        let instance = Instance::open(&storage, clock.clone()).await.unwrap();
        let acme = cast::seed(&instance).await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let internal_listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let internal_address = internal_listener.local_addr().unwrap();
        let zone = Zone::start().await;
        let mut config = Config {
            keep_days: None,
            listen: address,
            internal_listen: internal_address,
            public_url: PublicUrl::parse(&format!("http://{address}")).unwrap(),
            trusted_proxies: Vec::new(),
            requests_per_minute: 6_000,
            self_service: false,
            storage,
            mail: MailConfig {
                relay: None,
                relay_ca: None,
                from: Mailbox::parse("Doorward <doorward@id.example.com>").unwrap(),
                folder: folder.path().join("mail"),
            },
            breached_list: None,
            places: Places::default(),
            sms: None,
            webauthn: WebauthnConfig::default(),
            outbound: OutboundConfig::default().and_loopback(),
            dns: DnsConfig {
                servers: vec![zone.address],
            },
        };
        change(&mut config);
        let office = instance.post_office(&config, None).unwrap();
        let state = instance.state(config.clone()).unwrap();
        let internal = Internal::starting(clock.clone());
        internal.is_running(instance.running());
        tokio::spawn(jobs::write_observations(
            instance.observations.clone(),
            clock.clone(),
        ));
        let stop = [
            until_dropped(|stop| http::serve(listener, state, stop)),
            until_dropped(|stop| http::serve_internal(internal_listener, internal.clone(), stop)),
        ];
        let url = format!("http://{address}");
        Self {
            url,
            internal_url: format!("http://{internal_address}"),
            internal,
            clock,
            instance,
            acme,
            office,
            zone,
            config,
            _stop: stop,
            _database: database,
            folder,
        }
    }

    /// Its database.
    pub(crate) fn db(&self) -> &Db {
        &self.instance.db
    }

    /// Where its database is.
    pub(crate) fn storage(&self) -> &StorageConfig {
        &self.config.storage
    }

    /// A look into the database.
    pub(crate) async fn snapshot(&self) -> Snapshot {
        self.instance.db.snapshot().await.unwrap()
    }

    /// The folder where letters land.
    pub(crate) fn mail(&self) -> PathBuf {
        self.folder.path().join("mail/new")
    }

    /// Somebody with a browser of their own.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(&self.url)
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Somebody of the cast, signed in, in a browser of their own.
    pub(crate) async fn signed_in(&self, person: Person) -> Visitor {
        let visitor = self.visitor();
        let answer = visitor.sign_in(person).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        visitor
    }
}

/// Runs a server that stops when the answer is dropped.
pub(super) fn until_dropped<S>(
    serve: impl FnOnce(Pin<Box<dyn Future<Output = ()> + Send>>) -> S,
) -> oneshot::Sender<()>
where
    S: Future<Output = ()> + Send + 'static,
{
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(serve(Box::pin(async move {
        let _told = stopped.await;
    })));
    stop
}
