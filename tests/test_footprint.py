"""What a daemon that has nothing to do costs."""

from __future__ import annotations

import pytest

from bench.start import Ready, configuration, readied, site


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    """A daemon with 100 targets whose first round is done, and whose pages wait for somebody to open them."""
    folder = tmp_path_factory.mktemp("idle")
    with site() as port:
        return readied(configuration(folder, port), folder, idle_seconds=1)


def test_an_idle_daemon_with_100_targets_stays_under_75_megabytes(idle: Ready) -> None:
    assert idle.megabytes < 75


@pytest.mark.parametrize("name", ["apprise", "alembic", "rich", "jinja2", "prometheus_client"])
def test_an_idle_daemon_does_not_carry_what_it_does_not_need(idle: Ready, name: str) -> None:
    assert "monitor.web.server" in idle.modules
    assert name not in idle.modules
