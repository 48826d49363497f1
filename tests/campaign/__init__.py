"""Faults by the hundred: `python -m tests.campaign` takes minutes to hours and writes its table itself."""
