"""What an open database stands on: the head of its file, and the write-ahead log beside it.

SQLite keeps in shared memory how long its log is, and does not ask the disk again. Where somebody cuts the
log short, or copies another file over ours, it goes on as if nothing had happened, acknowledges what it
writes behind the hole, and at the next checkpoint copies the hole over the database. So this is asked in each
transaction.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path

from monitor.errors import DatabaseDamaged, StoreError
from monitor.store.faults import GOES_ON

HEAD = b"SQLite format 3\0"
_THROUGH_A_LOG = b"\x02\x02"
# https://sqlite.org/walformat.html, "The WAL-Index File Format": page size, frames, and those copied back.
_VERSION = 3007000
_INDEX = struct.Struct("=I10xHI76xI")
_LOG_HEAD, _FRAME_HEAD = 32, 24
_RESTORE = "stop tagdrift, put a backup in its place and take that over with `tagdrift db adopt`"


class Footing:
    """The files below the one writer, from its first transaction on; asked within a transaction only.

    They stay open until the end: with any descriptor of a file that a process closes, all its locks on that
    file are gone, SQLite's own included.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = Path(f"{path}-wal")
        self._index = Path(f"{path}-shm")
        self._log_file: tuple[int, int] | None = None
        self._descriptors = {path: os.open(path, os.O_RDONLY)}

    def check(self) -> None:
        """Notice what somebody else has done to the files.

        Raises:
            DatabaseDamaged: what was written last can no longer be read from them.
            StoreError: the log is gone, but we still have it; or nothing can be read at all.

        """
        try:
            self._check_head()
            self._check_log()
        except OSError as error:
            raise StoreError(f"{self._path}: cannot be read ({error.strerror}): {GOES_ON}") from None

    def forget_log(self) -> None:
        """Take whatever log is there next: the connection was closed, and the log perhaps with it."""
        self._log_file = None

    def close(self) -> None:
        """Let the files go, once no connection has them any more."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors = {}

    def _check_head(self) -> None:
        head = os.pread(self._descriptors[self._path], 20, 0)
        if not head.startswith(HEAD):
            raise DatabaseDamaged(f"{self._path}: overwritten while tagdrift runs; {_RESTORE}")
        if head[18:20] != _THROUGH_A_LOG:
            raise DatabaseDamaged(
                f"{self._path}: a backup was copied over it while tagdrift runs; stop tagdrift and take that "
                "over with `tagdrift db adopt`"
            )

    def _check_log(self) -> None:
        try:
            found = self._log.stat()
        except OSError as error:
            raise self._gone(f"gone ({error.strerror})") from None
        file = (found.st_dev, found.st_ino)
        if self._log_file is None:
            self._log_file = file
        if file != self._log_file:
            raise self._gone("replaced by another")
        if found.st_size < self._needed():
            raise DatabaseDamaged(
                f"{self._log}: cut short while tagdrift runs, so that what was written last is lost; nothing "
                f"more is written. Restart tagdrift, which says how much it was, or {_RESTORE}"
            )

    def _gone(self, how: str) -> StoreError:
        return StoreError(
            f"{self._log}: {how} while tagdrift runs; nothing more is written. Restart tagdrift now: as it "
            "ends it writes what the log held into the database, and a kill would lose it"
        )

    def _needed(self) -> int:
        """Return how long the log must be for all that was committed; 0 where that is not known."""
        descriptor = self._held(self._index)
        found = b"" if descriptor is None else os.pread(descriptor, _INDEX.size, 0)
        if len(found) < _INDEX.size:
            return 0
        version, page, frames, copied = _INDEX.unpack(found)
        if version != _VERSION or copied >= frames:
            return 0
        return int(_LOG_HEAD + frames * (_FRAME_HEAD + (65536 if page == 1 else page)))

    def _held(self, path: Path) -> int | None:
        """Return a descriptor of the file that is there now; None where there is none to be had."""
        with suppress(OSError):
            found, descriptor = path.stat(), self._descriptors.get(path)
            if descriptor is not None:
                held = os.fstat(descriptor)
                if (held.st_dev, held.st_ino) == (found.st_dev, found.st_ino):
                    return descriptor
            # A file that was replaced has no locks that matter, so that it may be closed.
            fresh = self._descriptors[path] = os.open(path, os.O_RDONLY)
            if descriptor is not None:
                os.close(descriptor)
            return fresh
        return None
