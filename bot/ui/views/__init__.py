"""Cards, buttons and forms, built as Discord components; their texts are in `ui.texts`."""
