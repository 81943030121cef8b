"""The composition root: opens resources and wires services; `app.open_app` is the entry point.

It contains no business rules.
"""
