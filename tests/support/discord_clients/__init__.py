"""Other Discord libraries, run against the local Discord to see that it serves them too."""
