-- Reviews of who holds what, and when members last signed in for each of their organizations.

CREATE TABLE reviews (
    id TEXT COLLATE "C" PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    scope_id TEXT COLLATE "C",
    scope_name TEXT COLLATE "C" NOT NULL,
    reviewer_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    started_by TEXT COLLATE "C" NOT NULL,
    undecided TEXT COLLATE "C" NOT NULL,
    on_revoke TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL,
    remind_at BIGINT,
    every BIGINT,
    unit TEXT COLLATE "C",
    repeats_from BIGINT,
    next_at BIGINT,
    state TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT COLLATE "C",
    -- How many are in it, and how many of them were decided and carried out: counted on the way.
    people BIGINT NOT NULL,
    kept BIGINT NOT NULL DEFAULT 0,
    revoked BIGINT NOT NULL DEFAULT 0,
    done BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX reviews_organization ON reviews (organization_id, id);
CREATE INDEX reviews_state ON reviews (organization_id, state, id);
CREATE INDEX reviews_reminder ON reviews (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX reviews_repetition ON reviews (next_at) WHERE next_at IS NOT NULL;

-- held is what they held when the review started, as JSON.
CREATE TABLE review_items (
    id TEXT COLLATE "C" PRIMARY KEY,
    review_id TEXT COLLATE "C" NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    held TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C",
    note TEXT COLLATE "C" NOT NULL DEFAULT '',
    decided_by TEXT COLLATE "C",
    decided_at BIGINT,
    outcome TEXT COLLATE "C",
    refusal_code TEXT COLLATE "C",
    refusal_detail TEXT COLLATE "C",
    UNIQUE (review_id, user_id)
);
CREATE INDEX review_items_verdict ON review_items (review_id, verdict, user_id);

ALTER TABLE memberships ADD COLUMN last_sign_in_at BIGINT;
UPDATE memberships SET last_sign_in_at = (
    SELECT MAX(a.created_at) FROM sessions s JOIN activations a ON a.session_id = s.id
    WHERE s.user_id = memberships.user_id AND a.organization_id = memberships.organization_id
);
