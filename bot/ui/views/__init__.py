"""Cards, buttons and forms as Discord's components, built from values; texts are in `ui.texts`."""
