"""Work that members get for nothing: who may ask for it, how much, and whose turn it is.

The doors are `free_work.FreeWork` and `member_access.MemberAccess`; what is worked on stays in the
services that do it.
"""
