"""Disks that are full or read-only: file systems of our own where we may mount, else the nearest thing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from monitor.store import Store

CAN_MOUNT = os.geteuid() == 0


@contextmanager
def small_disk(folder: Path, size: str = "3m") -> Iterator[Path]:
    """Make a file system of a few megabytes, and take it away again."""
    folder.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    try:
        yield folder
    finally:
        _run("umount", "--lazy", folder)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave not a byte free on the disk of this folder."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    yield
    ballast.unlink()


@asynccontextmanager
async def full_disk(store: Store) -> AsyncIterator[None]:
    """Leave not a byte free on the disk of the store, for as long as the block lasts."""
    with full(store.path.parent):
        yield


@asynccontextmanager
async def full_database(store: Store) -> AsyncIterator[None]:
    """Let the database not grow by a page; needs no rights."""
    await _grow_to(store, 1)
    yield
    await _grow_to(store, 1 << 30)


@asynccontextmanager
async def refusing_database(store: Store) -> AsyncIterator[None]:
    """Let nothing be written, not even where there is room for it."""
    await _set(store, "query_only=ON")
    yield
    await _set(store, "query_only=OFF")


async def _grow_to(store: Store, pages: int) -> None:
    await _set(store, f"max_page_count={pages}")


async def _set(store: Store, pragma: str) -> None:
    await store.writer.submit(
        lambda ledger: ledger._tx.connection.exec_driver_sql(f"PRAGMA {pragma}").close()
    )


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write in the folder; as root it has to be a small disk."""
    if CAN_MOUNT:
        _run("mount", "-o", "remount,ro", folder)
    else:
        folder.chmod(0o500)
    try:
        yield
    finally:
        if CAN_MOUNT:
            _run("mount", "-o", "remount,rw", folder)
        else:
            folder.chmod(0o700)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)
