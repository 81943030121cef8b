"""Pixels: the gate for what comes in, the paste-back and the encoding of what goes out.

Everything here but `workers` is CPU-bound and runs in worker processes.
"""
