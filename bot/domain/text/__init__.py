"""Text that members write, and what is written for them: cleaning, numbers, banned words, prompts.

It handles strings only: no sizes, settings or orders.
"""
