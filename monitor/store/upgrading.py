"""An older database is brought to our form in a process of its own: the daemon does not carry Alembic."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from monitor.errors import StoreError
from monitor.store import revision
from monitor.store.connecting import connect
from monitor.store.faults import explained

UPGRADE_FOR = timedelta(hours=1)


def backup_path(path: Path) -> Path:
    """Return where the database is kept as it was before the upgrade to our form."""
    return Path(f"{path}.before-{revision.HEAD}")


def upgrade_file(path: Path) -> Path | None:
    """Upgrade after a backup; returns where that is, None where nothing was to be done.

    Raises:
        StoreError: it is of a newer form, or cannot be upgraded; it is as it was.

    """
    with explained(path), closing(connect(path, "rw")) as connection:
        found = revision.revision_of(connection)
    revision.check(path, found)
    if found == revision.HEAD:
        return None
    command = [sys.executable, "-m", "monitor.store.migrate", "upgrade", str(path)]
    try:
        done = subprocess.run(  # noqa: S603 our own module, by our own interpreter
            command, capture_output=True, text=True, timeout=UPGRADE_FOR.total_seconds(), check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StoreError(f"{path}: could not be upgraded, and is as it was: {error}") from None
    if done.returncode:
        raise StoreError(f"{path}: could not be upgraded, and is as it was: {done.stderr.strip()}")
    return backup_path(path)
