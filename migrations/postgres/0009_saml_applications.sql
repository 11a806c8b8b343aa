-- Applications that speak SAML, what people are called there, and signing out everywhere. `settings` is JSON: how one speaks.

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
CREATE INDEX saml_sessions_application ON saml_sessions (application_id, name_id);

-- Requests to sign somebody out: none is taken twice.
CREATE TABLE logout_requests (
    sender TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (sender, request_id)
);
CREATE INDEX logout_requests_expires ON logout_requests (expires_at);

-- What a person's session is called at the upstream provider that they came by.
CREATE TABLE upstream_sessions (
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    subject TEXT COLLATE "C" NOT NULL,
    format TEXT COLLATE "C",
    session_index TEXT COLLATE "C",
    sealed_id_token BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, connection_id)
);
CREATE INDEX upstream_sessions_connection ON upstream_sessions (connection_id, subject);

-- Sign-outs on their way from one application or provider to the next.
CREATE TABLE sign_outs (
    handle_hash BYTEA PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sign_outs_expires ON sign_outs (expires_at);
