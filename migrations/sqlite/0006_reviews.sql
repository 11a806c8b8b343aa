-- Reviews of who holds what, and when members last signed in for each of their organizations.

CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    scope_id TEXT,
    scope_name TEXT NOT NULL,
    reviewer_id TEXT NOT NULL REFERENCES users (id),
    started_by TEXT NOT NULL,
    undecided TEXT NOT NULL,
    on_revoke TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    remind_at INTEGER,
    every INTEGER,
    unit TEXT,
    repeats_from INTEGER,
    next_at INTEGER,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by TEXT,
    -- How many are in it, and how many of them were decided and carried out: counted on the way.
    people INTEGER NOT NULL,
    kept INTEGER NOT NULL DEFAULT 0,
    revoked INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX reviews_organization ON reviews (organization_id, id);
CREATE INDEX reviews_state ON reviews (organization_id, state, id);
CREATE INDEX reviews_reminder ON reviews (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX reviews_repetition ON reviews (next_at) WHERE next_at IS NOT NULL;

-- held is what they held when the review started, as JSON.
CREATE TABLE review_items (
    id TEXT PRIMARY KEY,
    review_id TEXT NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    held TEXT NOT NULL,
    verdict TEXT,
    note TEXT NOT NULL DEFAULT '',
    decided_by TEXT,
    decided_at INTEGER,
    outcome TEXT,
    refusal_code TEXT,
    refusal_detail TEXT,
    UNIQUE (review_id, user_id)
) STRICT;
CREATE INDEX review_items_verdict ON review_items (review_id, verdict, user_id);

ALTER TABLE memberships ADD COLUMN last_sign_in_at INTEGER;
UPDATE memberships SET last_sign_in_at = (
    SELECT MAX(a.created_at) FROM sessions s JOIN activations a ON a.session_id = s.id
    WHERE s.user_id = memberships.user_id AND a.organization_id = memberships.organization_id
);
