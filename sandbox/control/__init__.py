"""Parts shared by both local services: clock, journal, faults."""
