"""Files beside the database: content-addressed pictures and the reserve; no SQL."""
