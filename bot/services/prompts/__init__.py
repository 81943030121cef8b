"""What a guild refuses in prompts: words, patterns, and the check of a text by both.

`prompt_checks` is the entry point. When a prompt is checked is decided in `services.orders`.
"""
