"""What a waiting member sees: card updates and the place in the queue.

Drawing the card is in ui.
"""
