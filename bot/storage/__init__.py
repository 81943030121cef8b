"""The database with all of the program's SQL, and the files that its rows refer to."""
