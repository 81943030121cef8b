"""The provider's client and the local provider: compared with the vendor's SDKs, with faults."""

from bench.provider.sdk_comparison import main

__all__ = ["main"]
