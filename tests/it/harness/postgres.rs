//! A private PostgreSQL cluster per test process, and a fresh database in it per test.
//!
//! It listens only on a socket in its own folder, runs as an unprivileged user, and is gone with the test
//! process. It never uses a server that happens to run on the machine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::lifeline::Lifeline;

const MISSING: &str = "no PostgreSQL to test with: install the server (Debian: apt-get install postgresql)";

/// Makes the cluster, says where, drops the databases it is told, and takes everything down at the end of its
/// input.
const KEEPER: &str = r#"
binaries=$1
trap '' HUP INT TERM PIPE
folder=$(mktemp -d /tmp/doorward-postgres.XXXXXX) || exit 1
finish() {
    "$binaries/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$folder"
}
trap finish EXIT
cd "$folder" || exit 1
"$binaries/initdb" -D data -U doorward -A trust -E UTF8 --locale=C --no-sync >log 2>&1 </dev/null ||
    { cat log; exit 1; }
cat >>data/postgresql.conf <<END
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 400
shared_buffers = 64MB
# Nothing here need survive a power cut; commits stay synchronous, as they are in production.
fsync = off
full_page_writes = off
synchronous_commit = on
END
"$binaries/pg_ctl" -D data -l log -w start >/dev/null 2>&1 </dev/null || { cat log; exit 1; }
echo "ready $folder"
exec >/dev/null
while read -r database; do
    "$binaries/psql" -h "$folder" -U doorward -d postgres \
        -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" >/dev/null 2>&1 </dev/null
done
"#;

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// A database of a test's own. It is dropped some time after this value, the cluster at the latest with the
/// process.
#[derive(Debug)]
pub(crate) struct Database {
    name: String,
    url: String,
}

impl Database {
    /// Where sqlx, and `--database-url`, find it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(cluster) = CLUSTER.get() {
            cluster.lifeline.tell(&self.name);
        }
    }
}

/// Makes an empty database, and before the first one the cluster.
///
/// # Panics
///
/// When PostgreSQL is absent or does not start: a test that needs it must not pass without.
pub(crate) async fn database() -> Database {
    static MADE: AtomicU32 = AtomicU32::new(0);

    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("test_{}", MADE.fetch_add(1, Ordering::Relaxed));
    let mut administrator = PgConnection::connect(&cluster.url("postgres"))
        .await
        .expect("the cluster answers once it is ready");
    // `template0` has no sessions of its own that would stand in the way of copying it.
    sqlx::query(AssertSqlSafe(format!(
        "CREATE DATABASE {name} TEMPLATE template0"
    )))
    .execute(&mut administrator)
    .await
    .expect("the name is new and the cluster ours");
    let _ = administrator.close().await;
    Database {
        url: cluster.url(&name),
        name,
    }
}

#[derive(Debug)]
struct Cluster {
    folder: String,
    lifeline: Lifeline,
}

impl Cluster {
    fn start() -> Self {
        let binaries = binaries().expect(MISSING);
        match Lifeline::start(unprivileged_shell().args(["-c", KEEPER, "keeper"]).arg(binaries)) {
            Ok((lifeline, folder)) => Self { folder, lifeline },
            Err(said) => panic!("PostgreSQL did not start: {said}"),
        }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=doorward", self.folder)
    }
}

/// The folder with `initdb` and its companions: that on the PATH, else Debian's newest, which keeps them off
/// it.
fn binaries() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).find(|folder| folder.join("initdb").is_file());
    on_path.or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
        let servers = versions
            .map(|entry| entry.path())
            .filter(|folder| folder.join("bin/initdb").is_file());
        Some(servers.max_by_key(|folder| version(folder))?.join("bin"))
    })
}

fn version(folder: &Path) -> u32 {
    folder
        .file_name()
        .and_then(|name| name.to_str()?.parse().ok())
        .unwrap_or(0)
}

/// A shell as oneself; for root, whom PostgreSQL refuses, as `postgres`, or `nobody` where there is no such
/// user.
fn unprivileged_shell() -> Command {
    if id(&["-u"]).as_deref() != Some("0") {
        return Command::new("sh");
    }
    let user = if id(&["-u", "postgres"]).is_some() {
        "postgres"
    } else {
        "nobody"
    };
    let group = id(&["-g", user]).expect("every user has a group");
    let mut shell = Command::new("setpriv");
    shell.args(["--reuid", user, "--regid", &group, "--clear-groups", "sh"]);
    shell
}

fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
