-- One row per table, as 0007 made them. Never edited.
-- Passwords.
INSERT INTO password_history (user_id, hash, replaced_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', '$argon2id$earlier', 1763683200000);
INSERT INTO password_resets (user_id, secret_hash, created_at, expires_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', X'03', 1763683200000, 1763769600000);
INSERT INTO reset_requests (id, email, address, user_agent)
VALUES ('ask_01kaxw3vd0f1wvj1d2sahtfxyz', 'alice@acme.example', '192.0.2.7', 'Firefox');
-- Codes.
INSERT INTO totp_credentials (id, user_id, secret, last_step, created_at, last_used_at)
VALUES ('crd_01kaxw3vd0f1wvj1d2sahtfxya', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', X'00', 58789440, 1763683200000, 1763683260000);
INSERT INTO recovery_codes (user_id, code_hash, credential_id, created_at, used_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', X'01', 'crd_01kaxw3vd0f1wvj1d2sahtfxyb', 1763683200000, NULL);
INSERT INTO phones (id, user_id, number, created_at, last_used_at)
VALUES ('crd_01kaxw3vd0f1wvj1d2sahtfxyc', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', '+4915112345678', 1763683200000, NULL);
INSERT INTO totp_enrolments (user_id, secret, created_at, expires_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', X'00', 1763683200000, 1763684100000);
INSERT INTO sms_codes (user_id, purpose, sign_in_id, number, code_hash, tries, created_at, expires_at)
VALUES ('usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'enrolment', '', '+4915112345678', X'0707070707070707070707070707070707070707070707070707070707070707', 1, 1763683200000, 1763683500000);
INSERT INTO sms_sends (subject, id, sent_at)
VALUES (X'0707070707070707070707070707070707070707070707070707070707070707', 'let_01kaxw3vd0f1wvj1d2sahtfxya', 1763683200000);
-- Passkeys and security keys.
INSERT INTO passkeys (id, user_id, webauthn_id, credential, kind, synced, name, created_at, last_used_at, clone_seen_at)
VALUES ('crd_01kaxw3vd0f1wvj1d2sahtfxyd', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', X'02', '{}', 'security_key', FALSE, 'Key ring', 1763683200000, NULL, NULL);
INSERT INTO webauthn_ceremonies (secret_hash, browser_hash, purpose, network, state, expires_at)
VALUES (X'03', X'04', 'sign_in', '192.0.2.1', '{}', 1763683500000);
-- Sessions and keys.
UPDATE api_keys SET products = 'prd_01kaxw3vd0f1wvj1d2sahtfxyz', ip_allowlist = '192.0.2.0/24', last_used_address = '192.0.2.7',
                    last_used_by = 'curl/8', rotated_to = 'key_01kaxw3vd0f1wvj1d2sahtfxya', warned_days = 14;
-- Alerts.
INSERT INTO alerts (id, user_id, organization_id, kind, detail, address, user_agent, created_at, seen_at, link_hash,
                    link_expires_at, link_used_at)
VALUES ('alr_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz',
        'key_created', '{"name":"CI"}', '192.0.2.7', 'Firefox', 1795339800000, NULL,
        X'0303030303030303030303030303030303030303030303030303030303030303', 1795944600000, NULL);
