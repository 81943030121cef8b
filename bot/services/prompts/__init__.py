"""What a guild refuses in prompts: words, patterns, and the check of a text by both.

Public door: `prompt_checks.PromptChecks`. When a prompt is checked is decided in `services.orders`.
"""
