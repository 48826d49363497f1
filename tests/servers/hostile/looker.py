"""Look at every wrong answer with one real fetcher, and print what came of each and what it cost.

    python -m tests.servers.hostile.looker < {"name": "url", …} as JSON

Answers that only a deadline ends get a short one; the others a long one, which a busy machine does not reach.

Its own process, so that the memory it prints is the fetcher's alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import timedelta
from typing import Any

import aiohttp

from monitor.clock import SystemClock
from monitor.fetcher import Fetcher, MemoryCache, MemoryLimits, NoAnswer, Proxies, open_session
from monitor.model import Request
from tests.processes import highest_megabytes
from tests.servers.hostile import ANSWERS

DEADLINE = 1.0
LONG_DEADLINE = 15.0


async def look(fetcher: Fetcher, url: str, turn: asyncio.Semaphore) -> dict[str, Any]:
    """Return what came of one answer and how long it took; `reason` is `document` where one came."""
    async with turn:
        started_at = time.monotonic()
        try:
            document = await fetcher.fetch(Request(url=url))
            came: dict[str, Any] = {"reason": "document", "bytes": len(document.body)}
        except NoAnswer as error:
            came = {"reason": str(error.failure.reason), "sentence": error.failure.sentence}
        return came | {"seconds": time.monotonic() - started_at}


async def watch_the_loop(stalls: list[float]) -> None:
    """Note for how long the loop was kept from its other work, every 20 ms.

    It is CPU time, for what others do to this machine is no fault of the fetcher's.
    """
    while True:
        before = time.thread_time()
        await asyncio.sleep(0.02)
        stalls.append(time.thread_time() - before)


def fetcher_on(session: aiohttp.ClientSession, seconds: float) -> Fetcher:
    """Return a fetcher with this deadline."""
    return Fetcher(
        session,
        SystemClock(),
        {},
        MemoryCache(),
        MemoryLimits(),
        deadline_for=timedelta(seconds=seconds),
        proxies=Proxies({}),
        pauses=(timedelta(seconds=0.05), timedelta(seconds=0.05)),
    )


async def main(urls: dict[str, str]) -> dict[str, Any]:
    """Look at all of them at once."""
    stalls: list[float] = [0.0]
    watching = asyncio.create_task(watch_the_loop(stalls))
    turn = asyncio.Semaphore(30)  # as many as the fetcher makes at once, so that its queue is not measured
    async with open_session() as session:
        patient, hasty = (fetcher_on(session, seconds) for seconds in (LONG_DEADLINE, DEADLINE))
        looks = (
            look(hasty if ANSWERS[name].is_endless else patient, url, turn) for name, url in urls.items()
        )
        answers = await asyncio.gather(*looks)
    watching.cancel()
    return {
        "answers": dict(zip(urls, answers, strict=True)),
        "stall": max(stalls),
        "megabytes": highest_megabytes(),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
