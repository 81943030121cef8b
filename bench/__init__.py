"""Benchmarks; each prints one JSON object and compares only within its own run."""
