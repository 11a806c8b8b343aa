-- Applications that speak SAML, and what people are called there. `settings` is JSON: how one speaks.

CREATE TABLE service_providers (
    application_id TEXT COLLATE "C" PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE,
    settings TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- A sign-in at a SAML application: whom it is to be told of when the session ends.
CREATE TABLE saml_sessions (
    activation_id TEXT COLLATE "C" NOT NULL REFERENCES activations (id) ON DELETE CASCADE,
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    name_id TEXT COLLATE "C" NOT NULL,
    format TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (activation_id, application_id)
);
CREATE INDEX saml_sessions_application ON saml_sessions (application_id);
