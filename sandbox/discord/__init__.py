"""A local Discord: REST, gateway and CDN in one process."""
