-- Federation: upstream providers of organizations, who comes by them, and how that went.

-- Until when a provider stands by its word; whose word a session stands on.
ALTER TABLE session_proofs ADD COLUMN until INTEGER;
CREATE INDEX session_proofs_connection ON session_proofs (connection_id) WHERE connection_id IS NOT NULL;

-- Whether a security key counts only if it made sure who touched it.
ALTER TABLE organizations ADD COLUMN require_user_verification INTEGER NOT NULL DEFAULT 0;

-- Connections. `provider` is JSON: what is known of an OpenID or SAML provider. `secret` is the OIDC client secret, sealed.
CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    provider TEXT NOT NULL,
    secret BLOB,
    mapping TEXT NOT NULL,
    creates_members INTEGER NOT NULL,
    trusts_mfa INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX connections_organization ON connections (organization_id, id);

-- A user's account at an upstream provider: the connection and the provider's own name for them, never an email address.
CREATE TABLE identities (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    UNIQUE (connection_id, subject)
) STRICT;
CREATE INDEX identities_user ON identities (user_id, id);

-- Browsers that were sent to an upstream provider and have not come back. `purpose` and `sent` are JSON.
CREATE TABLE upstream_requests (
    id TEXT PRIMARY KEY,
    state_hash BLOB NOT NULL UNIQUE,
    browser_hash BLOB NOT NULL,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL,
    network TEXT NOT NULL,
    purpose TEXT NOT NULL,
    sent TEXT NOT NULL,
    reference TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX upstream_requests_expiry ON upstream_requests (expires_at);
CREATE INDEX upstream_requests_network ON upstream_requests (network);
CREATE INDEX upstream_requests_connection ON upstream_requests (connection_id);

-- The SSO log. It is no audit log: it is there for whoever sets a connection up, and is forgotten after some weeks.
CREATE TABLE sso_attempts (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    reference TEXT NOT NULL,
    stage TEXT NOT NULL,
    refusal TEXT,
    detail TEXT NOT NULL,
    subject TEXT,
    user_id TEXT,
    test INTEGER NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX sso_attempts_connection ON sso_attempts (connection_id, id);
CREATE INDEX sso_attempts_at ON sso_attempts (at);

-- [upstream] What arrivals gave and may take back; links that wait for their person.

-- What a member has by a rule of a connection: a role or a group, by its id. Only that does the connection take back.
CREATE TABLE mapped_members (
    membership_id TEXT NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    given TEXT NOT NULL,
    PRIMARY KEY (membership_id, connection_id, given)
) STRICT;
CREATE INDEX mapped_members_connection ON mapped_members (connection_id);

-- Somebody came whose account a connection alone can't say. `arrival` and `onward` are JSON.
CREATE TABLE pending_links (
    browser_hash BLOB PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL,
    arrival TEXT NOT NULL,
    only_for TEXT,
    onward TEXT NOT NULL,
    reference TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pending_links_connection ON pending_links (connection_id);
CREATE INDEX pending_links_expiry ON pending_links (expires_at);

-- [saml] Keys of the service provider, assertions that were used, answers that wait for their browser.

-- `sealed_private` is PKCS #8, sealed; `certificate` is DER in base64.
CREATE TABLE saml_keys (
    name TEXT PRIMARY KEY,
    sealed_private BLOB NOT NULL,
    certificate TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE saml_assertions (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    assertion_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (connection_id, assertion_id)
) STRICT;
CREATE INDEX saml_assertions_expiry ON saml_assertions (expires_at);

CREATE TABLE saml_answers (
    handle_hash BLOB PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    message BLOB NOT NULL,
    state_hash BLOB,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX saml_answers_connection ON saml_answers (connection_id);
CREATE INDEX saml_answers_expiry ON saml_answers (expires_at);
CREATE INDEX saml_answers_network ON saml_answers (network);

-- [scim] Tokens, and what organizations' directories know people and groups by.
CREATE TABLE scim_tokens (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX scim_tokens_organization ON scim_tokens (organization_id, id);

CREATE TABLE scim_users (
    membership_id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    external_id TEXT,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, membership_id) REFERENCES memberships (organization_id, id) ON DELETE CASCADE
) STRICT;

-- Whom a directory removed and may bring back; forgotten when they are a member again.
CREATE TABLE scim_leavers (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (organization_id, user_id)
) STRICT;

-- The groups that a directory made.
CREATE TABLE scim_groups (
    group_id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    external_id TEXT,
    UNIQUE (organization_id, external_id),
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX scim_groups_organization ON scim_groups (organization_id, group_id);

-- [console] Domains to be verified, and what is looked after of connections.

-- What stands in a domain's DNS; nothing where a superuser's word counts. How often in a row it was missing.
ALTER TABLE domains ADD COLUMN proof TEXT;
ALTER TABLE domains ADD COLUMN checked_at INTEGER;
ALTER TABLE domains ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX domains_check ON domains (checked_at) WHERE proof IS NOT NULL;

-- What an organization is to write into a domain's DNS.
CREATE TABLE domain_challenges (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    domain TEXT NOT NULL,
    proof TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, domain)
) STRICT;
CREATE INDEX domain_challenges_expiry ON domain_challenges (expires_at);

-- When a provider's metadata is read again, how that went last, and when its certificates end. warned_days: the last
-- warning was this long before.
CREATE TABLE connection_watches (
    connection_id TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    refresh_at INTEGER,
    refreshed_at INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    certificates_end_at INTEGER,
    warned_days INTEGER
) STRICT;
CREATE INDEX connection_watches_refresh ON connection_watches (refresh_at) WHERE refresh_at IS NOT NULL;
CREATE INDEX connection_watches_end ON connection_watches (certificates_end_at) WHERE certificates_end_at IS NOT NULL;

-- Links by which a tenant's own IT sets a connection up: one each, which may not be there yet or not any more.
CREATE TABLE portal_links (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL UNIQUE,
    connection_id TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX portal_links_organization ON portal_links (organization_id, id);
CREATE INDEX portal_links_expiry ON portal_links (expires_at);
