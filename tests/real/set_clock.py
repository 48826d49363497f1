"""A wall clock that is set under a running process, as by NTP, an operator, or a machine that slept.

libfaketime 0.9.10 is no use here: it takes a sleep until an instant of the steady clock, as Python's are
since 3.11, for one of the wall clock, and lets it fail or last for decades. A library of our own is compiled
(set_clock.c) and put before the C library of the process.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
MICROSECOND = timedelta(microseconds=1)


class SetClock:
    """The wall clock of a process that has `environ`, and of its children; the steady one goes on."""

    def __init__(self, folder: Path) -> None:
        assert shutil.which("gcc"), "no C compiler to make a clock with: apt-get install gcc libc6-dev"
        self._library = folder / "set_clock.so"
        self._file = folder / "set_clock"
        self._file.write_bytes(bytes(8))
        command = [
            "gcc",
            "-shared",
            "-fPIC",
            "-O1",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-o",
            self._library,
            SOURCE,
        ]
        subprocess.run(command, check=True)
        self.ahead = timedelta(0)

    @property
    def environ(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "SET_CLOCK": str(self._file)}

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def step(self, by: timedelta) -> None:
        """Set it so much ahead of what it says."""
        self._set(self.ahead + by)

    def set(self, at: datetime) -> None:
        """Set it to this instant."""
        self._set(at - datetime.now(UTC))

    def set_right(self) -> None:
        """Set it as the machine's."""
        self._set(timedelta(0))

    def _set(self, ahead: timedelta) -> None:
        self.ahead = ahead
        with self._file.open("r+b", buffering=0) as file:
            # In one write of eight bytes, so that nobody sees half of it.
            file.write(struct.pack("<q", ahead // MICROSECOND * 1000))
