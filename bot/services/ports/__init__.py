"""Protocols and values by which services reach Discord and the dispatcher.

Implementations are in ui and `services.jobs`.
"""
