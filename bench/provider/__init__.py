"""The provider's client and the local provider: against the vendor's SDKs, and under faults."""

from bench.provider.compare import main

__all__ = ["main"]
