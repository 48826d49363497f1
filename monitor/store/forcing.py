"""Forcing to the disk what the system has only promised to write."""

from __future__ import annotations

import os
from pathlib import Path


def force_file(path: Path) -> None:
    """Force what the file holds to the disk."""
    _force(path, os.O_RDONLY)


def force_folder(folder: Path) -> None:
    """Force the names in the folder to the disk."""
    _force(folder, os.O_RDONLY | os.O_DIRECTORY)


def _force(path: Path, flags: int) -> None:
    opened = os.open(path, flags)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
