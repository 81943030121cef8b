"""From a member's order to an accepted job; `acceptance` is the entry point.

Running the job is in `services.jobs`.
"""
