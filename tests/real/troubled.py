"""A running daemon in trouble with its disk: what it must have told before, meanwhile and afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from typing import Any

import aiohttp

from tests.real.running import ROOT, Running

# A second look that was lost is made again after 100 s; a slow machine takes its time besides.
LIMIT = 300.0
OWN_FAULT = ("tagdrift", "something is wrong with tagdrift itself")
TURNED = Counter({("behind", "over"): 1, ("resolved", "over"): 1, ("behind", "late"): 1})


async def begun(daemon: Running) -> None:
    """Start it with one target in step, and one whose drift was told to everybody."""
    daemon.publish("late", named="1.1.0")
    daemon.publish("over", named="1.0.0")
    config = daemon.configure("late", "over")
    config.write_text(config.read_text().replace('listen = ""', 'listen = "127.0.0.1:0"'))
    await daemon.start(within=LIMIT)
    await daemon.until(lambda: all(of_targets(daemon).values()), "the first drift is told", LIMIT)
    await daemon.until(lambda: not waiting(daemon), "and that is written down", LIMIT)


def turn(daemon: Running) -> None:
    """Let the one drift end, and the other begin."""
    daemon.publish("late", named="1.0.0")
    daemon.publish("over", named="1.1.0")


def waiting(daemon: Running) -> list[Any]:
    return daemon.sql("SELECT 1 FROM delivery_log WHERE state NOT IN ('delivered', 'replaced')")


def of_targets(daemon: Running) -> dict[str, Counter[tuple[str, str]]]:
    """Return what each receiver was told of targets."""
    told = {receiver: daemon.counted(receiver) for receiver in daemon.receivers}
    return {
        receiver: Counter({key: times for key, times in counts.items() if key != OWN_FAULT})
        for receiver, counts in told.items()
    }


async def blames_itself(daemon: Running, sentence: str) -> None:
    """Wait until it says so of itself, in its log and to everybody, and goes on looking."""
    await daemon.until(
        lambda: any("our own fault" in line and sentence in line for line in daemon.lines), sentence, LIMIT
    )
    await daemon.until(
        lambda: all(daemon.counted(receiver)[OWN_FAULT] for receiver in daemon.receivers), "it is told", LIMIT
    )
    looks = len(daemon.site.asked("/late.json"))
    await daemon.until(lambda: len(daemon.site.asked("/late.json")) > looks + 1, "it looks on", LIMIT)
    status, ready = await asked(daemon, "/readyz")
    assert (status, ready["status"]) == (503, "not ready")
    assert {ready["checks"].get("can_write"), ready["checks"].get("can_read")} & {False}
    assert (await asked(daemon, "/healthz"))[0] == 200


async def settled(daemon: Running) -> None:
    """Wait until all that was due is told and written down."""
    await daemon.until(
        lambda: all(TURNED.keys() <= counts.keys() for counts in of_targets(daemon).values()),
        "all is told",
        LIMIT,
    )
    await daemon.until(lambda: not waiting(daemon), "and that is written down", LIMIT)


def history(daemon: Running) -> list[tuple[str, str, bool]]:
    """Return target, check and whether it is over of every alert that there ever was."""
    return daemon.sql('SELECT target, "check", resolved_at IS NOT NULL FROM alert_history ORDER BY target')


def assert_told_once(daemon: Running) -> None:
    """Make sure that nothing was lost, made up or repeated."""
    assert of_targets(daemon) == dict.fromkeys(daemon.receivers, TURNED)
    assert history(daemon) == [("late", "behind", 0), ("over", "behind", 1)]
    assert daemon.sql("PRAGMA integrity_check") == [("ok",)]
    assert not [line for line in daemon.lines if "Traceback" in line or "unexpected" in line]


async def asked(daemon: Running, path: str) -> tuple[int, Any]:
    """Ask its pages."""
    line = next(line for line in daemon.lines if "pages at " in line)
    async with aiohttp.ClientSession() as session, session.get(line.split("pages at ")[1] + path) as answer:
        return answer.status, json.loads(await answer.read())


async def command(daemon: Running, *line: str) -> tuple[int, str]:
    """Run a command beside it; return its status and what it said, in one line."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", *line, "--config", "config.toml"),
        cwd=daemon.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "1000"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, " ".join(output.decode().split())


async def refuses(daemon: Running) -> str:
    """Start it where it must not start; return the sentence that it leaves with."""
    await daemon.launch()
    assert await daemon.gone(60) == 1, daemon.lines
    assert [line for line in daemon.lines if line.startswith("tagdrift: ")] == daemon.lines[-1:]
    assert not [line for line in daemon.lines if "Traceback" in line]
    return daemon.lines[-1].removeprefix("tagdrift: ")
