-- Federation: upstream providers of organizations, who comes by them, and how that went.

-- Until when a provider stands by its word; whose word a session stands on.
ALTER TABLE session_proofs ADD COLUMN until BIGINT;
CREATE INDEX session_proofs_connection ON session_proofs (connection_id) WHERE connection_id IS NOT NULL;

-- Whether a security key counts only if it made sure who touched it.
ALTER TABLE organizations ADD COLUMN require_user_verification BOOLEAN NOT NULL DEFAULT FALSE;

-- Connections. `provider` is JSON: what is known of an OpenID or SAML provider. `secret` is the OIDC client secret, sealed.
CREATE TABLE connections (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    secret BYTEA,
    mapping TEXT COLLATE "C" NOT NULL,
    creates_members BOOLEAN NOT NULL,
    trusts_mfa BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX connections_organization ON connections (organization_id, id);

-- A user's account at an upstream provider: the connection and the provider's own name for them, never an email address.
CREATE TABLE identities (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    subject TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE (connection_id, subject)
);
CREATE INDEX identities_user ON identities (user_id, id);

-- Browsers that were sent to an upstream provider and have not come back. `purpose` and `sent` are JSON.
CREATE TABLE upstream_requests (
    id TEXT COLLATE "C" PRIMARY KEY,
    state_hash BYTEA NOT NULL UNIQUE,
    browser_hash BYTEA NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    organization_id TEXT COLLATE "C" NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    sent TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_requests_expiry ON upstream_requests (expires_at);
CREATE INDEX upstream_requests_network ON upstream_requests (network);
CREATE INDEX upstream_requests_connection ON upstream_requests (connection_id);

-- The SSO log. It is no audit log: it is there for whoever sets a connection up, and is forgotten after some weeks.
CREATE TABLE sso_attempts (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    refusal TEXT COLLATE "C",
    detail TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C",
    user_id TEXT COLLATE "C",
    test BOOLEAN NOT NULL,
    address TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sso_attempts_connection ON sso_attempts (connection_id, id);
CREATE INDEX sso_attempts_at ON sso_attempts (at);

-- [upstream] What arrivals gave and may take back; links that wait for their person.

-- What a member has by a rule of a connection: a role or a group, by its id. Only that does the connection take back.
CREATE TABLE mapped_members (
    membership_id TEXT COLLATE "C" NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    given TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (membership_id, connection_id, given)
);
CREATE INDEX mapped_members_connection ON mapped_members (connection_id);

-- Somebody came whose account a connection alone can't say. `arrival` and `onward` are JSON.
CREATE TABLE pending_links (
    browser_hash BYTEA PRIMARY KEY,
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    organization_id TEXT COLLATE "C" NOT NULL,
    arrival TEXT COLLATE "C" NOT NULL,
    only_for TEXT COLLATE "C",
    onward TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pending_links_connection ON pending_links (connection_id);
CREATE INDEX pending_links_expiry ON pending_links (expires_at);

-- [saml] Keys of the service provider, assertions that were used, answers that wait for their browser.

-- `sealed_private` is PKCS #8, sealed; `certificate` is DER in base64.
CREATE TABLE saml_keys (
    name TEXT COLLATE "C" PRIMARY KEY,
    sealed_private BYTEA NOT NULL,
    certificate TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE saml_assertions (
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    assertion_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (connection_id, assertion_id)
);
CREATE INDEX saml_assertions_expiry ON saml_assertions (expires_at);

CREATE TABLE saml_answers (
    handle_hash BYTEA PRIMARY KEY,
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    network TEXT COLLATE "C" NOT NULL,
    message BYTEA NOT NULL,
    state_hash BYTEA,
    expires_at BIGINT NOT NULL
);
CREATE INDEX saml_answers_connection ON saml_answers (connection_id);
CREATE INDEX saml_answers_expiry ON saml_answers (expires_at);
CREATE INDEX saml_answers_network ON saml_answers (network);

-- [scim] Tokens, and what organizations' directories know people and groups by.
CREATE TABLE scim_tokens (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    permissions TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX scim_tokens_organization ON scim_tokens (organization_id, id);

CREATE TABLE scim_users (
    membership_id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    given_name TEXT COLLATE "C" NOT NULL,
    family_name TEXT COLLATE "C" NOT NULL,
    UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, membership_id) REFERENCES memberships (organization_id, id) ON DELETE CASCADE
);

-- Whom a directory removed and may bring back; forgotten when they are a member again.
CREATE TABLE scim_leavers (
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    PRIMARY KEY (organization_id, user_id)
);

-- The groups that a directory made.
CREATE TABLE scim_groups (
    group_id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX scim_groups_organization ON scim_groups (organization_id, group_id);

-- [console] Domains to be verified, and what is looked after of connections.

-- What stands in a domain's DNS; nothing where a superuser's word counts. How often in a row it was missing.
ALTER TABLE domains ADD COLUMN proof TEXT COLLATE "C";
ALTER TABLE domains ADD COLUMN checked_at BIGINT;
ALTER TABLE domains ADD COLUMN missing BIGINT NOT NULL DEFAULT 0;
CREATE INDEX domains_check ON domains (checked_at) WHERE proof IS NOT NULL;

-- What an organization is to write into a domain's DNS.
CREATE TABLE domain_challenges (
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    domain TEXT COLLATE "C" NOT NULL,
    proof TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, domain)
);
CREATE INDEX domain_challenges_expiry ON domain_challenges (expires_at);

-- When a provider's metadata is read again, how that went last, and when its certificates end. warned_days: the last
-- warning was this long before.
CREATE TABLE connection_watches (
    connection_id TEXT COLLATE "C" PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    refresh_at BIGINT,
    refreshed_at BIGINT,
    failures BIGINT NOT NULL DEFAULT 0,
    certificates_end_at BIGINT,
    warned_days BIGINT
);
CREATE INDEX connection_watches_refresh ON connection_watches (refresh_at) WHERE refresh_at IS NOT NULL;
CREATE INDEX connection_watches_end ON connection_watches (certificates_end_at) WHERE certificates_end_at IS NOT NULL;

-- Links by which a tenant's own IT sets a connection up: one each, which may not be there yet or not any more.
CREATE TABLE portal_links (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    secret_hash BYTEA NOT NULL UNIQUE,
    connection_id TEXT COLLATE "C" NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX portal_links_organization ON portal_links (organization_id, id);
CREATE INDEX portal_links_expiry ON portal_links (expires_at);
