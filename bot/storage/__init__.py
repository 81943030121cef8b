"""All SQL of the program, in full, and the files that the database only names."""
