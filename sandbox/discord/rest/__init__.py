"""Discord's REST API, one module per resource, with its rate limits and faults.

Entered through `application`.
"""
