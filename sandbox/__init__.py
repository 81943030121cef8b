"""Local services, a Discord and a Runware, that the unmodified bot connects to."""
