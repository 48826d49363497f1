"""The history and the present, in one SQLite file: one writer, any number of readers."""

from monitor.store import care
from monitor.store.asking import Answer
from monitor.store.deliveries import Delivery
from monitor.store.ledger import Ledger
from monitor.store.looks import Current, Look
from monitor.store.reader import Reader
from monitor.store.readings import SeenReading
from monitor.store.runs import Begun, ConfigLoad, Run
from monitor.store.states import Shown
from monitor.store.store import Store
from monitor.store.visiting import visit
from monitor.store.writer import Writer

__all__ = [
    "Answer",
    "Begun",
    "ConfigLoad",
    "Current",
    "Delivery",
    "Ledger",
    "Look",
    "Reader",
    "Run",
    "SeenReading",
    "Shown",
    "Store",
    "Writer",
    "care",
    "visit",
]
