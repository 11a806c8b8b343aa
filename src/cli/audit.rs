//! `doorward audit verify|export`: whether the audit log is as it was written, and a copy that others can prove.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::storage_flags::StorageFlags;
use super::{Failure, Output};
use crate::audit::export::Export;
use crate::audit::verify::{Fault, Report, name_of, verify, verify_export};
use crate::config::StorageConfig;
use crate::domain::id::OrganizationId;
use crate::domain::time::Timestamp;
use crate::keyring::{AuditKeys, AuditPublicKey};
use crate::storage::{Tx, open_to_read, organizations};

/// The audit log: whether it is whole, and a copy of it
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Prove that nothing in the log was changed, removed, put elsewhere or added; the server may go on meanwhile
    Verify(Verify),
    /// Write one log, as far as it is sealed, to a file that can be proved by itself
    Export(ExportTo),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    storage: StorageFlags,
    /// An export instead of the database: it takes neither that nor the keys
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// The key that the export must be signed with; without, the one in the file is believed
    #[arg(long, value_name = "KEY", requires = "export")]
    public_key: Option<AuditPublicKey>,
    /// How to answer
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

#[derive(Args)]
pub(super) struct ExportTo {
    #[command(flatten)]
    storage: StorageFlags,
    /// Whose log, by name; by id also of one that is deleted
    #[arg(
        long,
        value_name = "ORGANIZATION",
        required_unless_present = "instance",
        conflicts_with = "instance"
    )]
    organization: Option<String>,
    /// The instance's own log
    #[arg(long)]
    instance: bool,
    /// The file to write, which must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Verify(command) => command.run().await,
            Self::Export(command) => command.run().await,
        }
    }
}

impl Verify {
    async fn run(self) -> Result<(), Failure> {
        let (report, key) = if let Some(file) = &self.export {
            prove_file(file, self.public_key)?
        } else {
            let config = StorageConfig::read(&self.storage.sources()?);
            let database = open_to_read(&config).await?;
            let mut snapshot = database.snapshot().await?;
            let keys = AuditKeys::read(&mut snapshot.tx(), &config.keys_dir).await?;
            (verify(&mut snapshot.tx(), &keys).await?, keys.public())
        };
        show(&report, key, self.output);
        if self.export.is_some() && self.public_key.is_none() {
            advise(key);
        }
        match report.faults.first() {
            None => Ok(()),
            Some(first) => Err(not_whole(&report, first)),
        }
    }
}

fn prove_file(path: &Path, key: Option<AuditPublicKey>) -> Result<(Report, AuditPublicKey), Failure> {
    let file = File::open(path);
    let file = file.map_err(|error| Failure::Usage(format!("can't read {}: {error}", path.display())))?;
    verify_export(BufReader::new(file), key).map_err(|error| Failure::Refused(error.to_string()))
}

#[expect(clippy::print_stderr, reason = "this is where a command speaks to its person")]
fn advise(key: AuditPublicKey) {
    eprintln!(
        "doorward: the key in the file was believed; compare its fingerprint, {}, with what `doorward audit verify` \
         shows on the server, or give --public-key",
        key.fingerprint()
    );
}

impl ExportTo {
    #[expect(clippy::print_stdout, reason = "this is the command's answer")]
    async fn run(self) -> Result<(), Failure> {
        let config = StorageConfig::read(&self.storage.sources()?);
        let database = open_to_read(&config).await?;
        let mut snapshot = database.snapshot().await?;
        let tx = &mut snapshot.tx();
        let keys = AuditKeys::read(tx, &config.keys_dir).await?;
        let chain = match &self.organization {
            Some(named) => organization(tx, named).await?,
            None => String::new(),
        };
        let failed = |error| Failure::Refused(format!("can't write {}: {error}", self.to.display()));
        let file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.to);
        let mut file = BufWriter::new(file.map_err(failed)?);
        let mut export = Export::of(&keys, &chain);
        while let Some(lines) = export.next(tx).await? {
            file.write_all(lines.as_bytes()).map_err(failed)?;
        }
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        println!(
            "{}: the log of {}, key {}",
            self.to.display(),
            name_of(&chain),
            keys.public()
        );
        Ok(())
    }
}

/// The id of an organization that is there by this name, or an id itself.
async fn organization(tx: &mut Tx<'_>, named: &str) -> Result<String, Failure> {
    if named.parse::<OrganizationId>().is_ok() {
        return Ok(named.to_owned());
    }
    let found = match named.parse() {
        Ok(name) => organizations::by_name(tx, &name).await?,
        Err(_) => None,
    };
    let none = || {
        Failure::Refused(format!(
            "there is no organization {named}; by its id also one that was"
        ))
    };
    Ok(found.ok_or_else(none)?.id.to_string())
}

fn not_whole(report: &Report, first: &Fault) -> Failure {
    let more = match report.faulty - 1 {
        0 => String::new(),
        1 => "; and 1 more fault".to_owned(),
        more => format!("; and {more} more faults"),
    };
    Failure::Refused(format!("the audit log is not whole: {first}{more}"))
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn show(report: &Report, key: AuditPublicKey, output: Output) {
    if output == Output::Json {
        println!("{}", told(report, key));
        return;
    }
    println!("sealed      {} events in {} seals", report.sealed, report.seals);
    println!("unsealed    {} events, checked by themselves", report.unsealed);
    println!(
        "erased      {} events, without what was of a person",
        report.erased
    );
    println!("public key  {key}");
    println!("fingerprint {}", key.fingerprint());
    for head in &report.heads {
        let (name, digest) = (name_of(&head.chain), hex(&head.digest));
        println!("head        {name} {} {digest}", head.sequence);
    }
    for cut in &report.cuts {
        let at = Timestamp::from_millis(cut.at);
        println!(
            "cut         {} up to seal {}, on {at}: kept for {} days",
            name_of(&cut.chain),
            cut.sequence,
            cut.keep_days
        );
    }
    for fault in &report.faults {
        println!("fault       {fault}");
    }
    println!("{}", if report.is_whole() { "whole" } else { "not whole" });
}

fn told(report: &Report, key: AuditPublicKey) -> Value {
    let heads = report
        .heads
        .iter()
        .map(|head| json!({ "chain": head.chain, "sequence": head.sequence, "digest": hex(&head.digest) }));
    let cuts = report.cuts.iter().map(|cut| {
        let at = Timestamp::from_millis(cut.at).to_string();
        json!({ "chain": cut.chain, "sequence": cut.sequence, "at": at, "keep_days": cut.keep_days })
    });
    let faults = report.faults.iter().map(|fault| {
        json!({
            "what": fault.what.as_str(), "chain": fault.chain, "sequence": fault.sequence, "id": fault.id,
            "position": fault.position, "detail": fault.to_string(),
        })
    });
    json!({
        "whole": report.is_whole(),
        "sealed": report.sealed,
        "unsealed": report.unsealed,
        "seals": report.seals,
        "erased": { "count": report.erased, "events": report.erased_events },
        "public_key": key.to_string(),
        "fingerprint": key.fingerprint(),
        "heads": heads.collect::<Vec<_>>(),
        "cuts": cuts.collect::<Vec<_>>(),
        "faulty": report.faulty,
        "faults": faults.collect::<Vec<_>>(),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
