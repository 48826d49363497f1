"""Fixtures that more than one test file uses: a clock moved by hand, and where things lie."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2024, 10, 16, 12, 0, tzinfo=UTC)


class ManualClock:
    """A clock that moves only when told to; `sleep` moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self.elapsed = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, wait_for: timedelta) -> None:
        self.advance(wait_for)
        await asyncio.sleep(0)

    def advance(self, by: timedelta) -> None:
        self.at += by
        self.elapsed += by.total_seconds()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()
