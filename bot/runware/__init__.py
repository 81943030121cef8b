"""The provider's API: requests, responses, client, errors, retries and media downloads."""
