"""What the demo page asks beside Discord's own API: feed, panel, files.

The page itself is in `sandbox/web`.
"""
