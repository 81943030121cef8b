"""Logging, health checks and metrics."""
