"""What members see: cards, words, and the way a result reaches its channel."""
