//! `doorward audit verify`: whether the audit log is as it was written.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::storage_flags::StorageFlags;
use super::{Failure, Output};
use crate::audit::verify::{Fault, Report, name_of, verify};
use crate::config::StorageConfig;
use crate::domain::time::Timestamp;
use crate::keyring::{AuditKeys, AuditPublicKey};
use crate::storage::open_to_read;

/// The audit log: whether it is whole
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Prove that nothing in the log was changed, removed, put elsewhere or added; the server may go on meanwhile
    Verify(Verify),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    storage: StorageFlags,
    /// How to answer
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Verify(verify) => verify.run().await,
        }
    }
}

impl Verify {
    async fn run(self) -> Result<(), Failure> {
        let config = StorageConfig::read(&self.storage.sources()?);
        let database = open_to_read(&config).await?;
        let mut snapshot = database.snapshot().await?;
        let keys = AuditKeys::read(&mut snapshot.tx(), &config.keys_dir).await?;
        let report = verify(&mut snapshot.tx(), &keys).await?;
        show(&report, keys.public(), self.output);
        match report.faults.first() {
            None => Ok(()),
            Some(first) => Err(not_whole(&report, first)),
        }
    }
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
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
