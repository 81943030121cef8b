"""Pictures of every kind that readers disagree about, made here chunk by chunk.

What is right is not written down: a browser says it (`tests/browser/test_pictures.py`).
"""
