"""What an error says to a member, and the page of all errors (`docs/errors.md`)."""
