-- What proves a person besides a password, what is kept of passwords, and what their people are told.

-- Policy: since when an organization asks for a second factor; which proofs were made earlier on a trusted device; where
-- a sign-in leads; an enrolment that can wait.
ALTER TABLE organizations ADD COLUMN mfa_required_since INTEGER;
UPDATE organizations SET mfa_required_since = created_at WHERE require_mfa;
ALTER TABLE session_proofs ADD COLUMN remembered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_ins ADD COLUMN page TEXT;
ALTER TABLE authorization_requests ADD COLUMN put_off INTEGER NOT NULL DEFAULT 0;
ALTER TABLE known_devices ADD COLUMN trusted_at INTEGER;
ALTER TABLE known_devices ADD COLUMN trusted_method TEXT;
ALTER TABLE known_devices ADD COLUMN trusted_credential_id TEXT;

-- Passwords.
ALTER TABLE password_credentials ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;

-- Codes.
CREATE TABLE totp_credentials (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id),
    secret BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
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

-- Sessions and keys.

-- Alerts.
