"""Comparisons and films: before beside after, a wipe, the zoom-out film of a chain.

Entered through `before_after` and `film`; pixels of results themselves are made one level up.
"""
