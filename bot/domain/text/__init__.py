"""Text that members write, and what is written for them: cleaning, numbers, banned words, prompts.

It knows strings alone: no sizes, settings or orders.
"""
