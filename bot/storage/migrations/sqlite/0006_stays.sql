-- In which guilds the bot is or was: what is kept of one that it left is deleted after a while.

CREATE TABLE stay (
    guild_id INTEGER PRIMARY KEY,
    left_at  INTEGER                                 -- NULL: it is there
) STRICT;
CREATE INDEX job_by_guild ON job (guild_id);
