"""What answers each button, menu and form, one module per subject, each with a table `HANDLERS`."""
