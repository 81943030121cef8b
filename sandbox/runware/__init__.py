"""A local Runware that accepts tasks, bills them and really outpaints."""
