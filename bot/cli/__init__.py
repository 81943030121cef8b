"""Commands of the `expanse` program, which starts in `main.main`."""
