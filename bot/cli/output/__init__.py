"""Tables for people who read a terminal, and the names in them."""
