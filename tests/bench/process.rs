//! Servers as processes of their own. They end with this program, however that ends.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::{Connection, get};
use crate::hello;
use crate::machine;
use crate::seed::Place;

/// How long a server may take to answer first.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. It is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start to its first answer.
    pub(crate) started_in: Duration,
}

impl Server {
    /// The baseline.
    pub(crate) async fn hello() -> Self {
        let address = free_address();
        let mut command = bound(machine::SERVING, &std::env::current_exe().unwrap());
        command
            .args([hello::COMMAND, &address.to_string()])
            .stderr(Stdio::inherit());
        Self::start(command, address, "/").await
    }

    /// `doorward serve` on the data of a place.
    pub(crate) async fn doorward(place: &Place, cores: &str) -> Self {
        let address = free_address();
        let log = File::options()
            .create(true)
            .append(true)
            .open(place.folder.path().join("log"))
            .unwrap();
        let mut command = bound(cores, Path::new(env!("CARGO_BIN_EXE_doorward")));
        command
            .args([
                "serve",
                "--listen",
                &address.to_string(),
                "--internal-listen",
                "127.0.0.1:0",
            ])
            .envs(place.environment())
            // Each connection says for whom it asks: one address would be one person trying again and again.
            .env("DOORWARD_SERVER__TRUSTED_PROXIES", "127.0.0.1")
            .env("DOORWARD_SERVER__PUBLIC_URL", "http://localhost:8080")
            .env("DOORWARD_API__REQUESTS_PER_MINUTE", "10000000")
            .stderr(log);
        Self::start(command, address, "/.well-known/openid-configuration").await
    }

    async fn start(mut command: Command, address: SocketAddr, path: &str) -> Self {
        let start = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the server is built, and setpriv and taskset are there");
        let mut server = Self {
            child,
            address,
            started_in: Duration::ZERO,
        };
        // The port opens first of all, so a request waits for the server and not for our next look.
        let mut connection = loop {
            match Connection::open(address).await {
                Ok(connection) => break connection,
                Err(_) if start.elapsed() < PATIENCE => {
                    assert!(server.child.try_wait().unwrap().is_none(), "it ended at once");
                    tokio::time::sleep(Duration::from_micros(500)).await;
                }
                Err(error) => panic!("it does not open {address}: {error}"),
            }
        };
        let answer = connection.exchange(&get(path, "")).await.unwrap();
        assert_eq!(answer.status, 200, "the first answer of {address}");
        server.started_in = start.elapsed();
        server
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as an init system does, so that its database is closed.
    pub(crate) fn stop(mut self) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "it did not stop well");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail for one that ended already, which is as good.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// A program on some cores, which the kernel kills when this process is gone.
fn bound(cores: &str, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "taskset", "-c", cores])
        .arg(program)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

/// An address that was free a moment ago.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
