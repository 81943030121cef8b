-- What moderators did, what was reported, what waits for them, and what a guild's gallery shows.

CREATE TABLE block (                                 -- who may not order in a guild
    guild_id INTEGER NOT NULL,
    user_id  INTEGER NOT NULL,
    by_id    INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    until    INTEGER,                                -- NULL: until it is lifted
    PRIMARY KEY (guild_id, user_id)
) STRICT;

CREATE TABLE act (                                   -- what moderators did; settings are in guild_change
    id       INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    what     TEXT    NOT NULL,
    user_id  INTEGER,
    job_id   TEXT    REFERENCES job (id),
    detail   TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX act_by_guild ON act (guild_id, id);
CREATE INDEX act_by_job ON act (job_id) WHERE job_id IS NOT NULL;
CREATE TRIGGER act_is_never_updated BEFORE UPDATE ON act
BEGIN SELECT RAISE(ABORT, 'the record of acts is append-only'); END;
CREATE TRIGGER act_is_never_deleted BEFORE DELETE ON act
BEGIN SELECT RAISE(ABORT, 'the record of acts is append-only'); END;

CREATE TABLE report (
    id           INTEGER PRIMARY KEY,
    guild_id     INTEGER NOT NULL,
    job_id       TEXT    NOT NULL REFERENCES job (id),
    reporter_id  INTEGER NOT NULL,
    reason       TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    card_channel INTEGER,
    card_message INTEGER,
    closed_by    INTEGER,
    closed_at    INTEGER,
    UNIQUE (job_id, reporter_id)
) STRICT;
CREATE INDEX report_by_reporter ON report (guild_id, reporter_id, at);

CREATE TABLE approval (                              -- results that a moderator has to see first
    job_id       TEXT    PRIMARY KEY REFERENCES job (id),
    guild_id     INTEGER NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'approved', 'declined')),
    at           INTEGER NOT NULL,
    card_channel INTEGER,
    card_message INTEGER,
    decided_by   INTEGER,
    decided_at   INTEGER,
    done_at      INTEGER                             -- when the card, or the decision, had reached Discord
) STRICT;
CREATE INDEX approval_waiting ON approval (guild_id, at) WHERE state = 'waiting';
CREATE INDEX approval_undone ON approval (at) WHERE done_at IS NULL;

CREATE TABLE gallery_entry (                         -- one for each job whose picture may be shown
    id             INTEGER PRIMARY KEY,
    guild_id       INTEGER NOT NULL,
    job_id         TEXT    NOT NULL UNIQUE REFERENCES job (id),
    ordinal        INTEGER NOT NULL CHECK (ordinal >= 0),
    root_job       TEXT    NOT NULL REFERENCES job (id),
    author_id      INTEGER NOT NULL,
    source_author  INTEGER NOT NULL,
    channel_id     INTEGER NOT NULL,                 -- where the result was posted
    message_id     INTEGER,
    age_restricted INTEGER NOT NULL CHECK (age_restricted IN (0, 1)),
    state          TEXT    NOT NULL CHECK (state IN (
        'candidate', 'posting', 'posted', 'leaving', 'barred')),
    invited        INTEGER NOT NULL DEFAULT 0 CHECK (invited IN (0, 1)),
    votes          INTEGER NOT NULL DEFAULT 0 CHECK (votes >= 0),
    fingerprint    TEXT    NOT NULL DEFAULT '',
    shown_channel  INTEGER,
    shown_message  INTEGER,
    made_at        INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX gallery_by_message ON gallery_entry (guild_id, message_id);
CREATE INDEX gallery_by_shown ON gallery_entry (guild_id, shown_message);
CREATE INDEX gallery_by_root ON gallery_entry (guild_id, root_job);
CREATE INDEX gallery_by_votes ON gallery_entry (guild_id, state, votes);

CREATE TABLE vote (
    entry_id INTEGER NOT NULL REFERENCES gallery_entry (id),
    voter_id INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (entry_id, voter_id)
) STRICT;
CREATE INDEX vote_by_time ON vote (at);

CREATE TABLE gallery_opt_out (                       -- who wants nothing shown in a guild's gallery
    guild_id INTEGER NOT NULL,
    user_id  INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (guild_id, user_id)
) STRICT;

CREATE TABLE best_of (                               -- the weeks whose best were posted
    guild_id   INTEGER NOT NULL,
    week       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    message_id INTEGER,
    PRIMARY KEY (guild_id, week)
) STRICT;

CREATE TABLE usage_day (                             -- what a member did in a channel on one day of the guild
    guild_id   INTEGER NOT NULL,
    day        TEXT    NOT NULL,
    user_id    INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    results    INTEGER NOT NULL DEFAULT 0,
    failures   INTEGER NOT NULL DEFAULT 0,
    refusals   INTEGER NOT NULL DEFAULT 0,
    cost       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, day, user_id, channel_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_by_message ON job (guild_id, message_id) WHERE message_id IS NOT NULL;
