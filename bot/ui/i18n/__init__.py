"""Translation of messages and command names, and upkeep of the catalogues in `bot/locales`."""
