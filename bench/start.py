"""How long until something is there: `python -m bench.start [ROUNDS]`.

Each program is started in turn, round after round, so that whatever else the machine does meets all of them
alike. Printed are medians, and ratios to a bare interpreter.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

ROUNDS = 7
TARGETS = 100
IDLE_SECONDS = 5.0
LIBRARIES = (
    "import aiohttp, apscheduler.schedulers.asyncio, click, msgspec, pydantic, rich.console, sqlalchemy"
)
TAGDRIFT = [sys.executable, "-m", "monitor"]
TABLE = """
[targets.t{number}.{side}]
kind = "json"
url = "http://127.0.0.1:{port}/{side}/{number}"
path = "{path}"
"""


class Site(BaseHTTPRequestHandler):
    """Answers every question with one version that never changes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"tag": "1.0.0", "tags": ["1.0.0"]}'
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its own name
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@contextlib.contextmanager
def site() -> Iterator[int]:
    server = Server(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def configuration(folder: Path, port: int) -> Path:
    """Write a configuration of many targets, each on the site."""
    sides = (("metadata", "$.tag"), ("releases", "$.tags[*]"))
    tables = [
        TABLE.format(number=number, side=side, port=port, path=path)
        for number in range(TARGETS)
        for side, path in sides
    ]
    file = folder / "config.toml"
    daemon = f'[daemon]\ndatabase = "{folder}/tagdrift.db"\nlisten = "127.0.0.1:0"\n'
    file.write_text(daemon + "".join(tables))
    return file


# --- one start each ------------------------------------------------------------------------------


def ended(*command: str, environ: Mapping[str, str] | None = None) -> float:
    """Return the milliseconds from the start of a command to its end."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **(environ or {})})
    return (time.perf_counter() - begun) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A daemon's start: until READY=1, what it then held in memory when idle, and the modules it imported."""

    milliseconds: float
    megabytes: float
    modules: frozenset[str]


def readied(config: Path, folder: Path, idle_seconds: float = IDLE_SECONDS) -> Ready:
    """Start the daemon, wait until it says that the first round is done, and let it idle."""
    address, log = folder / "notify", folder / "log"
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, log.open("wb") as output:
        manager.bind(str(address))
        manager.settimeout(0.5)
        begun = time.perf_counter()
        command = [sys.executable, "-X", "importtime", *TAGDRIFT[1:], "run", "--config", str(config)]
        environ = {**os.environ, "NOTIFY_SOCKET": str(address)}
        daemon = subprocess.Popen(command, env=environ, stderr=output)
        try:
            while b"READY=1" not in heard(manager):
                assert daemon.poll() is None, f"the daemon ended: {log.read_text()[-1000:]}"
            took = (time.perf_counter() - begun) * 1000
            time.sleep(idle_seconds)
            return Ready(milliseconds=took, megabytes=resident(daemon.pid), modules=imported(log.read_text()))
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(timeout=30)


def heard(manager: socket.socket) -> bytes:
    """Return the next message, empty if there is none for a while."""
    try:
        return manager.recv(4096)
    except TimeoutError:
        return b""


def imported(log: str) -> frozenset[str]:
    """Return the modules that `-X importtime` tells of."""
    lines = (line.split("|") for line in log.splitlines() if line.startswith("import time:"))
    return frozenset(parts[-1].strip() for parts in lines if len(parts) == 3)


def resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


# --- all of them, in turn ------------------------------------------------------------------------


def starts(config: Path, folder: Path) -> dict[str, Callable[[], float]]:
    """Return what is timed, by what it is called."""
    python = sys.executable
    environ = {"TAGDRIFT_CONFIG": str(config)}
    return {
        "python -c pass": lambda: ended(python, "-c", "pass"),
        "python -c 'import click'": lambda: ended(python, "-c", "import click"),
        "tagdrift --help": lambda: ended(*TAGDRIFT, "--help"),
        "tagdrift kinds": lambda: ended(*TAGDRIFT, "kinds"),
        "tagdrift sql": lambda: ended(*TAGDRIFT, "sql", "SELECT 1", environ=environ),
        "tagdrift status": lambda: ended(*TAGDRIFT, "status", environ=environ),
        "its libraries, imported": lambda: ended(python, "-c", LIBRARIES),
        f"tagdrift run, {TARGETS} targets, to READY=1": lambda: measured(config, folder),
    }


MEMORY: list[Ready] = []


def measured(config: Path, folder: Path) -> float:
    """Start the daemon once; what it held in memory is kept for the end."""
    MEMORY.append(readied(config, folder))
    return MEMORY[-1].milliseconds


def main() -> None:
    """Run all rounds and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as name, site() as port:
        folder = Path(name)
        config = configuration(folder, port)
        # The database must be there for those that read it, and the files in the page cache.
        readied(config, folder)
        timed = starts(config, folder)
        times: dict[str, list[float]] = {title: [] for title in timed}
        for _ in range(rounds):
            for title, start in timed.items():
                times[title].append(start())
    bare = median(times["python -c pass"])
    print(f"{'median of ' + str(rounds):46}{'ms':>8}{'ratio':>8}")
    for title, each in times.items():
        print(f"{title:46}{median(each):8.0f}{median(each) / bare:8.1f}")
    print(f"\nidle with {TARGETS} targets: {median(each.megabytes for each in MEMORY):.0f} MB resident")


if __name__ == "__main__":
    main()
