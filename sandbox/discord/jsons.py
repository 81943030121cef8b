"""JSON as Discord writes it: compact, and by one encoder that is made once."""

import json

# What is written here is built afresh for each answer, so it cannot hold itself.
dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
