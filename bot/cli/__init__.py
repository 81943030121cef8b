"""Commands of the `expanse` program, entered through `main.main`.

What they do lives in services and composition.
"""
