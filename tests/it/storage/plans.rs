//! Every statement of storage finds its rows by an index: with a hundred thousand people in a thousand organizations,
//! neither database plans to look at every row of anything that grows.

use std::fs;
use std::path::Path;

use super::Store;
use crate::harness::{Engine, Raw, crowd, on_both};

/// What grows with people and organizations.
const GROWING: &[&str] = &[
    "alerts",
    "organizations",
    "users",
    "user_words",
    "memberships",
    "groups",
    "group_members",
    "products",
    "grants",
    "applications",
    "api_keys",
    "sessions",
    "session_proofs",
    "activations",
    "families",
    "refresh_tokens",
    "invitations",
    "invitation_groups",
    "reviews",
    "review_items",
    "consents",
    "password_credentials",
    "password_history",
    "password_resets",
    "totp_credentials",
    "recovery_codes",
    "phones",
    "sms_sends",
    "passkeys",
    "webauthn_ceremonies",
    "scim_tokens",
    "scim_users",
    "scim_leavers",
    "scim_groups",
    "audit_events",
    "audit_seals",
    "audit_heads",
    "audit_erasures",
];

/// What may look at every row of an index, and why.
const MAY_SCAN: [&str; 7] = [
    // The index holds what is unfinished alone.
    "SELECT user_id, at, through, finished_at, signature FROM audit_erasures \
     WHERE finished_at IS NULL ORDER BY user_id LIMIT $1",
    // The index holds superusers alone.
    "SELECT id FROM users WHERE superuser LIMIT 1",
    "SELECT id FROM users WHERE superuser AND status = $2 AND id <> $1 LIMIT 1",
    "SELECT id FROM users WHERE superuser AND status = $1 ORDER BY id LIMIT 100",
    // The whole log, for tests.
    "SELECT id, organization_id, action, category, actor, on_behalf_of, target, result, detail, personal, salt, \
     binding, at, digest, mac FROM audit_events ORDER BY at, id",
    // Everybody is counted, when a superuser asks for the total of everybody.
    "SELECT COUNT(*) FROM users WHERE status <> $1",
    // The index holds organizations that let keys become only so old.
    "SELECT k.id FROM organizations o JOIN api_keys k ON k.organization_id = o.id \
     WHERE o.api_key_max_age_days IS NOT NULL AND o.api_key_max_age_days > $4 AND k.revoked_at IS NULL \
     AND k.expires_at > $1 AND k.rotated_to IS NULL AND (k.warned_days IS NULL OR k.warned_days > $4) \
     AND k.created_at + o.api_key_max_age_days * $3 > $1 AND k.created_at + o.api_key_max_age_days * $3 <= $2 \
     LIMIT 100",
];

/// Every statement of `src/storage`: the file, and the text.
fn statements() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for literal in literals(code) {
            let verb = literal.split(' ').next().unwrap_or_default();
            if ["SELECT", "UPDATE", "DELETE", "WITH"].contains(&verb) {
                found.push((name.clone(), whole(literal)));
            }
        }
    }
    found
}

/// A statement that is put together of pieces, with the least that makes its beginning whole.
fn whole(beginning: String) -> String {
    let rest = match beginning.rsplit_once(' ') {
        Some((_, "(")) => "$1)",
        Some((before, "")) if before.ends_with("BETWEEN") => "$1 AND $2",
        _ => "",
    };
    beginning + rest
}

/// The string literals of a source file, with their continued lines joined.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut rest = code.as_str();
    while let Some(start) = rest.find('"') {
        rest = &rest[start + 1..];
        let mut text = String::new();
        let mut characters = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    end = at + 1;
                    break;
                }
                '\\' => match characters.next() {
                    Some((_, '\n')) => {
                        while characters
                            .clone()
                            .next()
                            .is_some_and(|(_, next)| next.is_whitespace())
                        {
                            characters.next();
                        }
                    }
                    Some((_, escaped)) => text.push(escaped),
                    None => {}
                },
                other => text.push(other),
            }
        }
        rest = &rest[end..];
        found.push(text);
    }
    found
}

/// The tables that a plan looks at row by row.
async fn scanned(raw: &mut Raw, number: usize, sql: &str) -> Vec<String> {
    let lines = match raw {
        Raw::Sqlite(_) => raw.plan(&format!("EXPLAIN QUERY PLAN {sql}")).await,
        Raw::Postgres(_) => {
            raw.run(&format!("PREPARE s{number} AS {sql}")).await;
            let parameters = (1..100).take_while(|n| sql.contains(&format!("${n}"))).count();
            let nulls = vec!["NULL"; parameters].join(", ");
            let arguments = if nulls.is_empty() {
                String::new()
            } else {
                format!("({nulls})")
            };
            raw.plan(&format!("EXPLAIN EXECUTE s{number}{arguments}")).await
        }
    };
    let mut found = Vec::new();
    for line in &lines {
        for table in GROWING {
            let whole = line.contains(&format!("Seq Scan on {table} "))
                || (line.starts_with("SCAN ") && names(sql, line, table));
            if whole {
                found.push(format!("{table}: {}", line.trim()));
            }
        }
    }
    found
}

/// Whether SQLite's `SCAN alias` is about this table.
fn names(sql: &str, line: &str, table: &str) -> bool {
    let alias = line.split(' ').nth(1).unwrap();
    alias == table
        || sql.contains(&format!(" {table} {alias} "))
        || sql.contains(&format!(" {table} AS {alias} "))
}

#[test]
fn statements_are_found() {
    let statements = statements();
    assert!(statements.len() > 100, "only {}", statements.len());
    assert!(
        statements
            .iter()
            .any(|(file, sql)| file == "members" && sql.contains("LIMIT $3"))
    );
}

on_both! {
    async fn every_statement_finds_its_rows_by_an_index(store: Store) {
        let mut raw = store.raw().await;
        let bytes = if store.engine == Engine::Sqlite { "BLOB" } else { "BYTEA" };
        raw.run(&crowd(1_000, 100).replace("{bytes}", bytes)).await;
        raw.run("ANALYZE").await;
        if store.engine == Engine::Postgres {
            raw.run("SET plan_cache_mode = force_generic_plan").await;
        }
        let mut scans = Vec::new();
        for (number, (file, sql)) in statements().into_iter().enumerate() {
            let elsewhere = store.engine == Engine::Sqlite && file == "postgres";
            if elsewhere || MAY_SCAN.contains(&sql.as_str()) {
                continue;
            }
            for table in scanned(&mut raw, number, &sql).await {
                scans.push(format!("{file}: {table}\n    {sql}"));
            }
        }
        assert!(scans.is_empty(), "\n{}", scans.join("\n"));
    }
}
