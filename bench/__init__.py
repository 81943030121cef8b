"""Measurements: each prints one JSON object, and each compares within one run."""
