"""What is asked: parameters, checks, prices, and running a task."""
