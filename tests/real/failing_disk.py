"""Disks that fail under a running program: at the n-th write or sync, or for as long as a switch is on.

libfiu can make a share of all writes fail; it neither counts calls nor tells one file from another, so a
library of our own is compiled (failing_disk.c) and put before the C library of the process.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SOURCE = Path(__file__).with_suffix(".c")


def library(folder: Path) -> Path:
    """Compile it into this folder."""
    assert shutil.which("gcc"), "no C compiler to make a failing disk with: apt-get install gcc libc6-dev"
    compiled = folder / "failing_disk.so"
    flags = ("-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror")
    subprocess.run(["gcc", *flags, "-o", compiled, SOURCE, "-ldl"], check=True)
    return compiled


def environment(
    library: Path,
    below: Path,
    *,
    call: str = "write",
    at: int = -1,
    number: int = errno.EIO,
    switch: Path | None = None,
) -> dict[str, str]:
    """Return what makes a process's writes or syncs below this folder fail."""
    variables = {
        "LD_PRELOAD": library,
        "FAILING_DISK_BELOW": below,
        "FAILING_DISK_CALL": call,
        "FAILING_DISK_AT": at,
        "FAILING_DISK_ERRNO": number,
    }
    if switch is not None:
        variables["FAILING_DISK_WHILE"] = switch
    return {name: str(value) for name, value in variables.items()}


@contextmanager
def without_inodes(folder: Path) -> Iterator[None]:
    """Leave no room for another name on the disk of this folder."""
    names = folder / "names"
    names.mkdir()
    number = 0
    with suppress(OSError):
        while True:
            (names / str(number)).touch()
            number += 1
    yield
    shutil.rmtree(names)


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 3, inodes: int = 1000) -> Iterator[Path]:
    """Lay a file system of its own over this folder, and take it away again."""
    assert os.geteuid() == 0, "a disk of its own can only be had by root"
    folder.mkdir(exist_ok=True)
    options = f"size={megabytes}m,nr_inodes={inodes}"
    _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)
    try:
        yield folder
    finally:
        _run("umount", "--lazy", folder)


@dataclass(frozen=True, slots=True)
class Ext4:
    """A file system of its own, in a file, that the kernel makes read-only at its first error."""

    folder: Path
    image: Path

    @classmethod
    @contextmanager
    def laid_over(cls, folder: Path, *, megabytes: int = 16) -> Iterator[Self]:
        """Lay it over this folder, and take it away again."""
        disk = cls(folder, folder.with_suffix(".image"))
        folder.mkdir(exist_ok=True)
        with disk.image.open("wb") as file:
            file.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", disk.image)
        disk._mount()
        try:
            yield disk
        finally:
            _run("umount", "--lazy", folder)

    def fail(self) -> None:
        """Let the kernel believe that it has found an error."""
        device = subprocess.check_output(["findmnt", "-no", "SOURCE", self.folder], text=True).strip()
        trigger = Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"
        trigger.write_text("a fault on purpose")

    def mend(self) -> None:
        """Do what an operator does; nobody may use it meanwhile.

        A mount namespace that somebody has made meanwhile may hold the old one, so it is mended in a copy.
        """
        _run("umount", self.folder)
        copy = shutil.copyfile(self.image, self.image.with_suffix(".copy"))
        Path(copy).replace(self.image)
        # 1 says that there was something to mend.
        assert subprocess.call(["e2fsck", "-fp", self.image], stdout=subprocess.DEVNULL) in {0, 1}
        self._mount()

    def _mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", self.image, self.folder)


def _run(*command: str | Path) -> None:
    assert shutil.which(command[0]), f"{command[0]} is not there: apt-get install mount e2fsprogs"
    subprocess.run(command, check=True)
