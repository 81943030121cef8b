"""From an interaction to a service call and its response; slash commands are in `cogs`."""
