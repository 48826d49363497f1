"""Who is to be told of what: what fires now, compared with what each receiver was last told.

Decided from levels, not from events: a crash, a receiver that was down, a silence that ends under a firing
alert and a receiver added to the configuration all heal when this is asked again, with no code of their own.
"""

from monitor.dispatch.due import due, next_at
from monitor.dispatch.records import delivered, recorded, told_at

__all__ = ["delivered", "due", "next_at", "recorded", "told_at"]
