"""The page's files, and the drawing of its sample pictures."""
