"""Before/after comparisons (`before_after`) and the zoom-out film of a chain (`film`)."""
