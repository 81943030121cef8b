"""SQL of the ledger, of admission and of usage; the rules of money are in `domain.ledger`."""
