"""Build the rooms from a configuration; start, reload, stop; signals; readiness."""

from monitor.service.daemon import Daemon
from monitor.service.house import House
from monitor.service.moving import move_in, take_over
from monitor.service.once import run_once
from monitor.service.rooms import Rooms, open_rooms

__all__ = ["Daemon", "House", "Rooms", "move_in", "open_rooms", "run_once", "take_over"]
