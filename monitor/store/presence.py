"""Is the file still there that was opened? What is written to one that was deleted is lost."""

from __future__ import annotations

from pathlib import Path

from monitor.errors import DatabaseDamaged, StoreError


class Presence:
    """The file at a path, as it was when the store was opened."""

    def __init__(self, path: Path) -> None:
        found = path.stat()
        self.path = path
        self._file = (found.st_dev, found.st_ino)

    def check(self) -> None:
        """Notice that the file was deleted or replaced under us.

        A connection must not even be opened to another file: SQLite would take our write-ahead log for that
        one's, and write it there, or delete it where the file is empty.

        Raises:
            StoreError: it was, or it was emptied.

        """
        try:
            found = self.path.stat()
        except OSError as error:
            raise StoreError(
                f"{self.path}: gone while tagdrift runs ({error.strerror}); put it back, or stop tagdrift, "
                "put a backup in its place and take that over with `tagdrift db adopt`"
            ) from None
        if (found.st_dev, found.st_ino) != self._file:
            raise StoreError(
                f"{self.path}: replaced by another file while tagdrift runs; nothing is written to that one. "
                "Put the right one back, or restart tagdrift, which says what it thinks of it"
            )
        if not found.st_size:
            raise DatabaseDamaged(
                f"{self.path}: emptied while tagdrift runs; stop it, put a backup in its place and take that "
                "over with `tagdrift db adopt`"
            )
