"""Prompts: cleaning what members type, the default prompt, and the matching of banned words."""
