"""People of the local Discord who act through its own routes, for tests and the page.

Entered through `member` and `guild`.
"""
