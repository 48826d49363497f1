"""What is remembered of the database beside it: which one it is, and how far it had come.

A damaged write-ahead log loses commits without a word, and an emptied file passes every check of SQLite's
own: only a memory outside the file can tell. It is written after each commit, and forced to the disk now and
then: it may lag behind the database, never run ahead of it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from monitor.errors import StoreError
from monitor.store.forcing import force_file

FORCED_EVERY = 256
_FORM = re.compile(rb"tagdrift database\ninstance ([0-9a-f]{32})\nsequence (\d{20})\n")
_SEQUENCE_AT = len(b"tagdrift database\ninstance ") + 32 + len(b"\nsequence ")


class Known(NamedTuple):
    """What is remembered; a sequence of 0 means that the database was being made."""

    name: str
    sequence: int


def identity_path(path: Path) -> Path:
    """Return where the identity of this database is kept."""
    return Path(f"{path}.identity")


def read(path: Path) -> Known | None:
    """Return what is remembered of the database at `path`; None where nothing is.

    Raises:
        StoreError: what is there cannot be read, or is not of ours.

    """
    file = identity_path(path)
    try:
        body = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{file}: cannot be read ({error.strerror})") from None
    found = _FORM.fullmatch(body)
    if found is None:
        raise StoreError(
            f"{file}: damaged, so that {path} cannot be told from an older copy of itself; look at it with "
            "`tagdrift db check`, then take it over with `tagdrift db adopt`"
        )
    return Known(found[1].decode(), int(found[2]))


class Identity:
    """The identity of an open database, held by its one writer."""

    def __init__(self, path: Path, known: Known) -> None:
        self.known = known
        self._noted = 0
        self._file = os.open(identity_path(path), os.O_RDWR)
        # In place: a daemon must start on a full disk too, to say that it is.
        self.note(known.sequence)

    def note(self, sequence: int) -> None:
        """Remember how far the database has come; a disk that refuses is passed over, and we lag behind."""
        self.known = self.known._replace(sequence=sequence)
        self._noted += 1
        try:
            os.pwrite(self._file, b"%020d" % sequence, _SEQUENCE_AT)
            if self._noted % FORCED_EVERY == 0:
                os.fdatasync(self._file)
        except OSError:
            return

    def close(self) -> None:
        """Force what is remembered to the disk."""
        try:
            os.fdatasync(self._file)
        except OSError:
            pass
        finally:
            os.close(self._file)


def write_identity(path: Path, known: Known) -> None:
    """Write the file anew, whole or not at all.

    Raises:
        StoreError: the disk refuses.

    """
    file = identity_path(path)
    fresh = Path(f"{file}.new")
    try:
        fresh.write_bytes(
            b"tagdrift database\ninstance %s\nsequence %020d\n" % (known.name.encode(), known.sequence)
        )
        force_file(fresh)
        fresh.replace(file)
    except OSError as error:
        raise StoreError(
            f"{file}: cannot be written ({error.strerror}); it must be kept beside the database"
        ) from None
