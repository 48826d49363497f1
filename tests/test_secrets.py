"""A secret of the configuration, followed through the whole daemon at its most talkative."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.processes import children_of
from tests.servers.site import Site

TAGDRIFT = (sys.executable, "-m", "monitor")
CANARY = "cAnArY"
CONFIG = """
[daemon]
database = "{folder}/tagdrift.db"
listen = ""
interval = "1s"
heartbeat_url = {{ file = "heartbeat" }}
[credentials.github]
file = "token"
[receivers.ops]
url = {{ file = "ops" }}
[receivers.gone]
url = {{ file = "gone" }}
[policy]
scheme = "semver"
[targets.project]
metadata = {{ kind = "json", url = "http://{base}/latest.json", path = "$.tag", token = "github" }}
releases = {{ kind = "github", repo = "owner/name", token = "github", api_url = "http://{base}" }}
[targets.gone]
metadata = {{ kind = "text", url = "http://{base}/gone", token = "github" }}
releases = {{ kind = "json", url = "http://{base}/moved", path = "$.tag", token = "github" }}
"""


@asynccontextmanager
async def daemon(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *TAGDRIFT, "run", "--log-level", "debug", "--config", str(folder / "config.toml"),
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(60):
                await process.wait()


@pytest.fixture
async def watched(quick_path: Path, site: Site) -> Path:
    """A configuration with a secret in every place that takes one, and a site that a drift is seen on."""
    base = site.url("").removeprefix("http://").rstrip("/")
    secrets = {
        "heartbeat": f"http://{base}/beat/{CANARY}-heartbeat",
        "token": f"{CANARY}-token",
        "ops": f"json://{CANARY}-user:{CANARY}-password@{base}/{CANARY}-path",
        "gone": f"json://{CANARY}-user:{CANARY}-password@127.0.0.1:1/{CANARY}-path",
    }
    for name, secret in secrets.items():
        (quick_path / name).write_text(secret + "\n")
    (quick_path / "config.toml").write_text(CONFIG.format(folder=quick_path, base=base))
    nodes = [
        {"tagName": tag, "publishedAt": f"2024-01-0{day}T00:00:00Z", "isPrerelease": False, "isDraft": False}
        for day, tag in ((1, "v1.0.0"), (2, "v1.1.0"))
    ]
    page = {"hasNextPage": False, "endCursor": None}
    site.answer("/latest.json", {"tag": "1.0.0"})
    site.answer("/graphql", {"data": {"repository": {"releases": {"nodes": nodes, "pageInfo": page}}}})
    site.answer(
        "/moved",
        status=302,
        headers={"Location": site.url(f"/elsewhere?{CANARY}-token", host="localhost")},
    )
    site.answer(f"/{CANARY}-path", "ok")
    site.answer(f"/beat/{CANARY}-heartbeat", "ok")
    return quick_path


def lines_of_processes(pid: int) -> str:
    """Return the command lines of this process and all below it, and the environments of those below."""
    shown = []
    for each in {pid, *children_of(pid)}:
        for file in ("cmdline", "environ") if each != pid else ("cmdline",):
            try:
                shown.append(Path(f"/proc/{each}/{file}").read_bytes().decode(errors="replace"))
            except OSError:
                continue
    return "\n".join(shown)


def bytes_of(folder: Path) -> bytes:
    """Return every byte of the database and of what lies beside it."""
    return b"".join(path.read_bytes() for path in folder.glob("tagdrift.db*"))


async def test_a_secret_appears_nowhere_but_where_it_is_sent(watched: Path, site: Site) -> None:
    processes = ""
    async with daemon(watched) as process, asyncio.timeout(120):
        while not site.asked(f"/{CANARY}-path"):
            processes += lines_of_processes(process.pid)
            await asyncio.sleep(0.02)
        log = ""
        while "receiver gone" not in log:
            processes += lines_of_processes(process.pid)
            await asyncio.sleep(0.05)
            log = (watched / "log").read_text()
        status = await asyncio.create_subprocess_exec(
            *TAGDRIFT, "config", "show", "--config", str(watched / "config.toml"),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        shown = (await status.communicate())[0].decode()
    assert any(
        asked.headers.get("Authorization") == f"Bearer {CANARY}-token" for asked in site.asked("/graphql")
    )
    assert all("Authorization" not in asked.headers for asked in site.asked("/elsewhere"))
    log = (watched / "log").read_text()
    assert "DEBUG" in log
    assert re.search("receiver gone: .+", log)
    database = bytes_of(watched)
    assert b"1.1.0" in database
    for where, text in {
        "log": log,
        "processes": processes,
        "database": database.decode(errors="replace"),
        "config show": shown,
    }.items():
        assert CANARY.lower() not in text.lower(), where
