//! `doorward serve`: the server.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::storage_flags::StorageFlags;
use super::{Failure, logging};
use crate::app::Instance;
use crate::clock::Clock;
use crate::config::private_file;
use crate::config::{Config, PublicUrl, Setting};
use crate::delivery::Shelf;
use crate::demo::{self, Demo};
use crate::directory::claim;
use crate::directory::credentials::password_reset::ResetLinks;
use crate::directory::invitations::Link;
use crate::directory::setup;
use crate::http;
use crate::jobs;
use crate::random;
use crate::web::Internal;

/// How long letters that are on their way are waited for at the end.
const LAST_POST: Duration = Duration::from_secs(10);

/// Run the server
#[derive(Args)]
#[command(after_help = "Example:\n  doorward serve --public-url https://id.example.com")]
pub(super) struct Serve {
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where to answer health checks and metrics [default: 127.0.0.1:9180]
    #[arg(long, value_name = "ADDRESS")]
    internal_listen: Option<String>,
    /// The address that the world sees [default: localhost and the port, by http]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    #[command(flatten)]
    storage: StorageFlags,
    /// Try it out: an organization, its people and a sample application, on this machine only
    #[arg(long)]
    demo: bool,
    /// Where the sample application listens
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8081",
        requires = "demo"
    )]
    demo_listen: SocketAddr,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        logging::start();
        let mut sources = self.storage.sources()?;
        for (setting, value) in [
            (Setting::Listen, self.listen),
            (Setting::InternalListen, self.internal_listen),
            (Setting::PublicUrl, self.public_url),
        ] {
            if let Some(value) = value {
                sources.set(setting, value);
            }
        }
        let mut config = Config::read(&sources)?;
        if self.demo {
            Demo::require_loopback(config.listen, self.demo_listen)?;
            config.outbound = config.outbound.and_loopback();
        }
        let listener = bind(config.listen, "--listen").await?;
        let address = local_address(&listener)?;
        let clock = Clock::system();
        let watchers = Watchers::open(config.internal_listen, Internal::starting(clock.clone())).await?;
        if sources.get(Setting::PublicUrl).is_none() {
            config.public_url = PublicUrl::of_localhost(address.port());
        }
        let instance = Instance::open(&config.storage, clock).await?;

        let (stop, stopped) = watch::channel(false);
        let shown = self.demo.then(Shelf::default);
        let sample = if let Some(shown) = shown.clone() {
            let listener = bind(self.demo_listen, "--demo-listen").await?;
            let demo = Demo::prepare(
                &instance.db,
                &instance.keyring,
                &config,
                local_address(&listener)?,
                instance.clock.now(),
            )
            .await?;
            if std::io::stdout().is_terminal() {
                say(&demo.welcome(&config.public_url));
            } else {
                tracing::info!(file = %Demo::file(&config).display(), "the demo's people are listed in this file");
            }
            Some(tokio::spawn(demo::sample::serve(
                listener,
                demo.sample_settings(&config.public_url, shown),
                until(stopped.clone()),
            )))
        } else {
            offer_claim(&instance, &config).await?;
            None
        };
        let state = instance.state(config.clone())?;
        let jobs = run_jobs(&instance, &config);
        let looking = tokio::spawn(jobs::look_elsewhere(
            instance.db.clone(),
            instance.keyring.clone(),
            state.outbound.clone(),
            state.dns.clone(),
            instance.clock.clone(),
        ));
        let writing = tokio::spawn(jobs::write_observations(
            instance.observations.clone(),
            instance.clock.clone(),
        ));
        let keeping = keep_the_log(&instance, &config);
        let office = instance.post_office(&config, shown)?;
        let asking = answer_for_lost_passwords(&instance, &config);
        let delivering = tokio::spawn(jobs::deliver_letters(office, stopped.clone()));
        let signalled = listen_for_signals()?;
        let internal = watchers.internal.clone();
        tokio::spawn(async move {
            signalled.await;
            internal.is_stopping();
            stop.send_replace(true);
        });

        random::gather();
        watchers.internal.is_running(instance.running());
        announce(&config, address, watchers.address);
        http::serve(listener, state, until(stopped)).await;
        jobs.abort();
        looking.abort();
        asking.abort();
        last_post(delivering).await;
        if let Some(sample) = sample
            && let Ok(Err(error)) = sample.await
        {
            tracing::warn!(%error, "the sample application stopped badly");
        }
        if let Err(error) = instance.key_uses.write_down(&instance.db).await {
            tracing::warn!(%error, "can't note how API keys were used last");
        }
        writing.abort();
        keeping.iter().for_each(JoinHandle::abort);
        close_the_log(&instance).await;
        instance.db.close().await;
        watchers.close().await;
        tracing::info!("Doorward is closed");
        Ok(())
    }
}

