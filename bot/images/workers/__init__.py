"""One worker process and both ends of its socket. Public door: `bot.images.worker_pool`."""
