"""Task types: parameters, validation, prices, and running a task."""
