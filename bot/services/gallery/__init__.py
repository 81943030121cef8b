"""What a guild's gallery shows, entered through `gallery`.

Posting itself is the port `ports.channels`.
"""
