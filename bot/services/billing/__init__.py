"""Limits, quotas, usage statistics and the audit of the ledger.

The SQL is in `bot.storage`, the accounting rules in `bot.domain`.
"""
