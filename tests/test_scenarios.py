"""Every scenario through the pure heart: alerts and messages to the second."""

from __future__ import annotations

import pytest

from tests.scenarios.comparing import alike
from tests.scenarios.heart import Heart
from tests.scenarios.history import History
from tests.scenarios.reading import Scenario, scenarios


def _id(scenario: Scenario) -> str:
    return scenario.name


@pytest.mark.parametrize("scenario", scenarios("detector"), ids=_id)
def test_the_heart_tells_of_a_timeline_what_it_must(scenario: Scenario) -> None:
    heart = Heart(scenario).play()
    assert alike(heart.alerts, scenario.alerts) == [dict(alert) for alert in scenario.alerts]
    assert heart.telling.sent == [dict(message) for message in scenario.messages]


@pytest.mark.parametrize("scenario", scenarios("detector"), ids=_id)
def test_the_short_way_of_unchanged_looks_changes_nothing(scenario: Scenario) -> None:
    short, whole = Heart(scenario).play(), Heart(scenario, takes_the_short_way=False).play()
    assert short.state == whole.state
    assert short.alerts == whole.alerts
    assert short.telling.sent == whole.telling.sent


@pytest.mark.parametrize("scenario", scenarios("backtest"), ids=_id)
def test_a_history_tells_the_same(scenario: Scenario) -> None:
    history = History(scenario)
    assert alike(history.alerts, scenario.alerts) == [dict(alert) for alert in scenario.alerts]
    assert history.messages == [dict(message) for message in scenario.messages]
