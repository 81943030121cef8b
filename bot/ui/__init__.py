"""The Discord interface: client, interactions, cards, texts and channel access."""
