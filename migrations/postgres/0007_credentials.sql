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

-- Sessions and keys.

-- Alerts.
