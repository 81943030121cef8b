"""Records, ids, limits, errors and events of the local Discord; no routes, no mutable state."""
