"""The daemon, killing itself at a named point: `python -m tests.real.doomed CONFIG`.

Each line of the input is a point: `before` or `after`, and the name of a commit in COMMITS; or `never`, for a
run that lives until SIGTERM. The run is forked, for imports would cost more than all the rest. The answer is
its process id and, once it and every process that it has left behind are gone, how it ended.

What the daemon writes is known from SQLAlchemy's own events, on the thread that writes.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import sys
import threading
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from monitor import config, logs
from monitor.service import Daemon
from monitor.systemd import Systemd

PR_SET_CHILD_SUBREAPER = 36
WRITES = re.compile(r"(INSERT|UPDATE|DELETE)\s+(?:OR \w+\s+)?(?:INTO\s+|FROM\s+)?(\w+)")
WORDS = ("queued", "sending", "delivered", "first", "resolved")

# What a commit writes, and what it does not; in the order in which a daemon comes by them for the first time.
COMMITS: dict[str, tuple[AbstractSet[str], AbstractSet[str]]] = {
    "the run begins": ({"INSERT runs"}, set()),
    "a target is new": ({"INSERT targets", "INSERT observations"}, set()),
    "the daemon lives": ({"UPDATE runs"}, {"INSERT runs"}),
    "an answer is cached": ({"INSERT http_cache"}, set()),
    "nothing is new": ({"INSERT observations"}, {"INSERT states", "INSERT readings", "INSERT http_cache"}),
    "an event is written": ({"INSERT events"}, set()),
    "an alert is written": ({"INSERT alerts"}, set()),
    "a message is queued": ({"INSERT deliveries: first"}, set()),
    "a message is claimed": ({"UPDATE deliveries: sending"}, set()),
    "the outbox is taken up": ({"UPDATE deliveries: queued"}, {"UPDATE runs"}),
    "a message is marked": ({"UPDATE deliveries: delivered"}, set()),
    "the end of a drift is queued": ({"INSERT deliveries: resolved"}, set()),
}


@dataclass
class Doom:
    """Kills this process before or after the commit that fits."""

    when: str
    commit: str
    written: set[str] = field(default_factory=set)
    fits: bool = False

    def watch(self) -> None:
        event.listen(Engine, "before_cursor_execute", self._executes)
        event.listen(Engine, "commit", self._commits)
        event.listen(Engine, "rollback", self._takes_back)
        event.listen(Engine, "engine_connect", self._watch_pool)

    def _watch_pool(self, connection: Connection) -> None:
        if not event.contains(connection.engine.pool, "checkin", self._is_back):
            event.listen(connection.engine.pool, "checkin", self._is_back)

    def _executes(self, _c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found = WRITES.match(statement)
        if found is None or not _is_the_writer():
            return
        verb, table = found.groups()
        self.written.add(f"{verb} {table}")
        if table == "deliveries":
            # The state it is set to, or the reason for which it is queued.
            self.written.update(f"{verb} {table}: {word}" for word in parameters if word in WORDS)

    def _takes_back(self, _: Connection) -> None:
        if _is_the_writer():
            self.written.clear()

    def _commits(self, _: Connection) -> None:
        if not _is_the_writer():
            return
        some, none = COMMITS[self.commit]
        self.fits = some <= self.written and not none & self.written
        self.written.clear()
        if self.fits and self.when == "before":
            self._die()

    def _is_back(self, *_: Any) -> None:
        if self.fits and _is_the_writer():
            self._die()

    def _die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def _is_the_writer() -> bool:
    """Whether this is the thread that writes; those that read end their transactions meanwhile."""
    return threading.current_thread().name == "store-writer"


def live(path: Path, point: str) -> None:
    """Be the daemon."""
    when, _, commit = point.partition(" ")
    if commit:
        Doom(when, commit).watch()
    logs.setup(20, logs.Secrets(), os.environ)

    def load() -> config.Config:
        return config.load(path, os.environ)

    asyncio.run(Daemon(load(), load, Systemd({})).run())


def main() -> None:
    """Fork a run for every line."""
    # Those whose parent was killed become ours, so that we see the last of them go.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    while point := sys.stdin.readline().strip():
        child = os.fork()
        if not child:
            live(Path(sys.argv[1]), point)
            os._exit(0)
        print(child, flush=True)
        ended = 0
        try:
            while True:
                gone, status = os.wait()
                ended = status if gone == child else ended
        except ChildProcessError:
            print(os.waitstatus_to_exitcode(ended), flush=True)


if __name__ == "__main__":
    main()
