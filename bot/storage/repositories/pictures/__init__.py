"""Which stored files are named, and by what."""
