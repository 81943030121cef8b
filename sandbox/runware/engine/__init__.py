"""The local outpainting engine: pure functions over pixels, run in worker processes."""
