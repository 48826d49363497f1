"""The whole daemon where something of our own fails: the database, the network, our sight."""

from __future__ import annotations

import logging

import pytest
from aiohttp import web

from monitor.model import CheckName, Failure, Got, Observation, Reason, Side
from monitor.service.seeing import see
from tests.disks import full_database, refusing_database
from tests.drifting import BEHIND, NEW, OLD, at, drifting
from tests.housing import TARGET, Housing


async def test_a_database_that_refuses_is_our_own_fault_and_never_an_observation(housing: Housing) -> None:
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    house = housing.rooms.house
    many = OLD | {
        f"2024{month:02}{day:02}": "2024-01-01T00:00:00Z" for month in range(1, 9) for day in range(1, 29)
    }
    async with full_database(housing.rooms.store):
        housing.says("project", releases=many)
        await housing.pass_for(hours=4)
        assert house.faults.counted
    await housing.pass_for(minutes=6)
    assert not house.faults.now
    assert len(house.watches["project"].state.releases) == len(many)
    assert all(look.outcome == "good" for look in housing.reader.observations())
    assert housing.reader.alerts() == ()
    # Straight from memory, and hourly at most.
    assert 1 <= len(housing.told) <= 5
    assert all("behind" not in title and "unreachable" not in title for _, title in housing.told)


async def test_a_deadline_that_the_database_refused_is_judged_again_before_the_next_look(
    housing: Housing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    housing.policy = 'threshold = "122m"'
    await drifting(housing)
    async with refusing_database(housing.rooms.store):
        await housing.pass_until(at(14, 12))
        assert housing.rooms.house.faults.now
    await housing.pass_until(at(14, 13))
    assert [title for _, title in housing.told if "tagdrift itself" not in title] == [BEHIND]
    assert housing.heard[-1].at < at(14, 13)
    assert [alert.fired_at for alert in housing.reader.alerts()] == [at(14, 12)]
    assert "the database takes what it is given again" in caplog.text


async def test_a_look_that_the_database_refused_is_made_again_long_before_the_next(housing: Housing) -> None:
    base = housing.site.url("").rstrip("/")
    table = TARGET.format(name="project", base=base, interval="6h", extra="")
    housing.target_tables = [table]
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 10))
    housing.says("project", releases=NEW)
    aside = housing.path.with_suffix(".aside")
    housing.path.rename(aside)
    await housing.pass_until(at(18, 0, 30))
    aside.rename(housing.path)
    await housing.pass_until(at(18, 10))
    assert [title for _, title in housing.told if "tagdrift itself" not in title] == [BEHIND]


async def test_a_fault_that_comes_back_within_the_hour_is_logged_though_it_is_told_to_nobody(
    housing: Housing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    for number in range(2):
        async with refusing_database(housing.rooms.store):
            housing.says("project", releases=OLD | {f"2024060{number}": "2024-06-01T00:00:00Z"})
            await housing.pass_for(minutes=5)
        await housing.pass_for(minutes=5)
    assert caplog.text.count("the database refuses to be written") == 2
    assert caplog.text.count("the database takes what it is given again") == 2
    assert len(housing.told) == 1


@pytest.mark.fault(
    "our own outage",
    how="all hosts fail at once",
    promise="one message about us, none about any target, and no alert is raised or resolved by it",
    group="Network",
)
async def test_our_own_outage_is_one_message_for_all_targets(housing: Housing) -> None:
    housing.targets = {f"project-{number}": "" for number in range(3)}
    for name in housing.targets:
        housing.says(name, named="1.0.0", releases={"v1.0.0": "2024-01-01T00:00:00Z"})
    await housing.open()

    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    # One host is asked by all of them, so a second one is needed to tell that it is us.
    other = housing.site.url("").replace("127.0.0.1", "localhost")
    housing.more = (
        f'[targets.other]\nmetadata = {{ kind = "json", url = "{other}/other.json", path = "$.tag" }}\n'
        f'releases = {{ kind = "json", url = "{other}/other.json", path = "$.tag" }}\n'
    )
    housing.site.answer("/other.json", {"tag": "1.0.0"})
    await housing.reload()
    for path in ("/other.json", *(f"/{n}/{f}.json" for n in housing.targets for f in ("latest", "releases"))):
        housing.site.script(path, cut)
    await housing.pass_for(hours=5)
    assert [alert.check for alert in housing.reader.alerts()] == [CheckName.BLIND]
    assert len(housing.told) == 1
    assert "blind" in housing.told[0][1]
    housing.site.answer("/other.json", {"tag": "1.0.0"})
    for name in housing.targets:
        housing.says(name, named="1.0.0", releases={"v1.0.0": "2024-01-01T00:00:00Z"})
    await housing.pass_for(minutes=30)
    assert len(housing.reader.alerts()) == 1
    assert len(housing.told) == 2


async def test_a_blindness_that_the_database_refused_is_told_at_the_next_look(housing: Housing) -> None:
    housing.says("project", named="20241008", releases=OLD)
    await housing.open()
    house, aside = housing.rooms.house, housing.path.with_suffix(".aside")

    async def fail(minute: int) -> None:
        for host in ("one.example", "other.example"):
            outcome = Failure(reason=Reason.UNREACHABLE, sentence="no route to host", answered=False)
            got = Got(attempts=1, hosts=(host,))
            look = Observation(
                target="project", side=Side.RELEASES, at=at(12, minute), outcome=outcome, got=got
            )
            await see(
                house.sight,
                look,
                policy=house.config.policy,
                store=house.store,
                teller=house.teller,
                faults=house.faults,
            )

    house.sight.forget_hosts()
    housing.path.rename(aside)
    for minute in (0, 5, 10):
        await fail(minute)
    assert not house.sight.is_blind
    assert house.faults.now
    aside.rename(housing.path)
    await fail(15)
    assert house.sight.is_blind
    assert [(alert.check, alert.id) for alert in housing.reader.alerts()] == [(CheckName.BLIND, 1)]
