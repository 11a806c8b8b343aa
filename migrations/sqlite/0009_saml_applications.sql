-- Applications that speak SAML, what people are called there, and signing out everywhere. `settings` is JSON: how one speaks.

CREATE TABLE service_providers (
    application_id TEXT PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE,
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A sign-in at a SAML application: whom it is to be told of when the session ends.
CREATE TABLE saml_sessions (
    activation_id TEXT NOT NULL REFERENCES activations (id) ON DELETE CASCADE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    name_id TEXT NOT NULL,
    format TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (activation_id, application_id)
) STRICT;
CREATE INDEX saml_sessions_application ON saml_sessions (application_id, name_id);

-- Requests to sign somebody out: none is taken twice.
CREATE TABLE logout_requests (
    sender TEXT NOT NULL,
    request_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (sender, request_id)
) STRICT;
CREATE INDEX logout_requests_expires ON logout_requests (expires_at);

-- What a person's session is called at the upstream provider that they came by.
CREATE TABLE upstream_sessions (
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    format TEXT,
    session_index TEXT,
    sealed_id_token BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (session_id, connection_id)
) STRICT;
CREATE INDEX upstream_sessions_connection ON upstream_sessions (connection_id, subject);

-- Sign-outs on their way from one application or provider to the next.
CREATE TABLE sign_outs (
    handle_hash BLOB PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    state TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_outs_expires ON sign_outs (expires_at);
