"""Work done on a schedule: audit, backups, retention; each task itself lives with its subject."""
