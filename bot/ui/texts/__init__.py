"""Every text that people read, by subject; layout and buttons are in views."""
