//! A crowd: as many people and organizations as a test of size wants, written straight into the tables.

/// Statements for either database that add so many organizations, with so many people in each, and with roles, groups,
/// products, grants, applications, keys, sessions and invitations in proportion. They refer to the built-in roles.
#[expect(clippy::too_many_lines, reason = "one for each table")]
pub(crate) fn crowd(organizations: u32, people_in_each: u32) -> String {
    let people = organizations * people_in_each;
    let rows = [
        each(
            organizations,
            "organizations (id, name, display_name, require_mfa, ip_allowlist, session_idle_seconds, \
             session_max_seconds, created_at)",
            "'org_' || {i}, 'crowd-' || i, 'Crowd ' || i, FALSE, '', 28800, 86400, 0",
        ),
        each(
            people,
            "users (id, email, email_comparable, email_verified, name, status, superuser, managed_by, \
             default_organization_id, created_at)",
            "'usr_' || {i}, 'p' || i || '@crowd.example', 'p' || i || '@crowd.example', TRUE, \
             'Person Number' || i, 'active', FALSE, CASE WHEN i % 3 = 0 THEN 'org_' || {org} END, 'org_' || {org}, 0",
        ),
        each(
            people,
            "user_words (word, user_id)",
            "'p' || i || '@crowd.example', 'usr_' || {i}",
        ),
        each(people, "user_words (word, user_id)", "'person', 'usr_' || {i}"),
        each(
            people,
            "user_words (word, user_id)",
            "'number' || i, 'usr_' || {i}",
        ),
        each(
            people,
            "memberships (id, organization_id, user_id, role_id, status, status_changed_at, created_at)",
            "'mbr_' || {i}, 'org_' || {org}, 'usr_' || {i}, \
             (SELECT id FROM roles WHERE organization_id IS NULL AND name = 'viewer'), \
             CASE WHEN i % 10 = 0 THEN 'inactive' ELSE 'active' END, 0, 0",
        ),
        each(
            organizations * 3,
            "roles (id, organization_id, name, permissions, created_at)",
            "'rol_' || {i}, 'org_' || {org}, 'role-' || i, 'device:read device:write', 0",
        ),
        each(
            organizations * 10,
            "groups (id, organization_id, name, kind, created_at)",
            "'grp_' || {i}, 'org_' || {org}, 'Group ' || i, 'team', 0",
        ),
        each(
            people,
            "group_members (organization_id, group_id, membership_id, lead)",
            "'org_' || {org}, 'grp_' || {i10}, 'mbr_' || {i}, FALSE",
        ),
        each(
            organizations * 10,
            "products (id, organization_id, name, display_name, created_at)",
            "'prd_' || {i}, 'org_' || {org}, 'product-' || i, 'Product ' || i, 0",
        ),
        each(
            organizations * 10,
            "grants (id, organization_id, group_id, permissions, product_id, created_at)",
            "'grt_0' || substr({i}, 2), 'org_' || {org}, 'grp_' || {i}, 'device:write', 'prd_' || {i}, 0",
        ),
        each(
            people,
            "grants (id, organization_id, membership_id, permissions, created_at)",
            "'grt_1' || substr({i}, 2), 'org_' || {org}, 'mbr_' || {i}, 'firmware:read', 0",
        ),
        each(
            organizations * 3,
            "applications (id, organization_id, name, authentication, redirect_uris, post_logout_redirect_uris, scope, \
             resources, id_token_algorithm, require_pkce, require_nonce, first_party, every_organization, active, \
             created_at)",
            "'app_' || {i}, 'org_' || {org}, 'App ' || i, 'none', 'https://app.example/', '', 'openid', '', 'RS256', \
             TRUE, FALSE, FALSE, FALSE, TRUE, 0",
        ),
        each(
            organizations * 5,
            "api_keys (id, organization_id, name, secret_hash, permissions, created_at, expires_at)",
            "'key_' || {i}, 'org_' || {org}, 'Key ' || i, {hash}, 'device:read', 0, 9000000000000",
        ),
        each(
            organizations * 3,
            "grants (id, organization_id, application_id, permissions, created_at)",
            "'grt_2' || substr({i}, 2), 'org_' || {org}, 'app_' || {i}, 'usage:write', 0",
        ),
        each(
            people / 10,
            "api_keys (id, organization_id, user_id, name, secret_hash, permissions, created_at, expires_at)",
            "'key_1' || substr({i}, 2), 'org_' || {org}, 'usr_' || {i}, 'Own key ' || i, \
             CAST('a personal hash of 32 bytes ' || i AS {bytes}), 'device:read', 0, 9000000000000",
        ),
        each(
            people / 2,
            "sessions (id, secret_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent)",
            "'ses_' || {i}, {hash}, 'usr_' || {i}, 0, 0, 9000000000000, '192.0.2.1', 'crowd'",
        ),
        each(
            people / 2,
            "activations (id, session_id, organization_id, created_at, last_seen_at)",
            "'act_' || {i}, 'ses_' || {i}, 'org_' || {org}, 0, 0",
        ),
        each(
            organizations * 20,
            "invitations (id, organization_id, email, email_comparable, message, invited_by, secret_hash, state, \
             created_at, sent_at, expires_at, ended_at)",
            "'inv_' || {i}, 'org_' || {org}, 'i' || i || '@crowd.example', 'i' || i || '@crowd.example', '', 'host', \
             {hash}, CASE WHEN i % 4 = 0 THEN 'pending' ELSE 'cancelled' END, 0, 0, 9000000000000, \
             CASE WHEN i % 4 <> 0 THEN 0 END",
        ),
        each(
            organizations * 5,
            "invitation_groups (organization_id, invitation_id, group_id)",
            "'org_' || {org}, 'inv_' || {i}, 'grp_' || {i}",
        ),
        each(
            organizations * 5,
            "reviews (id, organization_id, name, scope, scope_name, reviewer_id, started_by, undecided, on_revoke, \
             due_at, remind_at, state, created_at, people)",
            "'rev_' || {i}, 'org_' || {org}, 'Review ' || i, 'everybody', '', 'usr_' || {i}, 'host', 'keep', 'remove', \
             9000000000000, CASE WHEN i % 5 = 0 THEN 9000000000000 END, \
             CASE WHEN i % 5 = 0 THEN 'open' ELSE 'cancelled' END, 0, 100",
        ),
        each(
            people,
            "review_items (id, review_id, user_id, held, verdict)",
            "'itm_' || {i}, 'rev_' || {org}, 'usr_' || {i}, '{}', CASE WHEN i % 2 = 0 THEN 'keep' END",
        ),
        each(
            people,
            "alerts (id, user_id, organization_id, kind, detail, address, user_agent, created_at, link_hash, \
             link_expires_at)",
            "'alr_' || {i}, 'usr_' || {i}, CASE WHEN i % 3 = 0 THEN 'org_' || {org} END, 'new_device', '{}', \
             '192.0.2.1', 'crowd', 0, {hash}, 9000000000000",
        ),
        each(
            people,
            "password_credentials (id, user_id, hash, created_at, changed_at)",
            "'crd_' || {i}, 'usr_' || {i}, '$argon2id$crowd', 0, 0",
        ),
        each(
            people,
            "password_history (user_id, hash, replaced_at)",
            "'usr_' || {i}, '$argon2id$earlier', 0",
        ),
        each(
            people / 10,
            "password_resets (user_id, secret_hash, created_at, expires_at)",
            "'usr_' || {i}, CAST('a reset hash of 32 bytes ' || i AS {bytes}), 0, 9000000000000",
        ),
        each(
            people / 2,
            "totp_credentials (id, user_id, secret, last_step, created_at)",
            "'crd_2' || substr({i}, 2), 'usr_' || {i}, {hash}, 0, 0",
        ),
        each(
            people,
            "recovery_codes (user_id, code_hash, credential_id, created_at)",
            "'usr_' || {i}, {hash}, 'crd_3' || substr({i}, 2), 0",
        ),
        each(
            people / 10,
            "phones (id, user_id, number, created_at)",
            "'crd_4' || substr({i}, 2), 'usr_' || {i}, '+49151' || (10000000 + i), 0",
        ),
        each(
            people / 10,
            "sms_sends (subject, id, sent_at)",
            "{hash}, 'let_' || {i}, i",
        ),
        each(
            people / 2,
            "passkeys (id, user_id, webauthn_id, credential, kind, synced, name, created_at)",
            "'crd_1' || substr({i}, 2), 'usr_' || {i}, {hash}, '{}', 'passkey', TRUE, 'Passkey', 0",
        ),
        each(
            people / 2,
            "webauthn_ceremonies (secret_hash, browser_hash, purpose, network, state, expires_at)",
            "{hash}, {hash}, 'sign_in', '192.0.2.' || i % 250, '{}', i",
        ),
        each(
            people / 2,
            "session_proofs (session_id, number, method, credential_id, at)",
            "'ses_' || {i}, 1, 'pwd', 'crd_' || {i}, 0",
        ),
        each(
            people / 2,
            "consents (user_id, application_id, organization_id, scope, agreed_at)",
            "'usr_' || {i}, 'app_' || {org}, 'org_' || {org}, 'openid', 0",
        ),
        each(
            people / 2,
            "families (id, application_id, user_id, organization_id, activation_id, scope, created_at, expires_at)",
            "'fam_' || {i}, 'app_' || {org}, 'usr_' || {i}, 'org_' || {org}, 'act_' || {i}, 'openid', 0, 9000000000000",
        ),
        each(
            people / 2,
            "refresh_tokens (token_hash, family_id, created_at, expires_at)",
            "{hash}, 'fam_' || {i}, 0, 9000000000000",
        ),
        each(
            organizations * 2,
            "scim_tokens (id, organization_id, name, secret_hash, permissions, created_at, expires_at)",
            "'sct_' || {i}, 'org_' || {org}, 'Token ' || i, {hash}, 'member:read', 0, 9000000000000",
        ),
        each(
            people,
            "scim_users (membership_id, organization_id, external_id, given_name, family_name)",
            "'mbr_' || {i}, 'org_' || {org}, 'x' || i, 'Person', 'Number' || i",
        ),
        each(
            people / 10,
            "scim_leavers (organization_id, user_id)",
            "'org_' || {org}, 'usr_' || {i}",
        ),
        each(
            organizations * 5,
            "scim_groups (group_id, organization_id, external_id)",
            "'grp_' || {i}, 'org_' || {org}, 'x' || i",
        ),
        each(
            people,
            "audit_events (id, organization_id, action, category, actor, on_behalf_of, target, result, detail, at, mac)",
            "'evt_' || {i}, 'org_' || {org}, 'crowd.came' || i % 50, \
             CASE i % 10 WHEN 0 THEN 'access' WHEN 1 THEN 'sign_in' WHEN 2 THEN 'change' ELSE 'token' END, 'app_' || {org}, 'usr_' || {i}, \
             CASE WHEN i % 5 = 0 THEN 'fam_' || {i} END, \
             CASE WHEN i % 20 = 0 THEN 'refused' ELSE 'success' END, '{}', i, {hash}",
        ),
        each(
            organizations * 20,
            "audit_seals (chain, sequence, at, leaves, root, previous, signature)",
            "'org_' || {org}, 1 + i / {n}, 0, {hash}, {hash}, {hash}, {hash}",
        ),
        each(
            organizations,
            "audit_heads (chain, sequence, digest, mac)",
            "'org_' || {org}, 20, {hash}, {hash}",
        ),
        each(
            people / 10,
            "audit_erasures (user_id, at, signature, through, finished_at)",
            "'usr_1' || substr({i}, 2), 0, {hash}, 0, CASE WHEN i % 100 <> 0 THEN 0 END",
        ),
    ];
    rows.join(";\n")
        .replace("{org}", &of("i % {n}").replace("{n}", &organizations.to_string()))
        .replace(
            "{i10}",
            &of("i % ({n} * 10)").replace("{n}", &organizations.to_string()),
        )
        .replace("{i}", &of("i"))
        .replace("{n}", &organizations.to_string())
        .replace("{hash}", "CAST('a hash of thirty-two bytes ' || i AS {bytes})")
}

/// One row for each number.
fn each(count: u32, into: &str, values: &str) -> String {
    format!(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) \
         INSERT INTO {into} SELECT {values} FROM n"
    )
}

/// The 26 digits of a number in an id.
fn of(number: &str) -> String {
    format!("substr('00000000000000000000000000' || ({number}), length('' || ({number})) + 1)")
}
