"""Image processing: validate seed images, compose results, encode files, draw previews and charts.

Everything except `worker_pool` and `workers` is CPU-bound and runs in worker processes.
"""
