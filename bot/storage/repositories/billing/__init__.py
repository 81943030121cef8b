"""SQL of the ledger, admission and usage; the rules are in `bot.domain.ledger`."""
