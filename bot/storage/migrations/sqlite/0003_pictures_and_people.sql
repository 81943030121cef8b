-- Where a picture comes from, what was begun and not yet paid for, and what members wish for themselves.

CREATE TABLE lineage (
    job_id         TEXT    PRIMARY KEY REFERENCES job (id),
    parent_job     TEXT    NOT NULL REFERENCES job (id),
    parent_ordinal INTEGER NOT NULL CHECK (parent_ordinal >= 0),
    offset_x       INTEGER NOT NULL CHECK (offset_x >= 0),   -- of the parent in this canvas, in pixels
    offset_y       INTEGER NOT NULL CHECK (offset_y >= 0),
    scale          REAL    NOT NULL DEFAULT 1 CHECK (scale > 0)
) STRICT;
CREATE INDEX lineage_by_parent ON lineage (parent_job, parent_ordinal);

CREATE TABLE master (                                -- a result without loss, made when it is first needed
    job_id  TEXT    NOT NULL REFERENCES job (id),
    ordinal INTEGER NOT NULL,
    digest  TEXT    NOT NULL,
    PRIMARY KEY (job_id, ordinal)
) STRICT;

CREATE TABLE draft (                                 -- a preview, a menu's choice, a film: nothing is held for it
    id         TEXT    PRIMARY KEY,
    guild_id   INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    body       TEXT    NOT NULL,                     -- JSON, by the service that made it
    file       TEXT,                                 -- SHA-256 of a stored file that it needs
    created_at INTEGER NOT NULL,
    taken_by   INTEGER                               -- the interaction that used it up
) STRICT;
CREATE INDEX draft_by_age ON draft (created_at);
CREATE INDEX draft_by_user ON draft (user_id);

CREATE TABLE opt_out (                               -- whose pictures others may not expand
    user_id INTEGER PRIMARY KEY,
    since   INTEGER NOT NULL
) STRICT;

CREATE TABLE removal (                               -- the job's files are no longer kept
    job_id TEXT    PRIMARY KEY REFERENCES job (id),
    reason TEXT    NOT NULL CHECK (reason IN ('age', 'member', 'erased', 'moderator')),
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX job_by_age ON job (updated_at) WHERE state IN ('settled', 'cancelled', 'failed');

CREATE VIEW file_use AS                              -- every mention of a stored file by a job
    SELECT id AS job_id, seed AS digest FROM job WHERE seed IS NOT NULL
    UNION ALL SELECT job_id, raw FROM result WHERE raw IS NOT NULL
    UNION ALL SELECT job_id, delivered FROM result WHERE delivered IS NOT NULL
    UNION ALL SELECT job_id, digest FROM master;
CREATE INDEX job_by_seed ON job (seed) WHERE seed IS NOT NULL;
CREATE INDEX result_by_raw ON result (raw) WHERE raw IS NOT NULL;
CREATE INDEX result_by_delivered ON result (delivered) WHERE delivered IS NOT NULL;
CREATE INDEX master_by_digest ON master (digest);
CREATE INDEX draft_by_file ON draft (file) WHERE file IS NOT NULL;
