"""The page's files, and the drawing of its two sample pictures."""
