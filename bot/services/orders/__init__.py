"""From what a member asked to an accepted job, entered through `acceptance`.

Carrying the job is in `services.jobs`.
"""
