"""The whole daemon on `tick(now)`: looks, record, detection and telling, on real rooms."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.model import AlertState
from tests.housing import Housing

OLD = {"20241008": "2024-10-08T12:00:00Z"}
NEW = OLD | {"20241016": "2024-10-16T12:10:00Z"}


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2024, 10, 16, hour, minute, second, tzinfo=UTC)


async def test_a_drift_is_told_when_it_is_past_the_threshold_and_when_it_ends(housing: Housing) -> None:
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 10))
    housing.says("project", releases=NEW)
    await housing.pass_until(at(14, 9, 59))
    assert housing.told == []
    await housing.pass_until(at(14, 10))
    assert housing.told == [("ops", "[behind] project: latest.json names 20241008; 20241016 is out")]
    housing.says("project", named="20241016")
    await housing.pass_until(at(15, 0))
    assert [receiver for receiver, _ in housing.told] == ["ops", "ops"]
    assert "resolved" in housing.told[1][1]
    (alert,) = housing.reader.alerts()
    assert (alert.state, alert.fired_at, alert.resolved_at) == (
        AlertState.RESOLVED,
        at(14, 10),
        at(14, 15),
    )
