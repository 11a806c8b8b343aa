-- One row per table, as 0008 made them. Never edited.
INSERT INTO connections (id, organization_id, name, status, provider, secret, mapping, creates_members, trusts_mfa, created_at, updated_at)
VALUES ('con_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'Acme Entra', 'enabled',
        '{"kind":"oidc","issuer":"https://login.acme.example","client_id":"doorward","authentication":"client_secret_basic","scopes":["email"]}',
        X'00', '{}', TRUE, FALSE, 1763683200000, 1763683200000);
INSERT INTO identities (id, user_id, connection_id, subject, created_at, last_used_at)
VALUES ('idn_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'con_01kaxw3vd0f1wvj1d2sahtfxyz', '00u1', 1763683200000, NULL);
INSERT INTO upstream_requests (id, state_hash, browser_hash, connection_id, organization_id, network, purpose, sent, reference, expires_at)
VALUES ('ups_01kaxw3vd0f1wvj1d2sahtfxyz', X'0404040404040404040404040404040404040404040404040404040404040404',
        X'0505050505050505050505050505050505050505050505050505050505050505', 'con_01kaxw3vd0f1wvj1d2sahtfxyz',
        'org_01kaxw3vd0f1wvj1d2sahtfxyz', '192.0.2.1', '{"sign_in":"home"}',
        '{"protocol":"saml","request_id":"_1"}', '2345ABCD', 1763683800000);
INSERT INTO sso_attempts (id, organization_id, connection_id, at, reference, stage, refusal, detail, subject, user_id, test, address)
VALUES ('att_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'con_01kaxw3vd0f1wvj1d2sahtfxyz', 1763683200000,
        '2345ABCD', 'conditions', 'wrong_audience', 'The answer is for somebody else.', NULL, NULL, FALSE, '192.0.2.7');
-- [upstream]
INSERT INTO mapped_members (membership_id, connection_id, given)
VALUES ('mbr_01kaxw3vd0f1wvj1d2sahtfxyz', 'con_01kaxw3vd0f1wvj1d2sahtfxyz', 'grp_01kaxw3vd0f1wvj1d2sahtfxyz');
INSERT INTO pending_links (browser_hash, connection_id, organization_id, arrival, only_for, onward, reference, expires_at)
VALUES (X'0606060606060606060606060606060606060606060606060606060606060606', 'con_01kaxw3vd0f1wvj1d2sahtfxyz',
        'org_01kaxw3vd0f1wvj1d2sahtfxyz',
        '{"subject":"00u1","email":{"email":"bob@acme.example","verified":true},"name":null,"attributes":{},"at":1763683200000,"second_factor":false,"until":null,"session":null}',
        NULL, '"home"', '2345ABCD', 1763683800000);
-- [saml]
INSERT INTO saml_keys (name, sealed_private, certificate, created_at)
VALUES ('service-provider', X'00', 'MIIC', 1763683200000);
INSERT INTO saml_assertions (connection_id, assertion_id, expires_at)
VALUES ('con_01kaxw3vd0f1wvj1d2sahtfxyz', '_assertion-1', 1763686920000);
INSERT INTO saml_answers (handle_hash, connection_id, network, message, state_hash, expires_at)
VALUES (X'0707070707070707070707070707070707070707070707070707070707070707', 'con_01kaxw3vd0f1wvj1d2sahtfxyz', '192.0.2.1',
        X'3C612F3E', NULL, 1763683320000);
-- [scim]
INSERT INTO scim_tokens (id, organization_id, name, secret_hash, permissions, created_at, expires_at, last_used_at)
VALUES ('sct_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', 'Okta',
        X'0606060606060606060606060606060606060606060606060606060606060606', 'member:read member:write',
        1763683200000, 1795219200000, 1763683260000);
INSERT INTO scim_users (membership_id, organization_id, external_id, given_name, family_name)
SELECT id, organization_id, '00u1', 'Alice', 'Archer' FROM memberships LIMIT 1;
INSERT INTO scim_leavers (organization_id, user_id)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz');
INSERT INTO scim_groups (group_id, organization_id, external_id)
SELECT id, organization_id, '00g1' FROM groups LIMIT 1;
-- [console]
INSERT INTO domain_challenges (organization_id, domain, proof, expires_at)
VALUES ('org_01kaxw3vd0f1wvj1d2sahtfxyz', 'acme.example', 'doorward-verification=x', 1763683800000);
INSERT INTO connection_watches (connection_id, refresh_at, refreshed_at, failures, certificates_end_at, warned_days)
VALUES ('con_01kaxw3vd0f1wvj1d2sahtfxyz', 1763769600000, 1763683200000, 0, 1795219200000, 30);
INSERT INTO portal_links (id, organization_id, secret_hash, connection_id, made_by, created_at, expires_at, revoked_at)
VALUES ('plk_01kaxw3vd0f1wvj1d2sahtfxyz', 'org_01kaxw3vd0f1wvj1d2sahtfxyz', X'0606060606060606060606060606060606060606060606060606060606060606',
        'con_01kaxw3vd0f1wvj1d2sahtfxyz', 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 1763683200000, 1763769600000, NULL);
