-- Personal use: guild 0 stands for no guild, so what only a guild has can never be written under it.

CREATE TRIGGER guild_setting_needs_a_guild BEFORE INSERT ON guild_setting WHEN NEW.guild_id = 0
BEGIN SELECT RAISE(ABORT, 'personal use has no settings'); END;
CREATE TRIGGER personal_grant_needs_a_guild BEFORE INSERT ON personal_grant WHEN NEW.guild_id = 0
BEGIN SELECT RAISE(ABORT, 'personal use has no grants'); END;
CREATE TRIGGER block_needs_a_guild BEFORE INSERT ON block WHEN NEW.guild_id = 0
BEGIN SELECT RAISE(ABORT, 'personal use has no moderators'); END;
CREATE TRIGGER report_needs_a_guild BEFORE INSERT ON report WHEN NEW.guild_id = 0
BEGIN SELECT RAISE(ABORT, 'personal use has no moderators'); END;
CREATE TRIGGER approval_needs_a_guild BEFORE INSERT ON approval WHEN NEW.guild_id = 0
BEGIN SELECT RAISE(ABORT, 'personal use has no moderators'); END;
CREATE TRIGGER gallery_entry_needs_a_guild BEFORE INSERT ON gallery_entry WHEN NEW.guild_id = 0
BEGIN SELECT RAISE(ABORT, 'personal use has no gallery'); END;
CREATE TRIGGER gallery_opt_out_needs_a_guild BEFORE INSERT ON gallery_opt_out WHEN NEW.guild_id = 0
BEGIN SELECT RAISE(ABORT, 'personal use has no gallery'); END;
CREATE TRIGGER best_of_needs_a_guild BEFORE INSERT ON best_of WHEN NEW.guild_id = 0
BEGIN SELECT RAISE(ABORT, 'personal use has no gallery'); END;
