"""A local Runware that accepts, bills and really outpaints."""
