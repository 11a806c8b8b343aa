-- The life of a token: refresh tokens and what they descend from, tokens that died before their time, and which grant
-- types an application may use.

ALTER TABLE applications ADD COLUMN grant_types TEXT COLLATE "C" NOT NULL DEFAULT 'authorization_code';
ALTER TABLE applications ADD COLUMN admin_api BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE applications ADD COLUMN id_token_on_refresh BOOLEAN NOT NULL DEFAULT FALSE;

-- A family hangs on its session, or, if it is offline, on its consent alone; then how its person proved themselves is
-- known from here.
ALTER TABLE families ADD COLUMN resources TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE families ADD COLUMN offline BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE families ADD COLUMN authenticated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE families ADD COLUMN acr TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE families ADD COLUMN amr TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE families ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
UPDATE families SET expires_at = created_at + 300000, authenticated_at = created_at;
CREATE INDEX families_expiry ON families (expires_at);

CREATE TABLE refresh_tokens (
    token_hash BYTEA PRIMARY KEY,
    family_id TEXT COLLATE "C" NOT NULL REFERENCES families (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT,
    successor_hash BYTEA,
    sealed_successor BYTEA
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_sealed ON refresh_tokens (spent_at) WHERE sealed_successor IS NOT NULL;

CREATE TABLE revoked_tokens (
    jti TEXT COLLATE "C" PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_expiry ON revoked_tokens (expires_at);
