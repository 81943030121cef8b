"""Running accepted jobs to their end; `dispatcher` is the entry point.

Accepting an order is in `services.orders`.
"""
