-- What proves a person besides a password, what is kept of passwords, and what their people are told.

-- Policy: since when an organization asks for a second factor; which proofs were made earlier on a trusted device; where
-- a sign-in leads; an enrolment that can wait.
ALTER TABLE organizations ADD COLUMN mfa_required_since BIGINT;
UPDATE organizations SET mfa_required_since = created_at WHERE require_mfa;
ALTER TABLE session_proofs ADD COLUMN remembered BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sign_ins ADD COLUMN page TEXT COLLATE "C";
ALTER TABLE authorization_requests ADD COLUMN put_off BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX authorization_requests_browser ON authorization_requests (browser_hash, id);
ALTER TABLE known_devices ADD COLUMN trusted_at BIGINT;
ALTER TABLE known_devices ADD COLUMN trusted_method TEXT COLLATE "C";
ALTER TABLE known_devices ADD COLUMN trusted_credential_id TEXT COLLATE "C";

-- Passwords.
ALTER TABLE password_credentials ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE;

-- What a password was before, for as long as an organization asks that a new one differs from it.
CREATE TABLE password_history (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    hash TEXT COLLATE "C" NOT NULL,
    replaced_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, hash)
);

-- One link a user, which gives them another password.
CREATE TABLE password_resets (
    user_id TEXT COLLATE "C" PRIMARY KEY REFERENCES users (id),
    secret_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

-- Who asked for such a link, whoever they are, until a job has looked whether there is somebody.
CREATE TABLE reset_requests (
    id TEXT COLLATE "C" PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL
);

-- Codes.
CREATE TABLE totp_credentials (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES users (id),
    secret BYTEA NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);

-- A secret that waits for its first code; the credential, if there is one, stays good until then.
CREATE TABLE totp_enrolments (
    user_id TEXT COLLATE "C" PRIMARY KEY REFERENCES users (id),
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
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

-- What was sent to a phone: one code for each purpose of a person. sign_in_id is empty where the purpose is no sign-in.
CREATE TABLE sms_codes (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    purpose TEXT COLLATE "C" NOT NULL,
    sign_in_id TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    code_hash BYTEA NOT NULL,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, purpose)
);

-- What is counted of each message: whose, to which number, over which network, and more.
CREATE TABLE sms_sends (
    subject BYTEA NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    sent_at BIGINT NOT NULL,
    PRIMARY KEY (subject, sent_at, id)
);
CREATE INDEX sms_sends_sent_at ON sms_sends (sent_at);

-- Passkeys and security keys.
CREATE TABLE passkeys (
    id TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    webauthn_id BYTEA NOT NULL UNIQUE,
    credential TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    synced BOOLEAN NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    clone_seen_at BIGINT
);
CREATE INDEX passkeys_user ON passkeys (user_id, id);

-- What a browser was asked to sign and has not answered; `purpose` says for what, and whose answer it is.
CREATE TABLE webauthn_ceremonies (
    secret_hash BYTEA PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX webauthn_ceremonies_expiry ON webauthn_ceremonies (expires_at);
CREATE INDEX webauthn_ceremonies_network ON webauthn_ceremonies (network);

-- Sessions and keys. A key without products reaches all of them. warned_days: the last warning was this long before its end.
ALTER TABLE api_keys ADD COLUMN products TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN ip_allowlist TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN last_used_address TEXT COLLATE "C";
ALTER TABLE api_keys ADD COLUMN last_used_by TEXT COLLATE "C";
ALTER TABLE api_keys ADD COLUMN rotated_to TEXT COLLATE "C";
-- Keys from before were made by whoever was signed in, however long ago.
ALTER TABLE api_keys ADD COLUMN made_fresh BOOLEAN NOT NULL DEFAULT FALSE;
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
