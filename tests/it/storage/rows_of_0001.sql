-- One row per table, as 0001 made them. Never edited: a later migration that adds a table adds rows_of_NNNN.sql.
-- Bytes are written X'…' for both databases; the hash of every secret is 32 times 07.
INSERT INTO instance (id, master_key_id, created_at) VALUES (1, 'a-master-key', 1795339800000);
INSERT INTO signing_keys (id, algorithm, state, sealed_private, public_jwk, created_at, signing_from, retired_at)
VALUES ('a-thumbprint', 'ES256', 'signing', X'010203', '{}', 1795339800000, 1795339800000, NULL);
INSERT INTO organizations (id, name, display_name, require_mfa, ip_allowlist, session_idle_seconds, session_max_seconds, created_at)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 'acme', 'Acme', FALSE, '192.0.2.0/24', 28800, 86400, 1795339800000);
INSERT INTO users (id, email, email_comparable, email_verified, name, status, superuser, default_organization_id, created_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'alice@acme.example', 'alice@acme.example', TRUE, 'Alice', 'active', TRUE,
        'org_01kaxw3vd0f1wvj1d2sahtfxyz', 1795339800000);
INSERT INTO password_credentials (id, user_id, hash, created_at, changed_at)
VALUES ('crd_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', '$argon2id$sample', 1795339800000, 1795339800000);
INSERT INTO roles (id, organization_id, name, permissions, created_at)
VALUES ('rol_01kaxw3vd0f1wvj1d2sahtfxyz', NULL, 'owner', 'product:read device:read', 1795339800000);
INSERT INTO memberships (id, organization_id, user_id, role_id, status, created_at)
VALUES ('mbr_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz',
        'rol_01kaxw3vd0f1wvj1d2sahtfxyz', 'active', 1795339800000);
INSERT INTO groups (id, organization_id, name, kind, created_at)
VALUES ('grp_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'Night watch', 'team', 1795339800000);
INSERT INTO group_members (organization_id, group_id, membership_id, lead)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 'grp_01kaxw3vd0f1wvj1d2sahtfxyz', 'mbr_01kaxw3vd0f1wvj1d2sahtfxyz', FALSE);
INSERT INTO products (id, organization_id, name, display_name, created_at)
VALUES ('prd_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'rover', 'Rover', 1795339800000);
INSERT INTO applications (id, organization_id, name, authentication, secret_hash, redirect_uris, post_logout_redirect_uris,
                          scope, resources, id_token_algorithm, require_pkce, require_nonce, first_party,
                          every_organization, active, created_at)
VALUES ('app_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'Fleet', 'client_secret_basic',
        X'0707070707070707070707070707070707070707070707070707070707070707', 'https://fleet.acme.example/callback', '',
        'openid email', 'https://api.acme.example', 'RS256', TRUE, FALSE, FALSE, FALSE, TRUE, 1795339800000);
INSERT INTO grants (id, organization_id, group_id, permissions, product_id, starts_at, ends_at, schedule, created_at)
VALUES ('grt_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'grp_01kaxw3vd0f1wvj1d2sahtfxyz',
        'firmware:write', 'prd_01kaxw3vd0f1wvj1d2sahtfxyz', 1795339800000, 1795426200000,
        '{"timezone":"UTC","windows":[{"days":["mon"],"from":"08:00","to":"18:00"}]}', 1795339800000);
INSERT INTO sessions (id, secret_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent)
VALUES ('ses_01kaxw3vd0f1wvj1d2sahtfxyz', X'0707070707070707070707070707070707070707070707070707070707070707',
        'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 1795339800000, 1795339800000, 1795426200000, '192.0.2.1', 'Netscape 4');
INSERT INTO session_proofs (session_id, number, method, credential_id, at)
VALUES ('ses_01kaxw3vd0f1wvj1d2sahtfxyz', 0, 'pwd', 'crd_01kaxw3vd0f1wvj1d2sahtfxyz', 1795339800000);
INSERT INTO activations (id, session_id, organization_id, created_at, last_seen_at)
VALUES ('act_01kaxw3vd0f1wvj1d2sahtfxyz', 'ses_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz',
        1795339800000, 1795339800000);
INSERT INTO known_devices (user_id, device_hash, first_seen_at, last_seen_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', X'0707070707070707070707070707070707070707070707070707070707070707',
        1795339800000, 1795339800000);
INSERT INTO attempts (subject, failures, blocked_until, last_at)
VALUES (X'0707070707070707070707070707070707070707070707070707070707070707', 3, 0, 1795339800000);
INSERT INTO authorization_requests (id, browser_hash, application_id, network, request, created_at, expires_at)
VALUES ('req_01kaxw3vd0f1wvj1d2sahtfxyz', X'0707070707070707070707070707070707070707070707070707070707070707',
        'app_01kaxw3vd0f1wvj1d2sahtfxyz', '192.0.2.1',
        '{"redirect_uri":"https://fleet.acme.example/callback","state":"s","scope":"openid","nonce":null,"code_challenge":null,"prompt":{"none":false,"login":false,"consent":false},"max_age":300,"login_hint":null,"resources":[],"organization":null}',
        1795339800000, 1795340400000);
INSERT INTO sign_ins (id, browser_hash, network, step, authorization_request_id, created_at, expires_at)
VALUES ('sgn_01kaxw3vd0f1wvj1d2sahtfxyz', X'0707070707070707070707070707070707070707070707070707070707070707', '192.0.2.1',
        '{"step":"password","email":"alice@acme.example"}', 'req_01kaxw3vd0f1wvj1d2sahtfxyz', 1795339800000, 1795340400000);
INSERT INTO consents (user_id, application_id, organization_id, scope, agreed_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'app_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz',
        'email openid', 1795339800000);
INSERT INTO families (id, application_id, user_id, organization_id, activation_id, scope, created_at)
VALUES ('fam_01kaxw3vd0f1wvj1d2sahtfxyz', 'app_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz',
        'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'act_01kaxw3vd0f1wvj1d2sahtfxyz', 'openid', 1795339800000);
INSERT INTO authorization_codes (code_hash, family_id, application_id, user_id, organization_id, activation_id, redirect_uri,
                                 scope, resources, nonce, code_challenge, created_at, expires_at, consumed_at)
VALUES (X'0707070707070707070707070707070707070707070707070707070707070707', 'fam_01kaxw3vd0f1wvj1d2sahtfxyz',
        'app_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz',
        'act_01kaxw3vd0f1wvj1d2sahtfxyz', 'https://fleet.acme.example/callback', 'openid', '', 'n', NULL, 1795339800000,
        1795339860000, 1795339801000);
INSERT INTO api_keys (id, organization_id, user_id, name, secret_hash, permissions, created_at, expires_at)
VALUES ('key_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'setup',
        X'0707070707070707070707070707070707070707070707070707070707070707', 'device:read', 1795339800000, 1803115800000);
INSERT INTO claims (secret_hash, created_at, expires_at)
VALUES (X'0707070707070707070707070707070707070707070707070707070707070707', 1795339800000, 1795426200000);
INSERT INTO audit_events (id, organization_id, action, actor, target, result, detail, address, user_agent, at, mac)
VALUES ('evt_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'user.created', 'host',
        'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'success', '{}', NULL, NULL, 1795339800000, X'00');
