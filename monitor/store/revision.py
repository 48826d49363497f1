"""Which form the database has, told without Alembic: the daemon does not carry that.

Revisions are four digits in rising order.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from monitor.errors import StoreError

HEAD = "0002"


def revision_of(connection: sqlite3.Connection) -> str | None:
    """Return the revision that is written in the database; None where there is none."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    return None if row is None else str(row[0])


def is_older(revision: str) -> bool:
    """Whether it has to be upgraded."""
    return revision < HEAD


def check(path: Path, revision: str | None) -> None:
    """Make sure that the revision is ours, or one that can be upgraded.

    Raises:
        StoreError: it is neither.

    """
    if revision is None:
        raise StoreError(
            f"{path}: not a database of tagdrift, or one that was emptied; it is left as it is. Put a "
            "backup in its "
            "place and take that over with `tagdrift db adopt`, or name another file under [daemon] database"
        )
    if revision > HEAD or not revision.isdigit():
        raise StoreError(
            f"{path}: written by a newer tagdrift (form {revision}; this one knows {HEAD}); run that one, "
            "or put "
            f"{path}.before-{revision} in its place and take that over with `tagdrift db adopt`"
        )


def migrations_path() -> Path:
    """Return where the migrations are: in the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_shipped" / "migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"
