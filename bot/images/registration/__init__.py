"""Registration: find where the seed image lies in what the provider returned.

`registration.register_seed` is the way in; nothing here changes a picture.
"""
