//! `audit::verify`, over `storage::audit_reading`: whatever is changed, removed, moved or added behind the server's back
//! is found and named. The attacks are made from the schema, so that no column is forgotten.

use std::time::Duration;

use doorward::audit::verify::{Report, What};
use doorward::audit::{erasure, retention};
use doorward::storage::audit_reading;

use super::audit_sealing::Log;
use super::{NOW, commit};
use crate::harness::{Engine, Raw, on_both};

const DAY: Duration = Duration::from_hours(24);

/// The tables of the log, and what names a row of each.
const TABLES: [(&str, &str); 6] = [
    ("audit_events", "id"),
    ("audit_seals", "chain || '/' || sequence"),
    ("audit_heads", "chain"),
    ("audit_sealing", "'' || id"),
    ("audit_cuts", "chain"),
    ("audit_erasures", "user_id"),
];

impl Log {
    /// A log in which there is one of everything: several seals of several chains, of which the first are gone, and a
    /// person who was erased.
    pub(super) async fn rich(&self) {
        self.tell(6, NOW).await;
        self.sealer.seal(NOW).await.unwrap();
        let later = NOW.plus(39 * DAY);
        for round in 0..3 {
            let now = later.plus(round * Duration::from_secs(1));
            self.tell(4, now).await;
            self.sealer.seal(now).await.unwrap();
            if round == 1 {
                let (store, keys, alice) = (&self.store, self.keys.clone(), self.store.alice);
                let now = now.plus(Duration::from_millis(1));
                commit!(store, |tx, keys| { erasure::erase(tx, &keys, alice, now).await }).unwrap();
            }
        }
        let now = NOW.plus(40 * DAY);
        assert_eq!(
            retention::forget(&self.store.db, &self.keys, 30, now)
                .await
                .unwrap(),
            6
        );
        self.sealer.seal(now).await.unwrap();
        let report = self.whole().await;
        assert_eq!(
            (report.sealed, report.unsealed, report.erased, report.cuts.len()),
            (15, 0, 8, 3)
        );
    }

    /// Keeps the log as it is now, for [`Self::harmed`] to put back.
    async fn keep(&self, raw: &mut Raw) {
        for (table, _) in TABLES {
            let kept = format!(
                "DROP TABLE IF EXISTS kept_{table}; CREATE TABLE kept_{table} AS SELECT * FROM {table}"
            );
            raw.run(&kept).await;
        }
    }

    /// What is found after some harm, which is undone then; nothing if the database refused it.
    async fn harmed(&self, raw: &mut Raw, harm: &str) -> Option<Report> {
        if raw.refuses(&format!("BEGIN; {harm}; COMMIT")).await {
            raw.run("ROLLBACK").await;
            return None;
        }
        let report = self.proof().await;
        let back = TABLES.map(|(table, _)| {
            let differs = harm.contains(table);
            let back = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table};");
            if differs { back } else { String::new() }
        });
        raw.run(&format!("BEGIN; {} COMMIT", back.concat())).await;
        Some(report)
    }

    async fn columns(&self, raw: &mut Raw, table: &str) -> Vec<(String, String)> {
        let sql = match self.store.engine {
            Engine::Sqlite => format!("SELECT name || ' ' || lower(type) FROM pragma_table_info('{table}')"),
            Engine::Postgres => format!(
                "SELECT column_name || ' ' || CASE data_type WHEN 'bytea' THEN 'blob' WHEN 'text' THEN 'text' ELSE 'integer' END \
                 FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let columns = raw.texts(&sql).await.into_iter();
        columns
            .map(|column| {
                column
                    .split_once(' ')
                    .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
                    .unwrap()
            })
            .collect()
    }

    fn blob(&self) -> &'static str {
        if self.store.engine == Engine::Sqlite {
            "X'0102'"
        } else {
            "'\\x0102'::bytea"
        }
    }
}

/// The faults of a report in words.
fn words(report: &Report) -> String {
    report
        .faults
        .iter()
        .map(|fault| format!("{} {fault}", fault.what.as_str()))
        .collect::<Vec<_>>()
        .join("\n")
}

