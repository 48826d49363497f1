"""Insert, or make do with what is there: the statements that each database writes in its own way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert, insert


def upsert(table: Table, *, by: Sequence[str], columns: Sequence[str] | None = None) -> Insert:
    """Return a statement that changes the row with the same `by`, where there is one.

    Without `columns` every other column is changed, but a primary key that numbers rows by itself.
    """
    statement = insert(table)
    changed = columns or [
        column.name for column in table.columns if column.name not in by and not column.primary_key
    ]
    return statement.on_conflict_do_update(
        index_elements=list(by), set_={name: statement.excluded[name] for name in changed}
    )


def insert_new(table: Table) -> Insert:
    """Return a statement that leaves alone a row that is there already."""
    return insert(table).on_conflict_do_nothing()
