"""Explanations of refusals and failures, and the page that lists them (`docs/errors.md`)."""
