"""Clocks that are set under the daemon, of its own: it looks on, and takes no step for news."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import methodcaller
from pathlib import Path

import pytest

from tests.real.running import Running, running
from tests.real.set_clock import SetClock
from tests.servers.site import Site

pytestmark = pytest.mark.real

Property = Callable[[str, object], None]
PROMISE = "polling goes on; nothing fires or resolves by the step; a drift after it is told once, and its end"
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
EPOCH = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)
# Berlin sets its clocks at 01:00 UTC on these days.
SPRING = datetime(2027, 3, 28, 0, 59, 58, tzinfo=UTC)
AUTUMN = datetime(2027, 10, 31, 0, 59, 58, tzinfo=UTC)
LEAP = datetime(2028, 12, 31, 23, 59, 58, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """What is done to the clock, and how long it then goes on before the daemon is looked at."""

    do: Callable[[SetClock], None]
    wait: float = 0.0


def _by(span: timedelta) -> Step:
    return Step(methodcaller("step", span))


def _to(at: datetime, wait: float = 0.0) -> Step:
    return Step(methodcaller("set", at), wait)


RIGHT = Step(methodcaller("set_right"))


async def _goes_on(daemon: Running, name: str, firing: Sequence[str]) -> None:
    """Check that it looks at both sides and changes no alert, and that it tells a drift that begins now."""
    paths = ("/sound.json", "/sound-releases.json")
    before = [len(daemon.site.asked(path)) for path in paths]
    await daemon.until(
        lambda: all(len(daemon.site.asked(path)) > n for path, n in zip(paths, before, strict=True)),
        f"a look before {name}",
    )
    alerts = daemon.sql("SELECT target, resolved_at FROM alert_history ORDER BY id")
    assert alerts == [(each, None) for each in firing], f"before {name}"
    daemon.publish(name, named="1.0.0")
    await daemon.until(
        lambda: all(daemon.counted(receiver)["behind", name] for receiver in daemon.receivers),
        f"{name} is told",
    )


def _configure(daemon: Running, drifts: int) -> list[str]:
    """Let it watch one project that stays in step, and others that will drift; return their names."""
    names = [f"late-{number:02}" for number in range(drifts)]
    for name in (*names, "sound"):
        daemon.publish(name, named="1.1.0")
    path = daemon.configure(*names, "sound")
    # Every drift fires at sight, whatever the clock makes of its publication, and nobody is reminded of it.
    text = path.read_text().replace('threshold = "1h"', 'threshold = "0s"')
    path.write_text(text.replace('"7d"', '"3660d"').replace('"30d"', '"3660d"'))
    return names


async def _set(folder: Path, site: Site, steps: Sequence[Step], environ: dict[str, str]) -> None:
    clock = SetClock(folder)
    async with running(folder, site, receivers=("chat",), environ=clock.environ | environ) as daemon:
        names = _configure(daemon, len(steps) + 1)
        await daemon.start()
        await _goes_on(daemon, names[0], ())
        for number, step in enumerate(steps, start=1):
            step.do(clock)
            await asyncio.sleep(step.wait)
            await _goes_on(daemon, names[number], names[:number])
        await _end(daemon, names)


async def _end(daemon: Running, names: Sequence[str]) -> None:
    """Let all drifts end, and check that each was told once to each receiver, and so was its end."""
    for name in names:
        daemon.publish(name, named="1.1.0")
    wanted = Counter((word, name) for name in names for word in ("behind", "resolved"))
    await daemon.until(lambda: all(told(daemon, each) >= wanted for each in daemon.receivers), "all ends")
    assert await daemon.end() == 0
    faults = [line for line in daemon.lines if " ERROR " in line]
    assert [told(daemon, receiver) for receiver in daemon.receivers] == [wanted], faults
    assert {check for (check,) in daemon.sql('SELECT "check" FROM alert_history')} == {"behind"}


def told(daemon: Running, receiver: str) -> Counter[tuple[str, str]]:
    """Return what it was told, without reminders: what was told at an instant that is ahead is told again."""
    counted = daemon.counted(receiver)
    return Counter({told: times for told, times in counted.items() if not told[0].startswith("still ")})


@pytest.mark.fault(
    "the clock of the machine is set",
    how="under the running daemon: an hour ahead and back, ten years ahead and back, to 1970, right again",
    promise=PROMISE,
    group="Time",
)
async def test_a_clock_that_is_set_is_no_news(
    quick_path: Path, site: Site, record_property: Property
) -> None:
    steps = [_by(HOUR), _by(-HOUR), _by(10 * YEAR), _by(-20 * YEAR), _to(EPOCH), RIGHT]
    await _set(quick_path, site, steps, {})
    record_property("times", len(steps))


@pytest.mark.fault(
    "a laptop sleeps for a weekend",
    how="the wall clock leaps by 62 hours, the steady one stands still, as Linux has it",
    promise=PROMISE,
    group="Time",
)
async def test_a_weekend_that_was_slept_through_is_no_news(quick_path: Path, site: Site) -> None:
    await _set(quick_path, site, [_by(timedelta(hours=62))], {})


@pytest.mark.fault(
    "summer time begins and ends, and a second is inserted",
    how="the daemon lives in Berlin and goes through both hours, and through a 23:59:59 that comes twice",
    promise=PROMISE,
    group="Time",
)
async def test_summer_time_and_a_leap_second_are_no_news(
    quick_path: Path, site: Site, record_property: Property
) -> None:
    steps = [_to(SPRING, wait=3), _to(AUTUMN, wait=3), _to(LEAP, wait=2), _by(timedelta(seconds=-1))]
    await _set(quick_path, site, steps, {"TZ": "Europe/Berlin"})
    record_property("times", 3)


@pytest.mark.fault(
    "a machine without a clock of its own starts in 1970",
    how="the daemon is started at 1970 on a database that knows better; the clock is set while it runs",
    promise=PROMISE,
    group="Time",
)
async def test_a_start_in_1970_is_no_news(quick_path: Path, site: Site) -> None:
    clock = SetClock(quick_path)
    async with running(quick_path, site, receivers=("chat",), environ=clock.environ) as daemon:
        names = _configure(daemon, 3)
        await daemon.start()
        await _goes_on(daemon, names[0], ())
        assert await daemon.end() == 0
        clock.set(EPOCH)
        await daemon.start()
        await _goes_on(daemon, names[1], names[:1])
        clock.set_right()
        await _goes_on(daemon, names[2], names[:2])
        await _end(daemon, names)
