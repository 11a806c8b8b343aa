//! `audit::export` and `audit::verify::verify_export`: a chain that is proved with nothing but its lines.

use doorward::audit::export::Export;
use doorward::audit::verify::{Report, What, verify_export};
use doorward::keyring::AuditPublicKey;

use super::audit_sealing::Log;
use crate::harness::on_both;

impl Log {
    async fn export(&self, chain: &str) -> Vec<String> {
        let mut snapshot = self.store.snapshot().await;
        let mut export = Export::of(self.keys.audit(), chain);
        let mut text = String::new();
        while let Some(lines) = export.next(&mut snapshot.tx()).await.unwrap() {
            text.push_str(&lines);
        }
        text.split_inclusive('\n').map(str::to_owned).collect()
    }

    fn key(&self) -> AuditPublicKey {
        self.keys.audit().public()
    }
}

fn proof(lines: &[String], key: AuditPublicKey) -> Report {
    match verify_export(lines.concat().as_bytes(), Some(key)) {
        Ok((report, _)) => report,
        // No export at all: as good as named.
        Err(_) => Report {
            faulty: 1,
            ..Report::default()
        },
    }
}

on_both! {
    async fn an_export_of_each_chain_is_whole(log: Log) {
        log.rich().await;
        let mut sealed = 0;
        for chain in [String::new(), log.store.acme.to_string(), log.store.umbrella.to_string()] {
            let lines = log.export(&chain).await;
            let report = proof(&lines, log.key());
            assert!(report.is_whole(), "{:?}", report.faults);
            assert_eq!((report.heads[0].chain.clone(), report.cuts.len()), (chain, 1));
            assert!(report.erased > 0);
            sealed += report.sealed;
            let (believed, key) = verify_export(lines.concat().as_bytes(), None).unwrap();
            assert_eq!((believed, key), (report, log.key()));
        }
        assert_eq!(sealed, log.whole().await.sealed);
        let none = log.export("org_nobody").await;
        assert!(none.len() == 2 && proof(&none, log.key()).is_whole());
    }

    async fn lo3_whatever_line_is_changed_removed_swapped_or_doubled_is_found(log: Log) {
        log.rich().await;
        let lines = log.export(&log.store.acme.to_string()).await;
        let key = log.key();
        for (at, line) in lines.iter().enumerate() {
            let mut removed = lines.clone();
            removed.remove(at);
            assert!(!proof(&removed, key).is_whole(), "without {line}");
            let mut doubled = lines.clone();
            doubled.insert(at, line.clone());
            assert!(!proof(&doubled, key).is_whole(), "twice {line}");
            for other in at + 1..lines.len() {
                let mut swapped = lines.clone();
                swapped.swap(at, other);
                assert!(!proof(&swapped, key).is_whole(), "{at} and {other}");
            }
            for place in (0..line.len()).step_by(5) {
                let mut bytes = line.clone().into_bytes();
                bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
                let mut changed = lines.clone();
                changed[at] = String::from_utf8(bytes).unwrap();
                assert!(!proof(&changed, key).is_whole(), "{}", changed[at]);
            }
            assert!(!proof(&lines[..at], key).is_whole(), "cut off before {line}");
        }
        let mut longer = lines.clone();
        longer.push("more\n".to_owned());
        assert!(!proof(&longer, key).is_whole());
        let event = lines.iter().position(|line| line.starts_with("{\"event\"")).unwrap();
        let mut removed = lines.clone();
        removed.remove(event);
        let report = proof(&removed, key);
        assert_eq!(report.faults[0].what, What::EventRemoved);
        assert!(lines[event].contains(report.faults[0].id.as_ref().unwrap()));
    }

    async fn lo3_an_export_by_another_key_is_not_this_instances(log: Log) {
        log.rich().await;
        let other = Log::open(log.store.engine).await;
        other.rich().await;
        let lines = other.export("").await;
        assert!(verify_export(lines.concat().as_bytes(), None).unwrap().0.is_whole());
        let report = proof(&lines, log.key());
        assert_eq!(report.faults[0].what, What::KeyChanged);
        let ours = log.export("").await;
        let mixed = [&ours[..1], &lines[1..]].concat();
        assert!(!proof(&mixed, log.key()).is_whole());
        for nothing in ["", "\n", "{}\n", "{\"header\":{\"form\":2,\"public_key\":\"\",\"chain\":\"\"}}\n"] {
            assert!(verify_export(nothing.as_bytes(), None).is_err(), "{nothing}");
        }
    }
}
