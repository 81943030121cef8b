"""The settings (`settings.Settings`) and how they are loaded (`loader.load_settings`)."""
