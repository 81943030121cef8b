-- A vote is a reaction: a member may react to the result and to its gallery post, each by an ordinary and by a
-- super reaction, and counts once as long as one of them is there.

CREATE TABLE reaction_vote (
    entry_id   INTEGER NOT NULL REFERENCES gallery_entry (id),
    voter_id   INTEGER NOT NULL,
    message_id INTEGER NOT NULL,                     -- 0: from before, when it was not stored
    burst      INTEGER NOT NULL CHECK (burst IN (0, 1)),
    at         INTEGER NOT NULL,
    PRIMARY KEY (entry_id, voter_id, message_id, burst)
) STRICT;
INSERT INTO reaction_vote (entry_id, voter_id, message_id, burst, at)
    SELECT entry_id, voter_id, 0, 0, at FROM vote;
DROP TABLE vote;
ALTER TABLE reaction_vote RENAME TO vote;
CREATE INDEX vote_by_time ON vote (at);
