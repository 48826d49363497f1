"""Section 4 of the design as timelines, each through the whole daemon on `tick(now)`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Side
from monitor.store import Reader
from tests.replaying import replayed, told
from tests.scenarios.comparing import alike
from tests.scenarios.house import House
from tests.scenarios.reading import Scenario, scenarios
from tests.servers.site import Site


def _played_again(house: House) -> list[dict[str, Any]]:
    reader = Reader(house.housing.path)
    try:
        return replayed(reader, house.clock.now())
    finally:
        reader.close()


@pytest.mark.parametrize("scenario", scenarios("daemon"), ids=lambda scenario: scenario.name)
async def test_the_whole_daemon_does_what_the_scenario_says(
    scenario: Scenario, quick_path: Path, open_site: Callable[..., Awaitable[Site]]
) -> None:
    sites = {side: await open_site() for side in Side}
    house = House(scenario, quick_path, sites)
    try:
        await house.play()
        assert alike(house.alerts, scenario.alerts) == list(scenario.alerts)
        assert house.messages == list(scenario.messages)
        assert len(house.housing.heard) == len(house.messages)
        if not any("clock" in happening.what for happening in scenario.happenings):
            # The history is in order of the daemon's clock, which must not have been set for it to be one.
            assert _played_again(house) == told(house.alerts)
    finally:
        await house.housing.close()
