"""SQLite connections, migrations, backups and the process lock; queries are in repositories."""
