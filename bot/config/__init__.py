"""The settings tree (`settings.Settings`) and how it is read (`loader.load_settings`).

Nothing here acts on a setting.
"""
