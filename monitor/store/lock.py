"""Only one daemon may hold a database: a lock on a file beside it, which ends with the process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from time import sleep

from monitor.errors import DatabaseBusy, StoreError


def lock_path(path: Path) -> Path:
    """Return the file that is locked for the database at `path`."""
    return Path(f"{path}.lock")


# Who only asks whether a daemon runs holds the file for an instant.
TRIES = 5
TRY_EVERY = 0.01


class Lock:
    """The right to be the one writer of a database."""

    def __init__(self, file: int) -> None:
        self._file = file

    @classmethod
    def take(cls, path: Path) -> Lock:
        """Take the lock, and leave our process id in it.

        Raises:
            DatabaseBusy: another process holds it.
            StoreError: the lock file cannot be made.

        """
        try:
            file = os.open(lock_path(path), os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise StoreError(
                f"{lock_path(path)}: cannot be made ({error.strerror}); the folder must exist and be "
                "writable by "
                f"uid {os.geteuid()}"
            ) from None
        if not _locked(file):
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip()
            os.close(file)
            raise DatabaseBusy(
                f"{path}: another tagdrift, process {holder or '?'}, uses this database; stop it first"
            ) from None
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, b"%d\n" % os.getpid(), 0)
        except OSError:
            # On a full disk it holds nobody's number, and holds all the same.
            pass
        return cls(file)

    def release(self) -> None:
        """Let others have it."""
        os.close(self._file)


def _locked(file: int) -> bool:
    for _ in range(TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sleep(TRY_EVERY)
        else:
            return True
    return False


def holder(path: Path) -> int | None:
    """Return the process id of the daemon that holds the database; None where none does."""
    try:
        file = os.open(lock_path(path), os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = os.pread(file, 32, 0).strip()
        return int(text) if text.isdigit() else None
    else:
        return None
    finally:
        os.close(file)