on_both! {
    async fn lo3_whatever_column_of_whatever_row_is_changed_is_found(log: Log) {
        log.rich().await;
        let mut raw = log.store.raw().await;
        log.keep(&mut raw).await;
        let mut attacks = 0;
        for (table, key) in TABLES {
            let rows = raw.texts(&format!("SELECT {key} FROM {table}")).await;
            assert!(!rows.is_empty(), "{table}");
            for (column, kind) in log.columns(&mut raw, table).await {
                let changed = match kind.as_str() {
                    "integer" => format!("COALESCE({column}, 0) + 1000000"),
                    "text" => format!("COALESCE({column}, '') || 'x'"),
                    _ => log.blob().to_owned(),
                };
                for row in &rows {
                    let harms = [changed.as_str(), "NULL"].map(|to| {
                        format!("UPDATE {table} SET {column} = {to} WHERE {key} = '{row}' AND {column} IS NOT NULL")
                    });
                    let filled = format!("UPDATE {table} SET {column} = {changed} WHERE {key} = '{row}' AND {column} IS NULL");
                    let absent = raw.number(&format!("SELECT COUNT(*) FROM {table} WHERE {key} = '{row}' AND {column} IS NULL")).await;
                    let harms = if absent == 1 { vec![filled] } else { harms.to_vec() };
                    for harm in harms {
                        let Some(report) = log.harmed(&mut raw, &harm).await else { continue };
                        attacks += 1;
                        assert!(!report.is_whole(), "{harm}");
                        let name = row.split('/').next().unwrap();
                        let named = table == "audit_sealing" || words(&report).contains(name) || name.is_empty();
                        assert!(named, "{harm}: {}", words(&report));
                    }
                }
            }
        }
        assert!(attacks > 400, "only {attacks}");
        log.whole().await;
    }

    async fn lo3_whatever_row_is_removed_is_found_and_named(log: Log) {
        log.rich().await;
        let mut raw = log.store.raw().await;
        log.keep(&mut raw).await;
        for (table, key) in TABLES {
            for row in raw.texts(&format!("SELECT {key} FROM {table}")).await {
                let harm = format!("DELETE FROM {table} WHERE {key} = '{row}'");
                let report = log.harmed(&mut raw, &harm).await.unwrap();
                assert!(!report.is_whole(), "{harm}");
                let first = report.faults[0].what;
                let expected: &[What] = match table {
                    "audit_events" => &[What::EventRemoved],
                    "audit_seals" => &[What::SealRemoved, What::HeadCutOff],
                    "audit_heads" => &[What::HeadChanged],
                    "audit_sealing" => &[What::SealingChanged],
                    "audit_cuts" => &[What::SealRemoved],
                    _ => &[What::PersonalRemoved],
                };
                assert!(expected.contains(&first), "{harm}: {}", words(&report));
            }
            let harm = format!("DELETE FROM {table}");
            assert!(!log.harmed(&mut raw, &harm).await.unwrap().is_whole(), "{harm}");
        }
        log.whole().await;
    }

    async fn lo3_events_that_change_places_or_are_added_are_found(log: Log) {
        log.rich().await;
        let mut raw = log.store.raw().await;
        log.keep(&mut raw).await;
        let events = raw.texts("SELECT id FROM audit_events ORDER BY position").await;
        for pair in events.windows(2) {
            let [one, other] = [0, 1].map(|at| format!("(SELECT position FROM kept_audit_events WHERE id = '{}')", pair[at]));
            let harm = format!(
                "UPDATE audit_events SET position = -1 WHERE id = '{}'; \
                 UPDATE audit_events SET position = {one} WHERE id = '{}'; \
                 UPDATE audit_events SET position = {other} WHERE id = '{}'",
                pair[0], pair[1], pair[0]
            );
            let report = log.harmed(&mut raw, &harm).await.unwrap();
            let both = pair.iter().all(|id| report.faults.iter().any(|fault| fault.id.as_ref() == Some(id)));
            assert!(both && report.faults[0].what == What::EventReplaced, "{}", words(&report));
        }
        let columns: Vec<_> = log.columns(&mut raw, "audit_events").await.into_iter().map(|(name, _)| name).collect();
        for id in &events {
            let new = "evt_01kaxw3vd0f1wvj1d2sahtfxyz";
            let values = columns.iter().map(|column| match column.as_str() {
                "position" => "1000000".to_owned(),
                "id" => format!("'{new}'"),
                other => other.to_owned(),
            });
            let values: Vec<_> = values.collect();
            let harm = format!(
                "INSERT INTO audit_events ({}) SELECT {} FROM audit_events WHERE id = '{id}'",
                columns.join(", "), values.join(", ")
            );
            let report = log.harmed(&mut raw, &harm).await.unwrap();
            assert_eq!((report.faulty, report.faults[0].what), (1, What::EventAdded), "{}", words(&report));
            assert_eq!(report.faults[0].id.as_deref(), Some(new));
        }
        log.whole().await;
    }

    async fn lo3_an_event_that_is_held_back_from_sealing_is_named(log: Log) {
        log.tell(3, NOW).await;
        let mut raw = log.store.raw().await;
        let id = raw.texts("SELECT id FROM audit_events ORDER BY position LIMIT 1").await.remove(0);
        raw.run("UPDATE audit_events SET position = position + 1000; CREATE TABLE kept AS SELECT * FROM audit_events").await;
        raw.run(&format!("DELETE FROM audit_events WHERE id = '{id}'")).await;
        log.sealer.seal(NOW).await.unwrap();
        raw.run(&format!("INSERT INTO audit_events SELECT * FROM kept WHERE id = '{id}'; \
                          UPDATE audit_events SET position = 5 WHERE id = '{id}'")).await;
        // On PostgreSQL it may still be waited for; then the next round seals it, and it was never missing.
        if log.store.engine == Engine::Sqlite {
            let report = log.proof().await;
            assert_eq!((report.faulty, report.faults[0].what), (1, What::EventUnlisted), "{}", words(&report));
        } else {
            log.sealer.seal(NOW).await.unwrap();
            log.whole().await;
        }
    }

    async fn lo3_a_chain_that_is_cut_off_put_back_or_gone_is_found(log: Log) {
        log.rich().await;
        let mut raw = log.store.raw().await;
        log.keep(&mut raw).await;
        let acme = log.store.acme;
        raw.run("CREATE TABLE old_heads AS SELECT * FROM audit_heads").await;
        let now = NOW.plus(41 * DAY);
        log.tell(6, now).await;
        log.sealer.seal(now).await.unwrap();
        log.keep(&mut raw).await;
        let newest = format!("chain = '{acme}' AND sequence = (SELECT MAX(sequence) FROM kept_audit_seals WHERE chain = '{acme}')");
        let last_seal = format!("DELETE FROM audit_seals WHERE {newest}");
        let rows = format!("DELETE FROM audit_events WHERE organization_id = '{acme}' AND at = {}", now.millis());
        let old_head = format!("DELETE FROM audit_heads WHERE chain = '{acme}'; INSERT INTO audit_heads SELECT * FROM old_heads WHERE chain = '{acme}'");
        let whole = format!(
            "DELETE FROM audit_seals WHERE chain = '{acme}'; DELETE FROM audit_heads WHERE chain = '{acme}'; \
             DELETE FROM audit_cuts WHERE chain = '{acme}'; DELETE FROM audit_events WHERE organization_id = '{acme}'"
        );
        for (harm, what) in [
            (last_seal.clone(), What::HeadCutOff),
            (format!("{last_seal}; {rows}"), What::HeadCutOff),
            (format!("{last_seal}; {rows}; {old_head}"), What::ChainRemoved),
            (whole, What::ChainRemoved),
        ] {
            let report = log.harmed(&mut raw, &harm).await.unwrap();
            assert_eq!(report.faults.first().map(|fault| fault.what), Some(what), "{harm}: {}", words(&report));
        }
        let middle = format!("chain = '{acme}' AND sequence = 3");
        let harm = format!("DELETE FROM audit_seals WHERE {middle}");
        let report = log.harmed(&mut raw, &harm).await.unwrap();
        let first = &report.faults[0];
        assert_eq!((first.what, first.chain.as_deref(), first.sequence), (What::SealRemoved, Some(&*acme.to_string()), Some(3)));
        raw.run("DROP TABLE old_heads").await;
        log.whole().await;
    }

    async fn lo3_nobody_elses_detail_goes_by_an_erasure(log: Log) {
        log.rich().await;
        let mut raw = log.store.raw().await;
        log.keep(&mut raw).await;
        // What happened after the erasure is not covered by it.
        let harm = "UPDATE audit_events SET personal = NULL, salt = NULL WHERE personal IS NOT NULL";
        let report = log.harmed(&mut raw, harm).await.unwrap();
        assert_eq!((report.faulty, report.erased), (4, 8), "{}", words(&report));
        assert!(report.faults.iter().all(|fault| fault.what == What::PersonalRemoved));
        log.whole().await;
    }

    async fn pages_of_the_log_are_read_in_order(log: Log) {
        log.rich().await;
        let mut snapshot = log.store.snapshot().await;
        let tx = &mut snapshot.tx();
        let (acme, umbrella) = (log.store.acme.to_string(), log.store.umbrella.to_string());
        let all = audit_reading::seals_after(tx, "", i64::MIN, 100).await.unwrap();
        assert!(all.is_sorted_by_key(|seal| (seal.chain.clone(), seal.sequence)));
        assert_eq!(audit_reading::seals_after(tx, &all[1].chain, all[1].sequence, 2).await.unwrap(), all[2..4]);
        let heads = audit_reading::heads_after(tx, "", 10).await.unwrap();
        assert_eq!(heads.len(), 2, "the instance's own comes before all names");
        assert_eq!(audit_reading::heads_after(tx, &heads[0].chain, 10).await.unwrap(), heads[1..]);
        let cuts = audit_reading::cuts_after(tx, "", 1).await.unwrap();
        assert_eq!(audit_reading::cut_of(tx, &cuts[0].chain).await.unwrap().as_ref(), cuts.first());
        assert_eq!(audit_reading::cut_of(tx, "org_nobody").await.unwrap(), None);
        assert!(audit_reading::cut_of(tx, "").await.unwrap().is_some());
        assert!([acme, umbrella].contains(&cuts[0].chain));
        let erasures = audit_reading::erasures_after(tx, "", 10).await.unwrap();
        let alice = log.store.alice.to_string();
        assert_eq!(audit_reading::erasure_of(tx, &alice).await.unwrap().as_ref(), erasures.first());
        assert_eq!(audit_reading::erasures_after(tx, &alice, 10).await.unwrap(), []);
        let positions = audit_reading::positions_after(tx, i64::MIN, 100).await.unwrap();
        assert_eq!(audit_reading::positions_after(tx, positions[1], 2).await.unwrap(), positions[2..4]);
        let placed = audit_reading::at_positions(tx, &positions[..2]).await.unwrap();
        assert_eq!(placed.len(), 2);
        assert_eq!(audit_reading::at_positions(tx, &[]).await.unwrap(), []);
    }
}
