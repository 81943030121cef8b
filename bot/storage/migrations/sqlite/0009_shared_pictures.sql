-- Where pictures are shown besides their results' own messages, and from which jobs' pictures a job's is made.

CREATE TABLE shared_message (
    message_id INTEGER PRIMARY KEY,
    guild_id   INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    sharer_id  INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    change     TEXT    CHECK (change IN ('cover', 'delete')),      -- what Discord has yet to be told
    gone_at    INTEGER                               -- NULL: it is shown; a forward may outlive it
) STRICT;
CREATE INDEX shared_message_due ON shared_message (at) WHERE change NOTNULL;

CREATE TABLE shared_picture (                        -- a film shows the pictures of several jobs
    message_id INTEGER NOT NULL REFERENCES shared_message (message_id),
    job_id     TEXT    NOT NULL REFERENCES job (id),
    PRIMARY KEY (message_id, job_id)
) STRICT;
CREATE INDEX shared_picture_by_job ON shared_picture (job_id);

CREATE TABLE job_source (
    job_id     TEXT    NOT NULL REFERENCES job (id),
    source_job TEXT    NOT NULL REFERENCES job (id),
    is_repeat  INTEGER NOT NULL CHECK (is_repeat IN (0, 1)),       -- the same order again, not its picture
    PRIMARY KEY (job_id, source_job)
) STRICT;
CREATE INDEX job_source_by_source ON job_source (source_job);
INSERT INTO job_source (job_id, source_job, is_repeat) SELECT job_id, parent_job, 0 FROM lineage;

CREATE INDEX gallery_by_shown_message ON gallery_entry (shown_message) WHERE shown_message NOTNULL;
CREATE INDEX job_by_shown_message ON job (message_id) WHERE message_id NOTNULL;

-- what the gallery knows of older results is kept; of all others it stays unknown
UPDATE job SET ordered = json_set(ordered, '$.age_restricted', json(
    (SELECT CASE age_restricted WHEN 1 THEN 'true' ELSE 'false' END FROM gallery_entry WHERE job_id = job.id)))
WHERE id IN (SELECT job_id FROM gallery_entry);
