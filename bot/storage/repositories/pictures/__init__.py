"""Which stored files are named by rows, or are about to be."""
