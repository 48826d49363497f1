"""The incident on a page."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from monitor.demo.serving import Stage


async def test_the_demo_prints_its_address_and_plays_on_its_page_until_interrupted(tmp_path: Path) -> None:
    told: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
    lines: list[str] = []
    stage = Stage(
        directory=tmp_path,
        listen="127.0.0.1:0",
        say=lambda _, line: lines.append(line),
        announce=lambda address, token: told.set_result((address, token)),
    )
    playing = asyncio.create_task(stage.run())
    address, token = await told
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
        assert "python-build-standalone" in await answer.text()
    assert len(token) >= 16
    assert lines[0].startswith("the first look")
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
