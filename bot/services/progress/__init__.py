"""Progress of a job: card updates, place in the queue, sending the result.

Building the card is in `bot.ui`.
"""
