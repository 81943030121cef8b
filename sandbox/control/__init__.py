"""What both local services share: the clock and the journal."""
