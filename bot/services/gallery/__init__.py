"""A guild's gallery and its rankings; `gallery` is the entry point.

Posting to Discord is the protocol in `ports.channels`.
"""
