"""The demo page's own routes: feed, side panel, files. The page itself is in `sandbox/web`."""
