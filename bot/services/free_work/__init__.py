"""Free work, such as previews and films: who may ask for it, how much, and whose turn it is.

Public doors: `free_work.FreeWork` and `member_access.MemberAccess`. The work itself is done in the
services of its subject.
"""