/// Says in the log that the house is open, and what may be amiss.
fn announce(config: &Config, address: SocketAddr, internal: SocketAddr) {
    if config.public_url.is_secure() && config.trusted_proxies.is_empty() {
        tracing::warn!(
            "https, but no trusted_proxies: to Doorward everybody comes from the proxy's own address"
        );
    }
    tracing::info!(
        %address,
        %internal,
        public_url = config.public_url.as_str(),
        "Doorward is open"
    );
}

fn answer_for_lost_passwords(instance: &Instance, config: &Config) -> JoinHandle<()> {
    tokio::spawn(jobs::answer_for_lost_passwords(
        instance.db.clone(),
        instance.keyring.clone(),
        ResetLinks::to(&config.public_url),
        instance.clock.clone(),
    ))
}

fn run_jobs(instance: &Instance, config: &Config) -> JoinHandle<()> {
    tokio::spawn(jobs::run(
        instance.db.clone(),
        instance.keyring.clone(),
        instance.clock.clone(),
        instance.key_uses.clone(),
        Link::to(&config.public_url),
    ))
}

/// Seals the audit log, and forgets what is too old where that is wanted.
fn keep_the_log(instance: &Instance, config: &Config) -> Vec<JoinHandle<()>> {
    let (db, keyring) = (&instance.db, &instance.keyring);
    let sealing = jobs::seal_the_log(instance.sealer(), instance.clock.clone());
    let forgetting = config
        .keep_days
        .map(|days| jobs::forget_the_log(db.clone(), keyring.clone(), days, instance.clock.clone()));
    let jobs = forgetting.map(tokio::spawn);
    std::iter::once(tokio::spawn(sealing)).chain(jobs).collect()
}

/// Writes what was observed last, and seals it.
async fn close_the_log(instance: &Instance) {
    if let Err(error) = instance.observations.close().await {
        tracing::error!(%error, "what was observed last is not in the audit log");
    }
    if let Err(error) = instance.sealer().seal(instance.clock.now()).await {
        tracing::error!(%error, "what was logged last is not sealed");
    }
}

/// Waits for letters that are on their way, but not for long.
async fn last_post(delivering: JoinHandle<()>) {
    let aborting = delivering.abort_handle();
    if tokio::time::timeout(LAST_POST, delivering).await.is_err() {
        aborting.abort();
        tracing::warn!("letters were still on their way: they go again after the next start");
    }
}

/// The internal port, open from before the start until after the last answer.
struct Watchers {
    internal: Internal,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    served: JoinHandle<()>,
}

impl Watchers {
    async fn open(address: SocketAddr, internal: Internal) -> Result<Self, Failure> {
        let listener = bind(address, "--internal-listen").await?;
        let address = local_address(&listener)?;
        let (stop, stopped) = watch::channel(false);
        let served = tokio::spawn(http::serve_internal(listener, internal.clone(), until(stopped)));
        Ok(Self {
            internal,
            address,
            stop,
            served,
        })
    }

    async fn close(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.served.await {
            tracing::warn!(%error, "the internal port stopped badly");
        }
    }
}

async fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Refused(format!(
            "can't listen on {address}: {error}; stop what does, or choose another address with {flag}"
        ))
    })
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::Refused(format!("the listener has no address: {error}")))
}

/// Shows the claim link while nobody owns the instance: on the terminal, or in a file that only the owner reads, and
/// never in a log.
async fn offer_claim(instance: &Instance, config: &Config) -> Result<(), Failure> {
    if !setup::is_needed(&instance.db).await? {
        return Ok(());
    }
    let secret = claim::offer(&instance.db, &instance.keyring, instance.clock.now()).await?;
    let link = config.public_url.at(&format!("/claim/{}", secret.expose()));
    if std::io::stdout().is_terminal() {
        say(&format!(
            "\n  This Doorward is nobody's yet. Make it yours within a day:\n\n  {link}\n"
        ));
        return Ok(());
    }
    let file = claim::file(&config.storage.data_dir);
    private_file::write(&file, &format!("{link}\n")).map_err(|error| {
        Failure::Refused(format!(
            "can't write the claim link to {}: {error}",
            file.display()
        ))
    })?;
    tracing::info!(file = %file.display(), "this Doorward is nobody's yet: open the link in this file within a day");
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "this is where a person at the terminal is spoken to"
)]
fn say(words: &str) {
    println!("{words}");
}

/// Resolves once the process is told to stop. It listens from this call on, not only when polled: a signal right after
/// the server says that it is open is not the end without goodbye that it would be otherwise.
fn listen_for_signals() -> Result<impl Future<Output = ()>, Failure> {
    let listen =
        |kind| signal(kind).map_err(|error| Failure::Refused(format!("can't listen for signals: {error}")));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that nobody can say stop any more, which is as good.
    let _told = stopped.wait_for(|stopped| *stopped).await;
}
