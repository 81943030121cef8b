-- When members' pictures ended an image worker, for the time that it counts.

CREATE TABLE reading_strike (
    user_id INTEGER NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX reading_strike_by_user ON reading_strike (user_id, at);
