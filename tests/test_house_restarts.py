"""What goes on over a restart or a reload: repeats, escalation, silences, and messages that still wait."""

from __future__ import annotations

from datetime import timedelta

from monitor.model import AlertState, Silence
from monitor.silences import ack_of
from monitor.store import visit
from tests.housing import Housing
from tests.servers.site import Answer

OLD = {"1.0.0": "2024-10-01T12:00:00Z"}
NEW = OLD | {"1.1.0": "2024-10-16T12:10:00Z"}
BEHIND = "[behind] project: latest.json names 1.0.0; 1.1.0 is out"


async def firing(housing: Housing) -> None:
    """Let an alert fire at 14:10, two hours and ten minutes after the start."""
    housing.says("project", named="1.0.0", releases=OLD)
    await housing.open()
    await housing.pass_for(minutes=10)
    housing.says("project", releases=NEW)
    await housing.pass_for(hours=2)


async def restart(housing: Housing, **away: float) -> None:
    """Be away for so long."""
    await housing.close()
    housing.clock.advance(timedelta(**away))
    await housing.open()


async def test_repeats_and_escalation_go_on_over_a_restart(housing: Housing) -> None:
    housing.policy = 'repeat_every = "1h"\ncritical_after = "2h"'
    await firing(housing)
    assert housing.told == [("ops", BEHIND)]
    await restart(housing, minutes=1)
    await housing.pass_for(minutes=45)
    assert len(housing.told) == 1
    await restart(housing, minutes=1)
    await housing.pass_for(minutes=15)
    assert len(housing.told) == 2
    await restart(housing, minutes=40)
    await housing.pass_for(minutes=30)
    assert ["critical" in title for _, title in housing.told] == [False, False, True]
    assert [alert.id for alert in housing.reader.alerts()] == [1]


async def test_what_waits_for_a_removed_receiver_is_dropped_and_told_anew_once_it_is_back(
    housing: Housing,
) -> None:
    housing.receivers = ["ops", "spare"]
    housing.says("project", named="1.0.0", releases=OLD)
    await housing.open()
    housing.site.script("/ops", Answer(status=500, body=b"no"))
    await housing.pass_for(minutes=10)
    housing.says("project", releases=NEW)
    await housing.pass_for(hours=2, minutes=10)
    assert housing.told == [("spare", BEHIND)]
    housing.receivers = ["spare"]
    await housing.reload()
    await housing.pass_for(minutes=10)
    waited = [row for row in housing.reader.deliveries() if row.notification.receiver == "ops"]
    assert [row.state for row in waited] == ["dropped"]
    assert len(housing.told) == 1
    housing.receivers = ["spare", "ops"]
    await housing.reload()
    await housing.pass_for(minutes=1)
    assert housing.told[1:] == [("ops", BEHIND)]


async def test_an_ack_and_a_silence_hold_over_a_restart(housing: Housing) -> None:
    housing.policy = 'repeat_every = "1h"'
    await firing(housing)
    (alert,) = housing.rooms.house.watches["project"].state.alerts
    now = housing.clock.now()
    visit(housing.path, lambda ledger: ledger.add_ack(ack_of(alert, at=now, who="ada")), clock=housing.clock)
    await restart(housing, hours=2)
    await housing.pass_for(minutes=10)
    assert len(housing.told) == 1
    housing.says("project", named="1.1.0")
    quiet = Silence(id=0, from_at=now, until_at=housing.clock.now() + timedelta(hours=2), who="ada")
    visit(housing.path, lambda ledger: ledger.add_silence(quiet), clock=housing.clock)
    await housing.pass_for(minutes=30)
    # The silence ends while we are away.
    await restart(housing, hours=3)
    await housing.pass_for(minutes=1)
    assert [title.split("]")[0] for _, title in housing.told] == ["[behind", "[resolved"]


async def test_a_renamed_target_that_restarts_is_told_over_under_its_new_name(housing: Housing) -> None:
    await firing(housing)
    housing.targets = {"renamed": 'was = "project"'}
    housing.says("renamed", named="1.0.0", releases=NEW)
    await restart(housing, minutes=5)
    await restart(housing, minutes=5)
    assert len(housing.told) == 1
    housing.says("renamed", named="1.1.0")
    await housing.pass_for(minutes=20)
    over = "[resolved] renamed: latest.json is in step with the releases"
    assert [title for _, title in housing.told[1:]] == [over]
    (alert,) = housing.reader.alerts()
    assert (alert.id, alert.target, alert.state) == (1, "renamed", AlertState.RESOLVED)


async def test_a_target_that_is_removed_and_comes_back_fires_anew(housing: Housing) -> None:
    await firing(housing)
    housing.targets = {}
    await housing.reload()
    await housing.pass_for(minutes=1)
    housing.targets = {"project": ""}
    await housing.reload()
    await housing.pass_for(minutes=10)
    titles = [title for _, title in housing.told]
    assert titles[0] == titles[2] == BEHIND
    assert "no longer watched" in titles[1]
    assert len(titles) == 3
