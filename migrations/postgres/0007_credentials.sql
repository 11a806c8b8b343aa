-- What proves a person besides a password, what is kept of passwords, and what their people are told.

-- Policy: since when an organization asks for a second factor; which proofs were made earlier on a trusted device; where
-- a sign-in leads; an enrolment that can wait.
ALTER TABLE organizations ADD COLUMN mfa_required_since BIGINT;
UPDATE organizations SET mfa_required_since = created_at WHERE require_mfa;
ALTER TABLE session_proofs ADD COLUMN remembered BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sign_ins ADD COLUMN page TEXT COLLATE "C";
ALTER TABLE authorization_requests ADD COLUMN put_off BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE known_devices ADD COLUMN trusted_at BIGINT;
ALTER TABLE known_devices ADD COLUMN trusted_method TEXT COLLATE "C";
ALTER TABLE known_devices ADD COLUMN trusted_credential_id TEXT COLLATE "C";

-- Passwords.
ALTER TABLE password_credentials ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE;

-- Codes.
CREATE TABLE totp_credentials (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES users (id),
    secret BYTEA NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);

-- credential_id names the set that a code was made in.
CREATE TABLE recovery_codes (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    code_hash BYTEA NOT NULL,
    credential_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE phones (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES users (id),
    number TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);

-- Passkeys and security keys.
CREATE TABLE passkeys (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    webauthn_id BYTEA NOT NULL UNIQUE,
    credential TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_user ON passkeys (user_id, id);

-- Sessions and keys. A key without products reaches all of them. warned_days: the last warning was this long before its end.
ALTER TABLE api_keys ADD COLUMN products TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN ip_allowlist TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN last_used_address TEXT COLLATE "C";
ALTER TABLE api_keys ADD COLUMN last_used_by TEXT COLLATE "C";
ALTER TABLE api_keys ADD COLUMN rotated_to TEXT COLLATE "C";
ALTER TABLE api_keys ADD COLUMN warned_days BIGINT;
CREATE INDEX api_keys_end ON api_keys (expires_at) WHERE revoked_at IS NULL;
CREATE INDEX organizations_key_age ON organizations (id) WHERE api_key_max_age_days IS NOT NULL;

-- Alerts. The link says that somebody else did it.
CREATE TABLE alerts (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    organization_id TEXT COLLATE "C" REFERENCES organizations (id),
    kind TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C",
    user_agent TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT,
    link_hash BYTEA UNIQUE,
    link_expires_at BIGINT,
    link_used_at BIGINT
);
CREATE INDEX alerts_user ON alerts (user_id, id);
CREATE INDEX alerts_organization ON alerts (organization_id, id);
CREATE INDEX alerts_created ON alerts (created_at);
