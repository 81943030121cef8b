"""Pictures and links: decoding, resizing, storing, serving."""
