"""What the local Discord knows and how it changes, entered through `state.State`."""
