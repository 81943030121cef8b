"""All texts that people read, by subject; layout and buttons are in `ui.views`."""
