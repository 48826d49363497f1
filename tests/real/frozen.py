"""Stop single threads of a process and no others, as a disk that hangs would: by ptrace(2)."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WAIT_FOR_THREADS = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request: int, thread: int) -> None:
    if _libc.ptrace(request, thread, None, None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def all_but_the_main_thread(pid: int) -> list[int]:
    """Return the ids of the threads of this process, as this machine numbers them, without the first."""
    return sorted(int(path.name) for path in Path(f"/proc/{pid}/task").iterdir() if path.name != str(pid))


@contextlib.contextmanager
def frozen(threads: list[int]) -> Iterator[None]:
    """Hold these threads where they are; one that was ended meanwhile is no matter."""
    for thread in threads:
        _ptrace(SEIZE, thread)
        _ptrace(INTERRUPT, thread)
        os.waitpid(thread, WAIT_FOR_THREADS)
    try:
        yield
    finally:
        for thread in threads:
            with contextlib.suppress(OSError):
                _ptrace(DETACH, thread)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(thread, WAIT_FOR_THREADS | os.WNOHANG)
