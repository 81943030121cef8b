"""Scripts for the vendor's SDKs, each run by the Python of its own environment."""
