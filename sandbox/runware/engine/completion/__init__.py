"""Patch-based completion: extend a photograph with patches of itself, from coarse to fine.

The stages, in the order in which they run:

    rim          what the frame shows of what goes on outside it
    layout       a calm guess of colour and busyness outside the frame
    levels       the pyramid, how distinctive each place is, and what the search needs at each level
    patchmatch   for each pixel outside, the place of the source whose patch fits best
    voting       the picture those places add up to
    expectation  the rounds of search and vote, coarse to fine
    poisson      joins what was copied from different places
    full_size    the picture at its full size, from the field found at a reduced one
    frame        hides the frame itself
"""
