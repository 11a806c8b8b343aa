-- The house: who people are, what they may do, how they sign in, and what applications get.
-- What belongs to an organization refers to others of the same one by (organization_id, id): no row crosses tenants.
-- Times are Unix milliseconds. Lists of words are separated by single spaces. Hashes are SHA-256.

CREATE TABLE instance (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    master_key_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE signing_keys (
    id TEXT COLLATE "C" PRIMARY KEY,
    algorithm TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    sealed_private BYTEA NOT NULL,
    public_jwk TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    signing_from BIGINT,
    retired_at BIGINT
);

CREATE TABLE organizations (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name TEXT COLLATE "C" NOT NULL,
    require_mfa BOOLEAN NOT NULL,
    ip_allowlist TEXT COLLATE "C" NOT NULL,
    session_idle_seconds BIGINT NOT NULL,
    session_max_seconds BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL,
    email_comparable TEXT COLLATE "C" NOT NULL UNIQUE,
    email_verified BOOLEAN NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    superuser BOOLEAN NOT NULL,
    managed_by TEXT COLLATE "C" REFERENCES organizations (id),
    default_organization_id TEXT COLLATE "C" REFERENCES organizations (id),
    created_at BIGINT NOT NULL,
    last_sign_in_at BIGINT
);

CREATE TABLE password_credentials (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES users (id),
    hash TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE roles (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" REFERENCES organizations (id),
    name TEXT COLLATE "C" NOT NULL,
    permissions TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name)
);
CREATE UNIQUE INDEX roles_built_in ON roles (name) WHERE organization_id IS NULL;

CREATE TABLE memberships (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    role_id TEXT COLLATE "C" REFERENCES roles (id),
    status TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, user_id),
    UNIQUE (organization_id, id)
);
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE groups (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name),
    UNIQUE (organization_id, id)
);

CREATE TABLE group_members (
    organization_id TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    membership_id TEXT COLLATE "C" NOT NULL,
    lead BOOLEAN NOT NULL,
    PRIMARY KEY (group_id, membership_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, membership_id) REFERENCES memberships (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX group_members_membership ON group_members (membership_id);

CREATE TABLE products (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    name TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, name),
    UNIQUE (organization_id, id)
);

CREATE TABLE applications (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    name TEXT COLLATE "C" NOT NULL,
    authentication TEXT COLLATE "C" NOT NULL,
    secret_hash BYTEA,
    redirect_uris TEXT COLLATE "C" NOT NULL,
    post_logout_redirect_uris TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    resources TEXT COLLATE "C" NOT NULL,
    id_token_algorithm TEXT COLLATE "C" NOT NULL,
    require_pkce BOOLEAN NOT NULL,
    require_nonce BOOLEAN NOT NULL,
    first_party BOOLEAN NOT NULL,
    every_organization BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, id)
);
CREATE INDEX applications_organization ON applications (organization_id);

CREATE TABLE grants (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    membership_id TEXT COLLATE "C",
    group_id TEXT COLLATE "C",
    application_id TEXT COLLATE "C",
    role_id TEXT COLLATE "C" REFERENCES roles (id),
    permissions TEXT COLLATE "C",
    product_id TEXT COLLATE "C",
    starts_at BIGINT,
    ends_at BIGINT,
    schedule TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    FOREIGN KEY (organization_id, membership_id) REFERENCES memberships (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, product_id) REFERENCES products (organization_id, id) ON DELETE CASCADE,
    CHECK ((membership_id IS NOT NULL AND group_id IS NULL AND application_id IS NULL)
        OR (membership_id IS NULL AND group_id IS NOT NULL AND application_id IS NULL)
        OR (membership_id IS NULL AND group_id IS NULL AND application_id IS NOT NULL)),
    CHECK ((role_id IS NULL AND permissions IS NOT NULL) OR (role_id IS NOT NULL AND permissions IS NULL))
);
CREATE INDEX grants_membership ON grants (membership_id);
CREATE INDEX grants_group ON grants (group_id);
CREATE INDEX grants_application ON grants (application_id);

CREATE TABLE sessions (
    id TEXT COLLATE "C" PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    address TEXT COLLATE "C" NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE session_proofs (
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    credential_id TEXT COLLATE "C",
    connection_id TEXT COLLATE "C",
    connection_organization_id TEXT COLLATE "C",
    at BIGINT NOT NULL,
    PRIMARY KEY (session_id, number)
);

CREATE TABLE activations (
    id TEXT COLLATE "C" PRIMARY KEY,
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    ended_at BIGINT,
    UNIQUE (session_id, organization_id)
);
CREATE INDEX activations_organization ON activations (organization_id);

CREATE TABLE known_devices (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    device_hash BYTEA NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, device_hash)
);

CREATE TABLE attempts (
    subject BYTEA PRIMARY KEY,
    failures BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    reckoned_at BIGINT NOT NULL
);
CREATE INDEX attempts_reckoned ON attempts (reckoned_at);

CREATE TABLE authorization_requests (
    id TEXT COLLATE "C" PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    network TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    chosen_organization_id TEXT COLLATE "C" REFERENCES organizations (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX authorization_requests_expiry ON authorization_requests (expires_at);
CREATE INDEX authorization_requests_network ON authorization_requests (network);

CREATE TABLE sign_ins (
    id TEXT COLLATE "C" PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    authorization_request_id TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);
CREATE INDEX sign_ins_network ON sign_ins (network);

CREATE TABLE consents (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    scope TEXT COLLATE "C" NOT NULL,
    agreed_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, application_id, organization_id)
);

CREATE TABLE families (
    id TEXT COLLATE "C" PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    activation_id TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX families_user ON families (user_id);

CREATE TABLE authorization_codes (
    code_hash BYTEA PRIMARY KEY,
    family_id TEXT COLLATE "C" NOT NULL UNIQUE,
    application_id TEXT COLLATE "C" NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    activation_id TEXT COLLATE "C" NOT NULL,
    redirect_uri TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    resources TEXT COLLATE "C" NOT NULL,
    nonce TEXT COLLATE "C",
    code_challenge TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT
);
CREATE INDEX authorization_codes_expiry ON authorization_codes (expires_at);

CREATE TABLE api_keys (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    user_id TEXT COLLATE "C" REFERENCES users (id),
    name TEXT COLLATE "C" NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    permissions TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX api_keys_organization ON api_keys (organization_id);
CREATE INDEX api_keys_user ON api_keys (user_id);

CREATE TABLE claims (
    secret_hash BYTEA PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT
);

CREATE TABLE audit_events (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C",
    result TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C",
    user_agent TEXT COLLATE "C",
    at BIGINT NOT NULL,
    mac BYTEA NOT NULL
);
CREATE INDEX audit_events_organization ON audit_events (organization_id, at);
