"""A virtual machine whose power is cut: QEMU without KVM, Debian's cloud kernel, and this Python as init.

The kernel has the drivers of an NVMe disk and of ext4 built in, so that it needs no initrd. The first disk is
made of this machine's own files and is read-only; the second holds the database. The machine has no network.
A cut is a SIGKILL of QEMU: what the guest's kernel had not yet written is gone.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KINDS = ("look", "queued", "delivered")
# What the guest has no use for, and what only tools of developers need.
LEFT_OUT = (
    "playwright",
    "mypy*",
    "*mypyc*",
    "ruff*",
    "pip",
    "hypothesis",
    "pytest*",
    "_pytest",
    "setuptools",
    "test",
    "tests",
    "idlelib",
    "ensurepip",
    "tkinter",
    "lib2to3",
    "config-3*",
    "site-packages",
    "dist-packages",
    "*.a",
)
LONGEST = 900  # seconds from power on to the cut, on a slow machine
QEMU = "qemu-system-x86_64"
INSTALL = (
    "apt-get install --no-install-recommends qemu-system-x86; apt-get download the package that "
    "linux-image-cloud-amd64 depends on, unpack it with dpkg-deb -x, and set TAGDRIFT_KERNEL to its vmlinuz"
)


def kernel() -> Path:
    """Return the kernel to boot; what is missing is said."""
    named = os.environ.get("TAGDRIFT_KERNEL")
    paths = [Path(named)] if named else sorted(Path("/boot").glob("vmlinuz-*cloud-amd64"))
    assert paths, f"there is no kernel for a virtual machine: {INSTALL}"
    assert shutil.which(QEMU), f"there is no {QEMU}: {INSTALL}"
    return paths[-1]


@dataclass
class Machine:
    """Two disks; `boot` turns it on."""

    folder: Path
    root: Path = field(init=False)
    data: Path = field(init=False)

    def __post_init__(self) -> None:
        self.root, self.data = self.folder / "root.img", self.folder / "data.img"
        self.kernel = kernel()
        files = self.folder / "files"
        _lay(files)
        _format(self.root, "700M", "-d", str(files))
        shutil.rmtree(files)
        _format(self.data, "256M")

    @contextmanager
    def boot(self) -> Iterator[Iterator[str]]:
        """Turn it on, and give the lines of its console; the end of the block is a power cut."""
        python = Path(sys.executable).resolve()
        words = f"console=ttyS0 quiet panic=-1 root=/dev/nvme0n1 ro rootfstype=ext4 init={python}"
        words += f" PYTHONPATH={ROOT}:{sysconfig.get_path('purelib')} -- -m tests.campaign.guest /dev/nvme1n1"
        command = [QEMU, "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "512"]
        command += ["-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio", "-nic", "none"]
        command += ["-kernel", str(self.kernel), "-append", words]
        command += _disk(self.root, "readonly=on") + _disk(self.data, "cache=writeback")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert process.stdout is not None
        limit = threading.Timer(LONGEST, process.kill)
        limit.start()
        try:
            yield (line.decode(errors="replace").strip() for line in process.stdout)
        finally:
            process.kill()
            process.wait()
            limit.cancel()
            process.stdout.close()


def _disk(path: Path, option: str) -> list[str]:
    drive = f"if=none,id={path.stem},format=raw,file={path},{option}"
    return ["-drive", drive, "-device", f"nvme,drive={path.stem},serial={path.stem}"]


def _format(image: Path, size: str, *more: str) -> None:
    image.touch()
    os.truncate(image, int(size[:-1]) * 2**20)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", *more, str(image)], check=True)


def _lay(files: Path) -> None:
    """Lay out this Python, what it has installed, and tagdrift, each where it is on this machine."""
    library = Path(sysconfig.get_path("stdlib"))
    packages = Path(sysconfig.get_path("purelib"))
    for folder in (library, packages, ROOT / "monitor", ROOT / "migrations"):
        shutil.copytree(
            folder, _below(files, folder), ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True
        )
    for source in [
        ROOT / "tests" / name for name in ("telling.py", "campaign/__init__.py", "campaign/guest.py")
    ]:
        _copy(files, source)
    python = Path(sys.executable).resolve()
    _copy(files, python)
    binaries = [python, *library.glob("lib-dynload/*.so"), *packages.rglob("*.so")]
    for needed in _libraries(binaries):
        _copy(files, needed)
    for name in ("proc", "dev", "var/tmp", "data"):
        (files / name).mkdir(parents=True, exist_ok=True)


def _libraries(binaries: list[Path]) -> list[Path]:
    """Return the shared libraries that these load, by the names under which they are looked for."""
    listed = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    words = {word for line in listed.splitlines() for word in line.split() if word.startswith("/")}
    return sorted(Path(word) for word in words if not word.endswith(":"))


def _copy(files: Path, source: Path) -> None:
    _below(files, source).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, _below(files, source))


def _below(files: Path, path: Path) -> Path:
    return files / path.relative_to("/")


@dataclass
class Cuts:
    """What was acknowledged before each cut, and what is wrong of what was found after it."""

    seed: int = 20241016
    acknowledged: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    wrong: list[str] = field(default_factory=list)

    def cut_often(self, machine: Machine, times: int) -> None:
        """Cut the power at random instants, and look once more after the last."""
        chance = random.Random(self.seed)
        for number in range(times + 1):
            with machine.boot() as lines:
                self._found(number, lines)
                if number < times:
                    self._record(lines, chance.uniform(0.5, 6))

    def _found(self, number: int, lines: Iterator[str]) -> None:
        said = []
        for line in lines:
            said.append(line)
            if line.startswith("found "):
                self._compare(number, json.loads(line.removeprefix("found ")))
                return
        last = [line for line in said if not line.startswith("[")][-1:]
        raise AssertionError(f"after cut {number} the database could not be opened: {last}")

    def _compare(self, number: int, there: dict[str, Any]) -> None:
        for kind, acknowledged in self.acknowledged.items():
            lost = acknowledged - there[kind]["last"]
            if lost > 0 or there[kind]["missing"]:
                self.wrong.append(
                    f"cut {number}: {kind} {max(lost, 0)} lost, without {there[kind]['missing']}"
                )
        if there["event"] != there["look"]:
            self.wrong.append(f"cut {number}: a look without its event")
        if there["integrity"]["says"] != "ok":
            self.wrong.append(f"cut {number}: {there['integrity']['says']}")

    def _record(self, lines: Iterator[str], seconds: float) -> None:
        until = None
        for line in lines:
            if not line.startswith("kept "):
                continue
            until = until or time.monotonic() + seconds
            _, kind, number = line.split()
            self.acknowledged[kind] = max(self.acknowledged[kind], int(number))
            if time.monotonic() > until:
                return
        raise AssertionError("the machine ended by itself")
