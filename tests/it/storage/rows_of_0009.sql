-- One row per table, as 0009 made them. Never edited.
INSERT INTO service_providers (application_id, settings, created_at)
SELECT id, '{"entity_id":"https://wiki.acme.example/saml","consumers":[{"index":0,"url":"https://wiki.acme.example/saml/acs"}],"slo":null,"certificates":[],"requires_signed_requests":false,"encryption_certificate":null,"signs_assertions":true,"signs_responses":true,"algorithm":"RSA-SHA256","name_id_formats":["persistent"],"attributes":[{"name":"email","friendly_name":null,"value":"email"}],"idp_initiated":false}',
       1763683200000 FROM applications LIMIT 1;
INSERT INTO saml_sessions (activation_id, application_id, name_id, format, created_at)
SELECT activations.id, applications.id, 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'persistent', 1763683200000
FROM activations, applications LIMIT 1;
INSERT INTO logout_requests (sender, request_id, expires_at)
VALUES ('app_01kaxw3vd0f1wvj1d2sahtfxyz', '_logout-1', 1763683200000);
INSERT INTO upstream_sessions (session_id, connection_id, subject, format, session_index, sealed_id_token, created_at)
SELECT sessions.id, connections.id, '00u1', NULL, '_1', X'00', 1763683200000 FROM sessions, connections LIMIT 1;
INSERT INTO sign_outs (handle_hash, browser_hash, state, expires_at)
VALUES (X'0808080808080808080808080808080808080808080808080808080808080808',
        X'0909090909090909090909090909090909090909090909090909090909090909',
        '{"rest":[],"waits_for":null,"is_partial":false,"then":"signed_out"}', 1763683800000);
