"""All tables' rows about one member: what an export lists, and what an erasure removes."""
