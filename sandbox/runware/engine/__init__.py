"""The local outpainting engine: pure functions on pixels, run in worker processes."""
