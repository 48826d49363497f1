"""Ten targets for ten minutes against `tagdrift run`: `python -m tests.campaign.ten_targets [MINUTES]`.

One drifts, one flaps, one is dead, one lies, six are in step. What the history, the alerts and the messages
must be is worked out beforehand; the program ends with 1 and says where it was otherwise.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

INTERVAL, THRESHOLD = 5, 60
HEALTHY = [f"healthy-{number}" for number in range(6)]
ALERTS = [
    ("dead", "unreachable"),
    ("dead", "unreachable"),
    ("drifting", "behind"),
    ("flapping", "behind"),
    ("lying", "unlisted"),
]
MESSAGES = Counter({
    "[unreachable] dead": 2,
    "[behind] drifting": 1,
    "[resolved] drifting": 1,
    "[behind] flapping": 1,
    "[unlisted] lying": 1,
})  # fmt: skip
TARGETS = ["drifting", "flapping", "dead", "lying", *HEALTHY]
TARGET = """
[targets.{name}]
metadata = {{ kind = "json", url = "{base}/{name}/latest", path = "$.tag" }}
releases = {{ kind = "json", url = "{base}/{name}/releases", path = "$[*].tag", date_path = "$[*].date" }}
"""
CONFIG = f"""
[daemon]
database = "history.db"
listen = ""
interval = "{INTERVAL}s"
deadline_for = "2s"
[receivers.chat]
url = "json://127.0.0.1:{{port}}/chat"
[policy]
scheme = "semver"
threshold = "{THRESHOLD}s"
unreachable_after = "60s"
unlisted_grace = "60s"
keep_firing_for = "2m"
"""


class World:
    """What each target's sides say at this many seconds into the run."""

    def __init__(self) -> None:
        self.began_at = time.time()
        self.messages: list[str] = []

    def latest(self, name: str) -> str | None:
        """Return what the metadata names; None is no answer."""
        since = time.time() - self.began_at
        if name == "dead":
            return None
        if name == "lying":
            return "9.9.9" if since >= 60 else "1.0.0"
        if name == "flapping":
            # In step for 30 s and behind for 30 s, again and again: one alert, and one message.
            return "1.0.0" if int(since // 30) % 2 else "1.1.0"
        if name == "drifting":
            return "1.1.0" if since >= 240 else "1.0.0"
        return "1.1.0" if since >= 35 else "1.0.0"

    def releases(self, name: str) -> list[dict[str, str]]:
        """Return the list; 1.1.0 comes out 30 s into the run, but for the one that flaps."""
        rows = [("1.0.0", self.began_at - 86400)]
        if name == "flapping":
            rows.append(("1.1.0", self.began_at - 3600))
        elif time.time() - self.began_at >= 30:
            rows.append(("1.1.0", self.began_at + 30))
        return [{"tag": tag, "date": datetime.fromtimestamp(at, UTC).isoformat()} for tag, at in rows]


class Handler(BaseHTTPRequestHandler):
    """Answers for the world that the server holds."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        world: World = self.server.world  # type: ignore[attr-defined]
        _, name, side = self.path.split("/")
        tag = world.latest(name)
        if tag is None:
            self.send_error(503)
            return
        self._send({"tag": tag} if side == "latest" else world.releases(name))

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.world.messages.append(message["title"])  # type: ignore[attr-defined]
        self._send({})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its own name
        """Say nothing."""

    def _send(self, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> int:
    """Run it, and print what was found."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with tempfile.TemporaryDirectory() as folder:
        world, database = _run(Path(folder), minutes)
        problems = list(_problems(world, database, minutes))
    for problem in problems:
        print(f"WRONG: {problem}")
    print(f"{minutes:g} minutes, {len(TARGETS)} targets: {len(problems)} things are not as they must be")
    return 1 if problems else 0


def _run(folder: Path, minutes: float) -> tuple[World, dict[str, list[tuple[Any, ...]]]]:
    world = World()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.world = world  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    targets = "".join(TARGET.format(name=name, base=f"http://127.0.0.1:{port}") for name in TARGETS)
    (folder / "config.toml").write_text(CONFIG.format(port=port) + targets)
    command = [sys.executable, "-m", "monitor", "run", "--config", str(folder / "config.toml")]
    daemon = subprocess.Popen(command)
    try:
        time.sleep(minutes * 60)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(10)
    finally:
        daemon.kill()
        server.shutdown()
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        return world, {
            "alerts": connection.execute(
                'SELECT target, "check", since_us, fired_at_us, resolved_at_us FROM alert_history'
            ).fetchall(),
            "looks": connection.execute(
                "SELECT target, side, count(*), sum(outcome = 'good') FROM observation_log GROUP BY 1, 2"
            ).fetchall(),
            "current": connection.execute("SELECT target, state FROM current").fetchall(),
            "deliveries": connection.execute("SELECT state FROM delivery_log").fetchall(),
        }


def _problems(world: World, database: dict[str, list[tuple[Any, ...]]], minutes: float) -> Iterator[str]:
    found = sorted((row[0], row[1]) for row in database["alerts"])
    if found != ALERTS:
        yield f"the alerts are {found}, not {ALERTS}"
    yield from (
        problem for row in database["alerts"] if row[0] == "drifting" for problem in _instants(world, row)
    )
    yield from _states(dict(database["current"]))
    yield from _looks(database["looks"], minutes)
    yield from _messages(world.messages, [state for (state,) in database["deliveries"]])


def _states(states: dict[str, str]) -> Iterator[str]:
    wanted = {"drifting": "in step", "dead": "unreachable", "lying": "unlisted"}
    for name, state in (wanted | dict.fromkeys(HEALTHY, "in step")).items():
        if states.get(name) != state:
            yield f"{name} is {states.get(name)}, not {state}"


def _looks(looks: list[tuple[Any, ...]], minutes: float) -> Iterator[str]:
    for target, side, count, good in looks:
        # One that fails takes its retries' time as well.
        least = minutes * 60 / INTERVAL * (0.7 if target == "dead" else 0.85)
        if count < least or good != (0 if target == "dead" else count):
            yield f"{target}, {side}: {count} looks, {good} of them good; at least {least:.0f} must be"


def _messages(messages: list[str], rows: list[str]) -> Iterator[str]:
    told = Counter(title.split("]")[0] + "] " + title.split("] ")[1].split(":")[0] for title in messages)
    if told != MESSAGES:
        yield f"the messages are {dict(told)}, not {dict(MESSAGES)}"
    if rows != ["delivered"] * len(messages):
        yield f"{len(messages)} messages came, the rows say {rows}"


def _instants(world: World, drift: tuple[Any, ...]) -> Iterator[str]:
    since, fired, resolved = (None if us is None else us / 1e6 - world.began_at for us in drift[2:5])
    if since is None or abs(since - 30) > 0.01:
        yield f"the drift is since {since} s, not 30"
    if fired is None or abs(fired - 30 - THRESHOLD) > 0.01:
        yield f"the drift fired at {fired} s, not {30 + THRESHOLD}"
    if resolved is None or not 240 <= resolved <= 240 + INTERVAL * 1.1 + 2:
        yield f"the drift was resolved at {resolved} s, not soon after 240"


if __name__ == "__main__":
    sys.exit(main())
