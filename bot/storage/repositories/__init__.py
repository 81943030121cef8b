"""SQL queries, one class per subject; a method given `tx` joins its caller's transaction."""
