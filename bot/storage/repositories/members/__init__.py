"""The rows of all tables about one member: what an export lists and an erasure removes."""
