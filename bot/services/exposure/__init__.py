"""Where pictures may be shown, what they are made from, and the messages that show them.

Public door: `decision.ExposurePolicy`. Stored pictures are in `services.pictures`.
"""
