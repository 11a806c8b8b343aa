-- One row per table, as 0009 made them. Never edited.
INSERT INTO service_providers (application_id, settings, created_at)
SELECT id, '{"entity_id":"https://wiki.acme.example/saml","consumers":[{"index":0,"url":"https://wiki.acme.example/saml/acs"}],"slo":null,"certificates":[],"requires_signed_requests":false,"encryption_certificate":null,"signs_assertions":true,"signs_responses":true,"algorithm":"RSA-SHA256","name_id_formats":["persistent"],"attributes":[{"name":"email","friendly_name":null,"value":"email"}],"idp_initiated":false}',
       1763683200000 FROM applications LIMIT 1;
INSERT INTO saml_sessions (activation_id, application_id, name_id, format, created_at)
SELECT activations.id, applications.id, 'usr_01kaxw3vd0f1wvj1d2sahtfxyz', 'persistent', 1763683200000
FROM activations, applications LIMIT 1;
