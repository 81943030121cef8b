"""One worker process: how it is started, asked and ended. The door is `bot.images.worker_pool`."""
