"""One file a door, found by its name; each has `ROUTES`."""
