"""Limits, quotas, usage statistics and the audit of the ledger.

The SQL is in storage, the rules of money in domain.
"""
