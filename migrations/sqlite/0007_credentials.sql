-- What proves a person besides a password, what is kept of passwords, and what their people are told.

-- Policy: since when an organization asks for a second factor; which proofs were made earlier on a trusted device; where
-- a sign-in leads; an enrolment that can wait.
ALTER TABLE organizations ADD COLUMN mfa_required_since INTEGER;
UPDATE organizations SET mfa_required_since = created_at WHERE require_mfa;
ALTER TABLE session_proofs ADD COLUMN remembered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_ins ADD COLUMN page TEXT;
ALTER TABLE authorization_requests ADD COLUMN put_off INTEGER NOT NULL DEFAULT 0;
CREATE INDEX authorization_requests_browser ON authorization_requests (browser_hash, id);
ALTER TABLE known_devices ADD COLUMN trusted_at INTEGER;
ALTER TABLE known_devices ADD COLUMN trusted_method TEXT;
ALTER TABLE known_devices ADD COLUMN trusted_credential_id TEXT;

-- Passwords.
ALTER TABLE password_credentials ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;

-- What a password was before, for as long as an organization asks that a new one differs from it.
CREATE TABLE password_history (
    user_id TEXT NOT NULL REFERENCES users (id),
    hash TEXT NOT NULL,
    replaced_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, hash)
) STRICT;

-- One link a user, which gives them another password.
CREATE TABLE password_resets (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    secret_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

-- Who asked for such a link, whoever they are, until a job has looked whether there is somebody.
CREATE TABLE reset_requests (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT;

-- Codes.
CREATE TABLE totp_credentials (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id),
    secret BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

-- A secret that waits for its first code; the credential, if there is one, stays good until then.
CREATE TABLE totp_enrolments (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- credential_id names the set that a code was made in.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code_hash BLOB NOT NULL,
    credential_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (user_id, code_hash)
) STRICT;

CREATE TABLE phones (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id),
    number TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

-- What was sent to a phone: one code for each purpose of a person. sign_in_id is empty where the purpose is no sign-in.
CREATE TABLE sms_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    purpose TEXT NOT NULL,
    sign_in_id TEXT NOT NULL,
    number TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, purpose)
) STRICT;

-- What is counted of each message: whose, to which number, over which network, and more.
CREATE TABLE sms_sends (
    subject BLOB NOT NULL,
    id TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (subject, sent_at, id)
) STRICT;
CREATE INDEX sms_sends_sent_at ON sms_sends (sent_at);

-- Passkeys and security keys.
CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    webauthn_id BLOB NOT NULL UNIQUE,
    credential TEXT NOT NULL,
    kind TEXT NOT NULL,
    synced INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    clone_seen_at INTEGER
) STRICT;
CREATE INDEX passkeys_user ON passkeys (user_id, id);

-- What a browser was asked to sign and has not answered; `purpose` says for what, and whose answer it is.
CREATE TABLE webauthn_ceremonies (
    secret_hash BLOB PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    purpose TEXT NOT NULL,
    network TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX webauthn_ceremonies_expiry ON webauthn_ceremonies (expires_at);
CREATE INDEX webauthn_ceremonies_network ON webauthn_ceremonies (network);

-- Sessions and keys. A key without products reaches all of them. warned_days: the last warning was this long before its end.
ALTER TABLE api_keys ADD COLUMN products TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN ip_allowlist TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN last_used_address TEXT;
ALTER TABLE api_keys ADD COLUMN last_used_by TEXT;
ALTER TABLE api_keys ADD COLUMN rotated_to TEXT;
-- Keys from before were made by whoever was signed in, however long ago.
ALTER TABLE api_keys ADD COLUMN made_fresh INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN warned_days INTEGER;
CREATE INDEX api_keys_end ON api_keys (expires_at) WHERE revoked_at IS NULL;
CREATE INDEX organizations_key_age ON organizations (id) WHERE api_key_max_age_days IS NOT NULL;

-- Alerts. The link says that somebody else did it.
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    organization_id TEXT REFERENCES organizations (id),
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    address TEXT,
    user_agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER,
    link_hash BLOB UNIQUE,
    link_expires_at INTEGER,
    link_used_at INTEGER
) STRICT;
CREATE INDEX alerts_user ON alerts (user_id, id);
CREATE INDEX alerts_organization ON alerts (organization_id, id);
CREATE INDEX alerts_created ON alerts (created_at);
