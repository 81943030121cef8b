"""The provider's client and the local provider: against the vendor's SDKs, and under faults."""

from bench.provider.sdk_comparison import main

__all__ = ["main"]
