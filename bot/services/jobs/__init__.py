"""Accepted jobs on their way to the end, entered through `dispatcher`.

Accepting an order is in `services.orders`.
"""
