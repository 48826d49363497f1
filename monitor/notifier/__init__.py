"""Drain the outbox: claim what is due, hand it to the receivers, mark what came of it, back off.

At least once, in order per (alert, receiver). Send, then mark: a crash between the two repeats a message, at
any other point it neither loses nor repeats one.
"""

from monitor.notifier.drain import Notifier
from monitor.notifier.health import Health
from monitor.notifier.outbox import Delivery, Ledger, Store, Writer
from monitor.notifier.pace import Pace

__all__ = ["Delivery", "Health", "Ledger", "Notifier", "Pace", "Store", "Writer"]
