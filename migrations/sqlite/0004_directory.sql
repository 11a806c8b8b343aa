-- The directory: what administrators keep of organizations, people and groups, who is invited, and mail on its way out.

ALTER TABLE organizations ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE organizations ADD COLUMN contact_email TEXT;
ALTER TABLE organizations ADD COLUMN mfa_grace_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN allowed_factors TEXT NOT NULL DEFAULT 'totp webauthn sms';
ALTER TABLE organizations ADD COLUMN trusted_device_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN api_key_max_age_days INTEGER;
ALTER TABLE organizations ADD COLUMN password_min_length INTEGER NOT NULL DEFAULT 15;
ALTER TABLE organizations ADD COLUMN password_history INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN required_connection TEXT;
ALTER TABLE organizations ADD COLUMN billing_email TEXT;
ALTER TABLE organizations ADD COLUMN payment_method TEXT;
ALTER TABLE organizations ADD COLUMN payment_reference TEXT;
ALTER TABLE organizations ADD COLUMN outstanding_charges INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN usage_alerts TEXT NOT NULL DEFAULT '';
ALTER TABLE organizations ADD COLUMN limit_products INTEGER NOT NULL DEFAULT 100;
ALTER TABLE organizations ADD COLUMN limit_devices INTEGER NOT NULL DEFAULT 10000;
ALTER TABLE organizations ADD COLUMN limit_users INTEGER NOT NULL DEFAULT 50;
ALTER TABLE organizations ADD COLUMN limit_api_keys INTEGER NOT NULL DEFAULT 100;
ALTER TABLE organizations ADD COLUMN limit_webhooks INTEGER NOT NULL DEFAULT 25;

-- What an organization or an application takes with it when it goes.
CREATE INDEX families_organization ON families (organization_id);
CREATE INDEX families_application ON families (application_id);
CREATE INDEX consents_organization ON consents (organization_id);
CREATE INDEX consents_application ON consents (application_id);

-- What products report that they use, each for itself; product_id is empty for what is reported for all.
CREATE TABLE resource_usage (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    product_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    used INTEGER NOT NULL,
    reported_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, product_id, resource)
) STRICT;

-- What products are about to use: it counts until it is released, or expires.
CREATE TABLE usage_reservations (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    product_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    amount INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX usage_reservations_organization ON usage_reservations (organization_id, id);
CREATE INDEX usage_reservations_expiry ON usage_reservations (expires_at);

-- A domain that is known to be an organization's own; nobody else's then.
CREATE TABLE domains (
    domain TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    verified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX domains_organization ON domains (organization_id, domain);

ALTER TABLE users ADD COLUMN timezone TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN status_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN status_changed_at INTEGER;
-- Once a second membership was accepted, no organization ever manages the user again.
ALTER TABLE users ADD COLUMN never_managed INTEGER NOT NULL DEFAULT 0;
-- The user agreed to be managed, which counts as long as their email domain is the organization's.
ALTER TABLE users ADD COLUMN managed_by_choice INTEGER NOT NULL DEFAULT 0;
UPDATE users SET status_changed_at = created_at WHERE status <> 'active';
CREATE INDEX users_managed ON users (managed_by) WHERE managed_by IS NOT NULL;
CREATE INDEX users_default_organization ON users (default_organization_id);

-- What a search finds a person by: the email address and each word of the name, in comparable form.
CREATE TABLE user_words (
    word TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (word, user_id)
) STRICT;
CREATE INDEX user_words_user ON user_words (user_id, word);

CREATE TABLE avatars (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    media_type TEXT NOT NULL,
    image BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A new email address until its link is followed; one for each user.
CREATE TABLE email_changes (
    secret_hash BLOB PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX email_changes_expiry ON email_changes (expires_at);

ALTER TABLE memberships ADD COLUMN status_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE memberships ADD COLUMN status_changed_at INTEGER;
UPDATE memberships SET status_changed_at = created_at WHERE status <> 'active';
CREATE INDEX memberships_status ON memberships (organization_id, status, user_id);
CREATE INDEX memberships_role ON memberships (role_id, organization_id, user_id);

ALTER TABLE roles ADD COLUMN description TEXT NOT NULL DEFAULT '';
CREATE INDEX roles_organization ON roles (organization_id, id);

ALTER TABLE groups ADD COLUMN description TEXT NOT NULL DEFAULT '';
-- The name as far as people tell names apart; a second one like it is refused.
ALTER TABLE groups ADD COLUMN name_comparable TEXT NOT NULL DEFAULT '';
UPDATE groups SET name_comparable = lower(name);
CREATE INDEX groups_name ON groups (organization_id, name_comparable);

CREATE INDEX grants_organization ON grants (organization_id, id);
DROP INDEX grants_membership;
DROP INDEX grants_group;
DROP INDEX grants_application;
CREATE INDEX grants_membership ON grants (membership_id, id);
CREATE INDEX grants_group ON grants (group_id, id);
CREATE INDEX grants_application ON grants (application_id, id);
CREATE INDEX grants_role ON grants (role_id);

-- sealed_secret is the link once more, sealed by the master key: kept for the reminder alone, and wiped with it or at the end.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_comparable TEXT NOT NULL,
    role_id TEXT REFERENCES roles (id),
    message TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    sealed_secret BLOB,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    reminded_at INTEGER,
    ended_at INTEGER,
    accepted_by TEXT REFERENCES users (id),
    UNIQUE (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX invitations_pending ON invitations (organization_id, email_comparable) WHERE state = 'pending';
CREATE INDEX invitations_state ON invitations (organization_id, state, id);
CREATE INDEX invitations_reminder ON invitations (sent_at) WHERE state = 'pending' AND reminded_at IS NULL;
CREATE INDEX invitations_expiry ON invitations (expires_at) WHERE state = 'pending';
CREATE INDEX invitations_email ON invitations (organization_id, email_comparable, id);
CREATE INDEX invitations_role ON invitations (role_id);

CREATE TABLE invitation_groups (
    organization_id TEXT NOT NULL,
    invitation_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    PRIMARY KEY (invitation_id, group_id),
    FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, group_id) REFERENCES groups (organization_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX invitation_groups_group ON invitation_groups (group_id);

-- Letters on their way, sealed by the master key; a letter goes when it is delivered, and stays when it never can be.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    sealed_letter BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    given_up_at INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at) WHERE given_up_at IS NULL;

-- What jobs and checks look for among many rows.
DROP INDEX activations_organization;
CREATE INDEX activations_organization ON activations (organization_id, id);
CREATE INDEX users_superuser ON users (id) WHERE superuser;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX families_revoked ON families (revoked_at) WHERE revoked_at IS NOT NULL;

INSERT INTO user_words (word, user_id) SELECT email_comparable, id FROM users;
INSERT INTO user_words (word, user_id) SELECT lower(name), id FROM users WHERE true ON CONFLICT DO NOTHING;
