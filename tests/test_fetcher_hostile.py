"""A server that answers wrongly in every way we know of: each answer ends in time, cheaply, in a sentence."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.servers import hostile
from tests.servers.hostile.looker import DEADLINE, LONG_DEADLINE

ROOT = Path(__file__).parents[1]


@pytest.mark.fault(
    "hostile answers",
    how="raw sockets that answer HTTP wrongly in every way we know of",
    promise="each is a failure with a sentence within the deadline, in under 150 MB, and stalls nobody",
)
async def test_every_wrong_answer_ends_in_time_in_little_memory_with_a_sentence(record_property):
    async with hostile.opened() as urls:
        report = await looked_at(urls)
    answers = report["answers"]
    record_property("times", len(answers))
    record_property("figure", f"{report['megabytes']:.0f} MB")
    assert len(answers) >= 100
    assert {name: answer["reason"] for name, answer in answers.items()} == {
        name: wrong.deserves for name, wrong in hostile.ANSWERS.items()
    }
    for name, answer in answers.items():
        deadline = DEADLINE if hostile.ANSWERS[name].is_endless else LONG_DEADLINE
        assert answer["seconds"] < deadline + 3, name
        if answer["reason"] != "document":
            assert answer["sentence"].startswith("http://"), name
            assert len(answer["sentence"]) < 500, name
            assert answer["sentence"].isprintable(), name
    assert report["megabytes"] < 150
    assert report["stall"] < 0.5


async def looked_at(urls):
    """Have a child process look at them, so that the memory measured is the fetcher's alone."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.servers.hostile.looker", stdin=-1, stdout=-1, cwd=ROOT
    )
    printed, _ = await child.communicate(json.dumps(urls).encode())
    return json.loads(printed)
