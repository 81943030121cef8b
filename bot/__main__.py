"""`python -m bot` is `expanse`."""

from bot.cli.main import main

main()
