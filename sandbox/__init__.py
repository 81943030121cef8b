"""Two honest local services, a Discord and a Runware, that the unmodified bot talks to."""
