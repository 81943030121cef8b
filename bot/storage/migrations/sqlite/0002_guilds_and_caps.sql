-- What guilds have settled, and what more the caps and the dispatcher need.

CREATE TABLE guild_setting (
    guild_id INTEGER NOT NULL,
    name     TEXT    NOT NULL,                       -- a field of GuildSettings; others are left alone
    value    TEXT    NOT NULL,                       -- JSON
    PRIMARY KEY (guild_id, name)
) STRICT;

CREATE TABLE guild_change (
    id       INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    before   TEXT    NOT NULL,                       -- JSON, as are all values here
    after    TEXT    NOT NULL
) STRICT;
CREATE INDEX guild_change_by_guild ON guild_change (guild_id, id);
CREATE TRIGGER guild_change_is_never_updated BEFORE UPDATE ON guild_change
BEGIN SELECT RAISE(ABORT, 'the record of changes is append-only'); END;

CREATE TABLE personal_grant (                        -- a member's own results per day, instead of all else
    guild_id        INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    results_per_day INTEGER NOT NULL CHECK (results_per_day >= 0),
    until           INTEGER,                         -- NULL: until it is taken back
    granted_by      INTEGER NOT NULL,
    granted_at      INTEGER NOT NULL,
    PRIMARY KEY (guild_id, user_id)
) STRICT;

CREATE TABLE guild_day (                             -- the latest day that was charged: none is opened twice
    guild_id INTEGER PRIMARY KEY,                    -- 0 is the day of the whole bot
    day      TEXT    NOT NULL
) STRICT;

CREATE TABLE pause (                                 -- who stopped the intake, and until when
    name    TEXT PRIMARY KEY CHECK (name IN ('operator', 'provider')),
    reason  TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    until   INTEGER                                  -- NULL: until it is resumed
) STRICT;

CREATE TABLE strike (                                -- a picture or prompt that moderation refused
    job_id  TEXT PRIMARY KEY REFERENCES job (id),
    user_id INTEGER NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX strike_by_user ON strike (user_id, at);

CREATE TABLE adjustment (                            -- what an audit found; the accounts are never edited
    id     INTEGER PRIMARY KEY,
    scope  TEXT    NOT NULL REFERENCES account (scope),
    what   TEXT    NOT NULL CHECK (what IN ('held', 'spent')),
    amount INTEGER NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX adjustment_by_scope ON adjustment (scope);
CREATE TRIGGER adjustment_is_never_updated BEFORE UPDATE ON adjustment
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER adjustment_is_never_deleted BEFORE DELETE ON adjustment
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

ALTER TABLE job ADD COLUMN owner TEXT;               -- the process that carries it
ALTER TABLE job ADD COLUMN lease_until INTEGER NOT NULL DEFAULT 0;

CREATE INDEX job_open_by_user ON job (user_id)
    WHERE state IN ('reserved', 'prepared', 'submitting', 'submitted', 'rendered', 'stored', 'delivered');
CREATE INDEX job_parked ON job (updated_at) WHERE state = 'parked';
CREATE INDEX entry_by_scope ON entry (scope, kind);
