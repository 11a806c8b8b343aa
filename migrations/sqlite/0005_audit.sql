-- The audit log under seal: who acted for whom, what is of a person and can be erased, and the chains that hold it all.

-- Rows from before keep the words that their MAC covers, address and program as JSON, and have no digest.
ALTER TABLE audit_events RENAME TO audit_events_before;
DROP INDEX audit_events_organization;
CREATE TABLE audit_events (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    organization_id TEXT,
    action TEXT NOT NULL,
    category TEXT NOT NULL,
    actor TEXT NOT NULL,
    on_behalf_of TEXT,
    target TEXT,
    result TEXT NOT NULL,
    detail TEXT NOT NULL,
    personal TEXT,
    salt BLOB,
    binding BLOB,
    at INTEGER NOT NULL,
    digest BLOB,
    mac BLOB NOT NULL
) STRICT;
INSERT INTO audit_events (id, organization_id, action, category, actor, target, result, detail, personal, at, mac)
SELECT id, organization_id, action, 'change', actor, target, result, detail,
       CASE WHEN address IS NOT NULL OR user_agent IS NOT NULL
            THEN json_object('ip', address, 'user_agent', user_agent) END,
       at, mac
FROM audit_events_before ORDER BY at, id;
DROP TABLE audit_events_before;

-- An event's id begins with its time. Events of tokens are most by far, and so are in few indexes.
CREATE INDEX audit_events_log ON audit_events (COALESCE(organization_id, ''), id);
CREATE INDEX audit_events_action ON audit_events (COALESCE(organization_id, ''), action, id) WHERE category <> 'token';
CREATE INDEX audit_events_refused ON audit_events (COALESCE(organization_id, ''), id) WHERE result = 'refused';
CREATE INDEX audit_events_access ON audit_events (COALESCE(organization_id, ''), id) WHERE category = 'access';
-- A person's own, wherever it was; and what happened to somebody or something, which few events name.
CREATE INDEX audit_events_person ON audit_events (COALESCE(on_behalf_of, actor), id);
CREATE INDEX audit_events_sign_ins ON audit_events (COALESCE(on_behalf_of, actor), id) WHERE category = 'sign_in';
CREATE INDEX audit_events_target ON audit_events (target, id) WHERE target IS NOT NULL;

-- A link of a chain: the events that were new, in order. A chain is an organization's log; '' is the instance's own.
CREATE TABLE audit_seals (
    chain TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    leaves BLOB NOT NULL,
    root BLOB NOT NULL,
    previous BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (chain, sequence)
) STRICT;

-- The newest link of each chain.
CREATE TABLE audit_heads (
    chain TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    digest BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;

-- How far sealing has come, once it has begun: one row.
CREATE TABLE audit_sealing (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next INTEGER NOT NULL,
    skipped BLOB NOT NULL,
    seals INTEGER NOT NULL,
    events INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;

-- Where a chain begins now that what was older is gone.
CREATE TABLE audit_cuts (
    chain TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    events INTEGER NOT NULL,
    digest BLOB NOT NULL,
    keep_days INTEGER NOT NULL,
    at INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- Whose personal detail is erased, of events before `at`; those before `through` are done.
CREATE TABLE audit_erasures (
    user_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    signature BLOB NOT NULL,
    through INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX audit_erasures_unfinished ON audit_erasures (user_id) WHERE finished_at IS NULL;
