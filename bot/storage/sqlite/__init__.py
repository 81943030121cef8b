"""What is SQLite's own: the connection, migrations, backups, the lock of the data folder.

Queries are in repositories.
"""
