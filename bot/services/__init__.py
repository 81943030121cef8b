"""The use cases: accept an order, carry a job through its steps, keep the books."""
