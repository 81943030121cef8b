-- One interaction may order several pictures: each is a job, numbered by `part`.
-- SQLite can't drop a UNIQUE column constraint, so the table is made again with all its rows.
PRAGMA defer_foreign_keys = ON;                      -- children find their rows again before the commit
CREATE INDEX gallery_by_root_job ON gallery_entry (root_job);   -- only to check foreign keys fast

CREATE TABLE job_before AS SELECT * FROM job;
DROP VIEW file_use;
DROP TABLE job;

CREATE TABLE job (
    id             TEXT    PRIMARY KEY,
    interaction_id INTEGER NOT NULL,
    part           INTEGER NOT NULL DEFAULT 0 CHECK (part >= 0),   -- 0: its interaction's only picture
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
    run_at         INTEGER NOT NULL,
    owner          TEXT,                             -- the process that carries it
    lease_until    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (interaction_id, part)                    -- a re-delivered interaction finds its jobs
) STRICT;

INSERT INTO job (id, interaction_id, guild_id, channel_id, user_id, user_name, ordered, reply_token,
                 message_id, task_uuid, state, epoch, attempts, sends, hold, cost, seed, seed_note,
                 output, plan, failure, created_at, updated_at, run_at, owner, lease_until)
SELECT id, interaction_id, guild_id, channel_id, user_id, user_name, ordered, reply_token,
       message_id, task_uuid, state, epoch, attempts, sends, hold, cost, seed, seed_note,
       output, plan, failure, created_at, updated_at, run_at, owner, lease_until
FROM job_before ORDER BY rowid;
DROP TABLE job_before;
DROP INDEX gallery_by_root_job;

CREATE INDEX job_due ON job (run_at)
    WHERE state IN ('reserved', 'prepared', 'submitting', 'submitted', 'rendered', 'stored', 'delivered');
CREATE INDEX job_by_user ON job (guild_id, user_id, created_at);
CREATE INDEX job_open_by_user ON job (user_id)
    WHERE state IN ('reserved', 'prepared', 'submitting', 'submitted', 'rendered', 'stored', 'delivered');
CREATE INDEX job_parked ON job (updated_at) WHERE state = 'parked';
CREATE INDEX job_by_age ON job (updated_at) WHERE state IN ('settled', 'cancelled', 'failed');
CREATE INDEX job_by_seed ON job (seed) WHERE seed IS NOT NULL;
CREATE INDEX job_by_message ON job (guild_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX job_by_guild ON job (guild_id);

CREATE VIEW file_use AS                              -- every mention of a stored file by a job
    SELECT id AS job_id, seed AS digest FROM job WHERE seed IS NOT NULL
    UNION ALL SELECT job_id, raw FROM result WHERE raw IS NOT NULL
    UNION ALL SELECT job_id, delivered FROM result WHERE delivered IS NOT NULL
    UNION ALL SELECT job_id, digest FROM master;
