"""Pictures and their URLs: decoding, resizing, storing, serving."""
