"""The provider's API: models, client, errors, retry and the bounded download."""
