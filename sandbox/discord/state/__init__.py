"""The local Discord's state and all changes to it, in `state.State`."""
