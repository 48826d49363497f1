"""What a daemon recorded, played again: as it was, and as it would have been under another policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.config.flags import policy_with
from monitor.errors import ParseError
from monitor.model import Policy
from monitor.replay import Replay, chosen_targets, recorded_history, recording_of
from monitor.store import visit
from tests.housing import Housing
from tests.replaying import in_short, told

OLD = {"1.0.0": "2024-10-01T12:00:00Z"}
NEW = OLD | {"1.1.0": "2024-10-16T12:10:00Z"}
TOLD = ["behind 10-16 12:10 -> 10-16 14:10 .. 10-16 15:05 1.0.0 < 1.1.0 (1)"]


def at(hour: int, minute: int) -> datetime:
    return datetime(2024, 10, 16, hour, minute, tzinfo=UTC)


def same(policy: Policy) -> Policy:
    return policy


def with_keys(**keys: Any) -> Callable[[Policy], Policy]:
    return lambda policy: policy_with(keys, policy)


def played(
    housing: Housing, change: Callable[[Policy], Policy] = same, until: datetime | None = None
) -> Replay:
    history = recorded_history(recording_of(housing.reader, "project"), until or housing.clock.now())
    return history.play(change)


async def drift(housing: Housing) -> None:
    """A release at 12:10 that is named at 15:03, and seen so at 15:05."""
    housing.says("project", named="1.0.0", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 10))
    housing.says("project", releases=NEW)
    await housing.pass_until(at(15, 3))
    housing.says("project", named="1.1.0")
    await housing.pass_until(at(16, 0))


async def test_a_run_played_again_tells_what_it_told(housing: Housing) -> None:
    await drift(housing)
    replay = played(housing)
    assert in_short(replay.alerts) == TOLD
    assert told(replay.alerts) == told(housing.reader.alerts())
    heard = [(message.at, message.title.partition(":")[0]) for message in replay.messages]
    assert heard == [(one.at, one.title.partition(":")[0]) for one in housing.heard]


@pytest.mark.parametrize(
    ("keys", "alerts"),
    [
        ({"threshold": "30m"}, ["behind 10-16 12:10 -> 10-16 12:40 .. 10-16 15:05 1.0.0 < 1.1.0 (1)"]),
        ({"threshold": "2h50m"}, ["behind 10-16 12:10 -> 10-16 15:00 .. 10-16 15:05 1.0.0 < 1.1.0 (1)"]),
        ({"threshold": "2h55m"}, []),
        ({"ignore": ["1.1.0"]}, []),
        ({"tags": "v(?P<version>.+)"}, TOLD),
    ],
    ids=lambda value: None,
)
async def test_another_policy_is_tried_on_what_really_happened(
    housing: Housing, keys: dict[str, Any], alerts: list[str]
) -> None:
    await drift(housing)
    assert in_short(played(housing, with_keys(**keys)).alerts) == alerts


async def test_what_is_left_of_pruned_looks_tells_the_same(housing: Housing) -> None:
    await drift(housing)
    visit(housing.path, lambda ledger: ledger.prune(at(14, 58)), clock=housing.clock)
    assert housing.reader.observations(target="project")[-1].at >= at(14, 58)
    assert in_short(played(housing).alerts) == TOLD
    visit(housing.path, lambda ledger: ledger.prune(at(23, 0)), clock=housing.clock)
    assert in_short(played(housing).alerts) == TOLD


async def test_failed_looks_that_were_pruned_still_count(housing: Housing) -> None:
    housing.says("project", named="1.0.0", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 30))
    housing.site.answer("/project/latest.json", {}, status=503)
    await housing.pass_until(at(16, 0))
    alerts = in_short(played(housing).alerts)
    assert alerts == ["unreachable 10-16 12:30 first_seen -> 10-16 15:30 .. "]
    visit(housing.path, lambda ledger: ledger.prune(at(23, 0)), clock=housing.clock)
    assert in_short(played(housing).alerts) == alerts


async def test_nothing_fires_while_the_daemon_was_down(housing: Housing) -> None:
    housing.says("project", named="1.0.0", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 10))
    housing.says("project", releases=NEW)
    await housing.pass_until(at(13, 0))
    await housing.close()
    housing.clock.advance(timedelta(hours=4))
    await housing.open()
    await housing.pass_until(at(18, 0))
    assert in_short(played(housing).alerts) == ["behind 10-16 12:10 -> 10-16 17:00 ..  1.0.0 < 1.1.0 (1)"]
    early = played(housing, with_keys(threshold="1h"))
    assert in_short(early.alerts) == ["behind 10-16 12:10 -> 10-16 17:00 ..  1.0.0 < 1.1.0 (1)"]
    assert played(housing, until=at(16, 0)).alerts == ()


async def test_policies_that_were_in_force_are_played_as_they_were(housing: Housing) -> None:
    housing.says("project", named="1.0.0", releases=OLD)
    await housing.open()
    await housing.pass_until(at(12, 10))
    housing.says("project", releases=NEW)
    await housing.pass_until(at(13, 2))
    housing.policy = 'threshold = "30m"'
    await housing.reload()
    await housing.pass_until(at(14, 0))
    assert told(played(housing).alerts) == told(housing.reader.alerts())
    assert in_short(played(housing).alerts) == ["behind 10-16 12:10 -> 10-16 13:02 ..  1.0.0 < 1.1.0 (1)"]


async def test_without_its_policies_a_history_is_played_under_the_default_and_says_so(
    housing: Housing,
) -> None:
    await drift(housing)
    recording = recording_of(housing.reader, None)
    unknown = replace(recording, versions=tuple(replace(each, table={}) for each in recording.versions))
    history = recorded_history(unknown, at(16, 0))
    assert history.notes == (
        "no policy was recorded; it is played under the default one and what is given here",
    )
    assert in_short(history.play(same).alerts) == TOLD
    assert (history.name, history.steps) == ("project", len(recording.looks))
    assert recorded_history(recording).until_at >= at(16, 0)


async def test_a_target_must_be_named_where_there_are_several(housing: Housing) -> None:
    housing.targets = {"project": "", "other": ""}
    for name in housing.targets:
        housing.says(name, named="1.0.0", releases=OLD)
    await housing.open()
    assert sorted(chosen_targets(housing.reader, ())) == ["other", "project"]
    for target, sentence in ((None, "say which target of the database"), ("x", "there is no target 'x'")):
        with pytest.raises(ParseError, match=sentence):
            recording_of(housing.reader, target)


async def test_a_target_without_a_look_has_no_history(housing: Housing) -> None:
    housing.says("project", named="1.0.0", releases=OLD)
    await housing.open()
    with pytest.raises(ParseError, match="the database has no look at nobody"):
        recording_of(_Nobody(housing.reader), "nobody")  # type: ignore[arg-type]


class _Nobody:
    """A reader of a database in which a target is known by its name alone."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reader, name)

    def targets(self) -> tuple[str, ...]:
        return ("nobody",)
