"""Files beside the database: content-addressed pictures and the disk reserve."""
