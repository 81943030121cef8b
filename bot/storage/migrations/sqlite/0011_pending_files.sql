-- Files on their way: their names are on record before their bytes are, so that a file that no row names after a
-- crash, since the job or draft that was to name it was never written, is found and deleted.

CREATE TABLE pending_file (
    digest TEXT    NOT NULL,                         -- SHA-256 of the bytes that are being stored
    at     INTEGER NOT NULL,                         -- when that began last
    PRIMARY KEY (digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_file_by_age ON pending_file (at);
