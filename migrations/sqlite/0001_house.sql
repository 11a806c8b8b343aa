-- The house: who people are, what they may do, how they sign in, and what applications get.
-- What belongs to an organization refers to others of the same one by (organization_id, id): no row crosses tenants.
-- Times are Unix milliseconds. Lists of words are separated by single spaces. Hashes are SHA-256.

CREATE TABLE instance (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    master_key_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    algorithm TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed_private BLOB NOT NULL,
    public_jwk TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    signing_from INTEGER,
    retired_at INTEGER
) STRICT;

CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    require_mfa INTEGER NOT NULL,
    ip_allowlist TEXT NOT NULL,
    session_idle_seconds INTEGER NOT NULL,
    session_max_seconds INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_comparable TEXT NOT NULL UNIQUE,
    email_verified INTEGER NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    superuser INTEGER NOT NULL,
    managed_by TEXT REFERENCES organizations (id),
    default_organization_id TEXT REFERENCES organizations (id),
    created_at INTEGER NOT NULL,
    last_sign_in_at INTEGER
) STRICT;

CREATE TABLE password_credentials (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id),
    hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE roles (
    id TEXT PRIMARY KEY,
    organization_id TEXT REFERENCES organizations (id),
    name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organization_id, name)
) STRICT;
CREATE UNIQUE INDEX roles_built_in ON roles (name) WHERE organization_id IS NULL;

CREATE TABLE memberships (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    role_id TEXT REFERENCES roles (id),
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organization_id, user_id),
    UNIQUE (organization_id, id)
) STRICT;
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE groups (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organization_id, name),
    UNIQUE (organization_id, id)
) STRICT;

CREATE TABLE group_members (
    organization_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    membership_id TEXT NOT NULL,
    lead INTEGER NOT NULL,
    PRIMARY KEY (group_id, membership_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, membership_id) REFERENCES memberships (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX group_members_membership ON group_members (membership_id);

CREATE TABLE products (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organization_id, name),
    UNIQUE (organization_id, id)
) STRICT;

CREATE TABLE applications (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    authentication TEXT NOT NULL,
    secret_hash BLOB,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    scope TEXT NOT NULL,
    resources TEXT NOT NULL,
    id_token_algorithm TEXT NOT NULL,
    require_pkce INTEGER NOT NULL,
    require_nonce INTEGER NOT NULL,
    first_party INTEGER NOT NULL,
    every_organization INTEGER NOT NULL,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organization_id, id)
) STRICT;
CREATE INDEX applications_organization ON applications (organization_id);

CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    membership_id TEXT,
    group_id TEXT,
    application_id TEXT,
    role_id TEXT REFERENCES roles (id),
    permissions TEXT,
    product_id TEXT,
    starts_at INTEGER,
    ends_at INTEGER,
    schedule TEXT,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (organization_id, membership_id) REFERENCES memberships (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id) ON DELETE CASCADE,
    CHECK ((membership_id IS NOT NULL AND group_id IS NULL AND application_id IS NULL)
        OR (membership_id IS NULL AND group_id IS NOT NULL AND application_id IS NULL)
        OR (membership_id IS NULL AND group_id IS NULL AND application_id IS NOT NULL)),
    CHECK ((role_id IS NULL AND permissions IS NOT NULL) OR (role_id IS NOT NULL AND permissions IS NULL))
) STRICT;
CREATE INDEX grants_membership ON grants (membership_id);
CREATE INDEX grants_group ON grants (group_id);
CREATE INDEX grants_application ON grants (application_id);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE session_proofs (
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    method TEXT NOT NULL,
    credential_id TEXT,
    connection_id TEXT,
    connection_organization_id TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (session_id, number)
) STRICT;

CREATE TABLE activations (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    ended_at INTEGER,
    UNIQUE (session_id, organization_id)
) STRICT;
CREATE INDEX activations_organization ON activations (organization_id);

CREATE TABLE known_devices (
    user_id TEXT NOT NULL REFERENCES users (id),
    device_hash BLOB NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, device_hash)
) STRICT;

CREATE TABLE attempts (
    subject BLOB PRIMARY KEY,
    failures INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    reckoned_at INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_reckoned ON attempts (reckoned_at);

CREATE TABLE authorization_requests (
    id TEXT PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    request TEXT NOT NULL,
    chosen_organization_id TEXT REFERENCES organizations (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX authorization_requests_expiry ON authorization_requests (expires_at);
CREATE INDEX authorization_requests_network ON authorization_requests (network);

CREATE TABLE sign_ins (
    id TEXT PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    network TEXT NOT NULL,
    step TEXT NOT NULL,
    authorization_request_id TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);
CREATE INDEX sign_ins_network ON sign_ins (network);

CREATE TABLE consents (
    user_id TEXT NOT NULL REFERENCES users (id),
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    scope TEXT NOT NULL,
    agreed_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, application_id, organization_id)
) STRICT;

CREATE TABLE families (
    id TEXT PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    activation_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX families_user ON families (user_id);

CREATE TABLE authorization_codes (
    code_hash BLOB PRIMARY KEY,
    family_id TEXT NOT NULL UNIQUE,
    application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    activation_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    resources TEXT NOT NULL,
    nonce TEXT,
    code_challenge TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed_at INTEGER
) STRICT;
CREATE INDEX authorization_codes_expiry ON authorization_codes (expires_at);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    user_id TEXT REFERENCES users (id),
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_keys_organization ON api_keys (organization_id);
CREATE INDEX api_keys_user ON api_keys (user_id);

CREATE TABLE claims (
    secret_hash BLOB PRIMARY KEY,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed_at INTEGER
) STRICT;

CREATE TABLE audit_events (
    id TEXT PRIMARY KEY,
    organization_id TEXT,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    target TEXT,
    result TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT,
    user_agent TEXT,
    at INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE INDEX audit_events_organization ON audit_events (organization_id, at);
