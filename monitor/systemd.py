"""Tell systemd how we are: sd_notify(3), one datagram a message, no library.

Without $NOTIFY_SOCKET nothing is sent, and nothing that goes wrong here stops the daemon.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta


class Systemd:
    """The line to the service manager.

    `watchdog_every` is half of WatchdogSec, as sd_watchdog_enabled(3) advises; None where no watchdog waits
    for this process.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.watchdog_every = _watchdog_every(environ)

    @property
    def is_listening(self) -> bool:
        """Whether a service manager wants to hear from us."""
        return self._address is not None

    def ready(self, status: str) -> None:
        """The first round is done, or a reload is."""
        self._send("READY=1", _status(status))

    def reloading(self, monotonic: float) -> None:
        """A reload begins; `monotonic` is CLOCK_MONOTONIC in seconds, which tells this one from the last."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={int(monotonic * 1_000_000)}")

    def status(self, status: str) -> None:
        """Show one line in `systemctl status`."""
        self._send(_status(status))

    def watchdog(self) -> None:
        """Real progress was made."""
        self._send("WATCHDOG=1")

    def stopping(self, status: str = "stopping") -> None:
        """No more work is taken on."""
        self._send("STOPPING=1", _status(status))

    def extend(self, by: timedelta) -> None:
        """Ask for more time to start or stop, in which a long migration may end."""
        self._send(f"EXTEND_TIMEOUT_USEC={by // timedelta(microseconds=1)}")

    def _send(self, *lines: str) -> None:
        if self._address is None:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            # A full queue must not block the loop.
            line.setblocking(False)  # noqa: FBT003 the standard library's own signature
            line.connect(self._address)
            line.sendall("\n".join(lines).encode())


def _address(name: str) -> str | None:
    if name.startswith("@"):
        # An abstract socket: its name begins with a NUL byte.
        return "\0" + name[1:]
    return name if name.startswith("/") else None


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}"


def _watchdog_every(environ: Mapping[str, str]) -> timedelta | None:
    wanted, process = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not wanted.isdigit() or int(wanted) == 0:
        return None
    if process and process != str(os.getpid()):
        return None
    return timedelta(microseconds=int(wanted)) / 2
