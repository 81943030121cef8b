-- Money and jobs. Amounts are whole micro-dollars or whole results; times are milliseconds since 1970, UTC.

CREATE TABLE job (
    id             TEXT PRIMARY KEY,
    interaction_id INTEGER NOT NULL UNIQUE,          -- a re-delivered interaction finds its job
    guild_id       INTEGER NOT NULL,
    channel_id     INTEGER NOT NULL,
    user_id        INTEGER NOT NULL,
    user_name      TEXT    NOT NULL,
    ordered        TEXT    NOT NULL,                 -- the order, as JSON
    reply_token    TEXT,                             -- cleared when the job ends
    message_id     INTEGER,
    task_uuid      TEXT    NOT NULL UNIQUE,          -- chosen here, before the first byte leaves
    state          TEXT    NOT NULL CHECK (state IN (
        'reserved', 'prepared', 'submitting', 'submitted', 'rendered', 'stored',
        'delivered', 'settled', 'cancelled', 'failed', 'parked')),
    epoch          INTEGER NOT NULL DEFAULT 0,       -- raised by each claim; fences earlier owners
    attempts       INTEGER NOT NULL DEFAULT 0,       -- failed tries of the present step
    sends          INTEGER NOT NULL DEFAULT 0,       -- how often the request may have left
    hold           INTEGER NOT NULL CHECK (hold >= 0),
    cost           INTEGER CHECK (cost >= 0),
    seed           TEXT,                             -- SHA-256 of the stored seed image
    seed_note      TEXT    NOT NULL DEFAULT '',
    output         TEXT    CHECK (output IN ('PNG', 'JPG', 'WEBP')),
    plan           TEXT,                             -- the plan, as JSON
    failure        TEXT    NOT NULL DEFAULT '',
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    run_at         INTEGER NOT NULL
) STRICT;

CREATE INDEX job_due ON job (run_at)
    WHERE state IN ('reserved', 'prepared', 'submitting', 'submitted', 'rendered', 'stored', 'delivered');
CREATE INDEX job_by_user ON job (guild_id, user_id, created_at);

CREATE TABLE result (
    job_id     TEXT    NOT NULL REFERENCES job (id),
    ordinal    INTEGER NOT NULL CHECK (ordinal >= 0),
    image_uuid TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    noise_seed INTEGER,
    cost       INTEGER CHECK (cost >= 0),
    raw        TEXT,
    delivered  TEXT,
    format     TEXT    CHECK (format IN ('PNG', 'JPG', 'WEBP')),
    bytes      INTEGER NOT NULL DEFAULT 0,
    note       TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, ordinal),
    UNIQUE (job_id, image_uuid)
) STRICT;

CREATE TABLE job_event (
    id      INTEGER PRIMARY KEY,
    job_id  TEXT    NOT NULL REFERENCES job (id),
    source  TEXT,                                    -- NULL: the job was made
    target  TEXT    NOT NULL,
    epoch   INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    detail  TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX job_event_by_job ON job_event (job_id, id);

CREATE TABLE account (
    scope TEXT PRIMARY KEY,                          -- carries its window: a new day is a new account
    unit  TEXT    NOT NULL CHECK (unit IN ('micro_usd', 'result')),
    cap   INTEGER CHECK (cap >= 0),                  -- as last applied; NULL is no cap
    held  INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0)
    -- no CHECK (held + spent <= cap): a bill above its hold has to be recorded
) STRICT;

CREATE TABLE entry (
    job_id TEXT    NOT NULL REFERENCES job (id),
    scope  TEXT    NOT NULL REFERENCES account (scope),
    kind   TEXT    NOT NULL CHECK (kind IN ('hold', 'settle', 'release', 'adjust')),
    amount INTEGER NOT NULL CHECK (amount >= 0 OR kind = 'adjust'),
    at     INTEGER NOT NULL,
    PRIMARY KEY (job_id, scope, kind)                -- nothing is held or settled twice
) STRICT;

CREATE TRIGGER entry_is_never_updated BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TABLE fact (
    name  TEXT PRIMARY KEY,                          -- what the program remembers of itself
    value TEXT NOT NULL
) STRICT;
