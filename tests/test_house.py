"""The whole daemon on `tick(now)`: looks, record, detection and telling, on real rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import AlertState, Reading, Side
from monitor.silences import ack_of
from monitor.store import visit
from tests.disks import refusing_database
from tests.drifting import BEHIND, NEW, OLD, at, drifting, second
from tests.housing import Housing


async def test_a_drift_is_told_when_it_is_past_the_threshold_and_when_it_ends(housing: Housing) -> None:
    await drifting(housing)
    assert [(heard.at, heard.title) for heard in housing.heard] == [(at(14, 10), BEHIND)]
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


async def test_every_look_is_recorded_and_the_second_look_is_marked(housing: Housing) -> None:
    await drifting(housing)
    looks = housing.reader.observations(target="project")
    assert [second(look) for look in looks if look.confirm] == [at(14, 10), at(14, 10)]
    # From 12:00 every five minutes on both sides, and the two that confirm.
    assert len(looks) == 2 * 27 + 2
    requests = [
        asked for asked in housing.site.asked("/project/latest.json") if "Cache-Control" in asked.headers
    ]
    assert len(requests) == 1
    assert "If-None-Match" not in requests[0].headers


async def test_unchanged_looks_are_conditional_and_parse_nothing_anew(housing: Housing) -> None:
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    await housing.pass_for(minutes=30)
    looks = housing.reader.observations(target="project")
    assert [look.status for look in looks].count(200) == 2
    assert [look.status for look in looks].count(304) == 12


async def test_an_ack_from_the_command_line_is_taken_up_within_two_seconds(housing: Housing) -> None:
    await drifting(housing)
    (alert,) = housing.reader.alerts()
    visit(
        housing.path,
        lambda ledger: ledger.add_ack(ack_of(alert, at=housing.clock.now(), who="ada")),
        clock=housing.clock,
    )
    await housing.pass_for(hours=30)
    assert housing.told == [("ops", BEHIND)]
    visit(housing.path, lambda ledger: ledger.end_ack(1, housing.clock.now()), clock=housing.clock)
    await housing.pass_for(seconds=2)
    assert len(housing.told) == 2


async def test_a_message_names_the_others_that_are_behind_and_not_what_else_is_wrong(
    housing: Housing,
) -> None:
    housing.targets = {"early": "", "project": "", "typo": ""}
    housing.says("early", named="1.0.0", releases={"1.0.0": "2024-10-01T12:00:00Z"})
    housing.says("typo", named="99.0.0", releases={"1.0.0": "2024-10-01T12:00:00Z"})
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    housing.says("early", releases={"1.0.0": "2024-10-01T12:00:00Z", "1.1.0": "2024-10-16T12:00:00Z"})
    await housing.pass_until(at(12, 10))
    housing.says("project", releases=NEW)
    await housing.pass_until(at(14, 10))
    also = {heard.title.split(":")[0]: heard.body.split("Also drifting: ")[1] for heard in housing.heard}
    assert {title: body.split("\n")[0] for title, body in also.items()} == {
        "[unlisted] typo": "nothing.",
        "[behind] early": "nothing.",
        "[behind] project": "early.",
    }


async def test_a_reload_keeps_what_has_not_changed_and_its_pace(housing: Housing) -> None:
    housing.targets = {"project": "", "other": ""}
    for name in housing.targets:
        housing.says(name, named="20241008", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 7))
    housing.targets = {"project": 'threshold = "1h"', "new": ""}
    housing.says("new", named="20241008", releases=OLD)
    await housing.reload()
    house = housing.rooms.house
    assert sorted(house.watches) == ["new", "project"]
    assert house.watches["project"].state.metadata.good_at == at(12, 5)
    await housing.pass_until(at(12, 10))
    assert house.watches["project"].state.metadata.good_at == at(12, 10)
    assert house.watches["new"].state.metadata.good_at == at(12, 7)
    assert "other" in housing.reader.targets()
    assert "other" not in housing.reader.states()


async def test_a_reload_that_the_database_refuses_leaves_all_as_it_was(housing: Housing) -> None:
    housing.targets = {"project": "", "other": ""}
    housing.says("other", named="1.0", releases={"1.0": "2024-01-01T00:00:00Z"})
    await drifting(housing)
    (alert,) = housing.rooms.house.watches["project"].state.alerts
    # One changed, one removed, one renamed: the database has to take the last two.
    housing.targets = {"project": 'unreachable_after = "4h"', "renamed": 'was = "other"'}
    async with refusing_database(housing.rooms.store):
        with pytest.raises(StoreError):
            await housing.reload()
    house = housing.rooms.house
    assert sorted(house.watches) == sorted(house.config.targets) == ["other", "project"]
    assert house.watches["project"].state.alerts == (alert,)
    await housing.pass_for(hours=1)
    assert house.watches["other"].state.metadata.good_at == at(15, 10)
    await housing.reload()
    assert sorted(house.watches) == ["project", "renamed"]
    await housing.pass_for(hours=2)
    assert [(one.id, one.state) for one in housing.reader.alerts()] == [(alert.id, AlertState.FIRING)]


async def test_a_look_that_is_asked_for_moves_no_poll(housing: Housing) -> None:
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 2))
    housing.rooms.house.look_now("project", Side.METADATA)
    housing.rooms.house.look_now("project", Side.METADATA)
    housing.rooms.house.look_now("nobody", Side.METADATA)
    await housing.rooms.house.settle()
    assert len(housing.site.asked("/project/latest.json")) == 3
    await housing.pass_until(at(12, 6))
    looks = housing.reader.observations(target="project")
    assert [second(look) for look in looks if look.side is Side.METADATA] == [
        at(12, 5),
        at(12, 2),
        at(12, 2),
        at(12, 0),
    ]


async def test_a_clock_that_is_set_stops_no_look(housing: Housing) -> None:
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    for moment in (at(11, 0), at(13, 0), datetime(1970, 1, 1, tzinfo=UTC), at(12, 0)):
        housing.clock.at = moment
        before = len(housing.site.asked("/project/latest.json"))
        elapsed = housing.clock.elapsed
        while len(housing.site.asked("/project/latest.json")) == before:
            housing.clock.advance(timedelta(seconds=1))
            await housing.tick()
            assert housing.clock.elapsed - elapsed <= 305
    assert housing.reader.alerts() == ()


async def test_a_target_that_is_configured_otherwise_while_we_are_down_is_read_anew(housing: Housing) -> None:
    await drifting(housing)
    await housing.close()
    housing.targets = {"project": 'ignore = ["20241016"]'}
    await housing.open()
    await housing.pass_for(minutes=15)
    (alert,) = housing.reader.alerts()
    assert alert.state is AlertState.RESOLVED


async def test_a_look_that_is_under_way_at_a_removal_comes_to_nothing(housing: Housing) -> None:
    housing.targets = {"project": "", "other": ""}
    for name in housing.targets:
        housing.says(name, named="20241008", releases=OLD)
    await housing.open()
    house = housing.rooms.house
    looking = house.watches["project"]
    house.look_now("project", Side.METADATA)
    await house.unwatch("project")
    await house.settle()
    assert looking.state.metadata.looked_at == at(12, 0)
    assert len(housing.reader.observations(target="project")) == 2


async def test_a_large_document_is_read_like_a_small_one(housing: Housing) -> None:
    releases = {f"1.{number}.0": "2024-01-01T00:00:00Z" for number in range(3000)}
    housing.says("project", named="1.2999.0", releases=releases)
    await housing.open()
    outcome = housing.rooms.house.watches["project"].state
    assert len(outcome.releases) == 3000
    assert outcome.scheme == "semver"
    observation = await housing.rooms.house._poller.look(
        housing.rooms.house.watches["project"].target, Side.RELEASES
    )
    assert isinstance(observation.outcome, Reading)
    assert observation.got.unchanged


@pytest.mark.parametrize(
    ("chance", "after"), [pytest.param(0.0, 270, id="earliest"), pytest.param(0.999999, 330, id="latest")]
)
async def test_looks_are_spread_by_a_part_of_the_interval(
    housing: Housing, chance: float, after: int
) -> None:
    housing.jitter, housing.chance = 0.1, chance
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    looks = housing.rooms.house.next_looks(housing.clock.now())
    assert {round((at - housing.clock.now()).total_seconds()) for at in looks.values()} == {after}
