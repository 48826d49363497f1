"""Faults, one row each: `python -m tests.campaign` tries them and writes the table of README.md itself."""
