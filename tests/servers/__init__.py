"""Loopback servers for the tests: `Site` answers by script, `hostile` answers wrongly."""
