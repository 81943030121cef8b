"""Discord's REST API, one module per resource, with rate limits and faults."""
