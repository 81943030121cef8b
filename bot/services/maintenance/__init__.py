"""The schedule of periodic tasks; the tasks themselves are in the packages of their subjects."""
