"""All SQL, one plain class per subject; transactions are opened by services."""
