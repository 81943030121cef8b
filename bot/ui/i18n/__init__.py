"""Languages.

Translating messages and command names, extracting messages for the catalogues in `bot/locales`;
texts themselves are in `ui.texts`.
"""
