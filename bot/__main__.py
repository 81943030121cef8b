"""`python -m bot` is `expanse`."""

from bot.cli import main

main()
