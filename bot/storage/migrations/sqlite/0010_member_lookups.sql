-- Exports and erasures look up by member what was only found by picture or by guild.

CREATE INDEX vote_by_voter ON vote (voter_id);
CREATE INDEX gallery_by_author ON gallery_entry (author_id);
CREATE INDEX gallery_by_source_author ON gallery_entry (source_author);
CREATE INDEX shared_message_by_sharer ON shared_message (sharer_id);
CREATE INDEX act_by_user ON act (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX usage_by_user ON usage_day (user_id, day);
CREATE INDEX job_of_user ON job (user_id, created_at);
