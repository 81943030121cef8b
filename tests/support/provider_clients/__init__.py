"""Scripts for the vendor's SDKs, each run by the Python of an environment of its own."""
