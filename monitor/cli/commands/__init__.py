"""One file a command; each has `command: click.Command` and imports at its top nothing heavier than click."""
