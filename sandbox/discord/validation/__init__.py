"""What Discord refuses in a request, with its own error codes; nothing here changes state."""
