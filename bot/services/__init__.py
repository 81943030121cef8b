"""The use cases: accept an order, run its job step by step, record the cost."""
