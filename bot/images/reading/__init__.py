"""Reading pictures as a browser shows them: containers, orientation, transparency, colours to sRGB.

`picture.open_picture` is the door. Encoding is not here (`images/encode.py`), nor are the limits of
an upload (`images/validation.py`).
"""
