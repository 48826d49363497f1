"""A network that is broken in every way the issue names: what is recorded, what is told, and what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.real.breaking import SIDES, Broken, played
from tests.real.broken_paths import FAULTS, Fault, Seen
from tests.real.network import LAME, InnerSite, network
from tests.real.running import TARGET, word_and_name
from tests.real.watching import CHAT

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

PROMISES = {
    Seen.NEVER: "each look is recorded as failed, in a sentence; neither drift nor its end is told while"
    " nobody can see it, and both are when it is over",
    Seen.BY_CHANCE: "looks that fail are recorded as such; drift and its end are told, at last after it",
    Seen.ALWAYS: "drift is told while it lasts, and so is its end",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broken(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broken]:
    """All faults at once, each with a host of its own; given when all is over."""
    async with played(tmp_path_factory.mktemp("broken")) as broken:
        yield broken


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            fault,
            id=fault.name,
            marks=pytest.mark.fault(fault.words, how=fault.how, promise=PROMISES[fault.seen]),
        )
        for fault in FAULTS
    ],
)
async def test_a_broken_path_is_recorded_as_what_it_is_and_hides_nothing_for_good(
    broken: Broken, fault: Fault, record_property: Callable[[str, object], None]
) -> None:
    late, sound = fault.targets
    failed = sum(count for (name, _), count in broken.failed().items() if name in fault.targets)
    good = broken.looks("good", f"{fault.name}-%")
    recorded = [sentence for name in fault.targets for sentence in broken.sentences(name)]
    told_so = [sentence for sentence in recorded if fault.says and fault.says in sentence]
    record_property("times", failed if fault.seen is Seen.NEVER else good + failed)
    record_property("figure", told_so[0] if told_so else f"{failed} of {good + failed} looks failed")
    during = [word_and_name(title) for title in broken.during]
    whole = [word_and_name(title) for title in broken.told[CHAT]]
    assert (
        whole.count(("behind", late))
        == whole.count(("behind", sound))
        == whole.count(("resolved", late))
        == 1
    )
    assert len([name for _, name in whole if name in fault.targets]) == 3
    if fault.seen is Seen.ALWAYS:
        assert {("resolved", late), ("behind", sound)} <= set(during)
    if fault.seen is Seen.NEVER:
        assert [word for word, name in during if name in fault.targets] == ["behind"]
        assert told_so
        # Some may have been under way when it broke, or over a connection that was there before.
        assert all(fault.base in sentence for sentence in recorded)
    alerts = broken.sql(f'SELECT DISTINCT "check" FROM alert_history WHERE target IN {fault.targets}')
    assert alerts == [("behind",)]


async def test_what_is_not_broken_is_watched_as_ever(broken: Broken) -> None:
    assert broken.sentences("healthy") == []
    assert broken.is_told("behind", "healthy")
    assert broken.sql("SELECT count(*) FROM alert_history WHERE \"check\" = 'blind'") == [(0,)]


@pytest.mark.fault(
    "names of which DNS says nothing for minutes",
    how="nft drops all that goes to the name server of ten hosts; the resolver waits 30 s, five times",
    promise="hosts with other names are looked at and told of; the daemon stops without waiting for them",
)
async def test_names_that_hang_keep_nobody_else_from_being_resolved_nor_the_daemon_from_ending(
    tmp_path: Path,
) -> None:
    lame = {f"host-{number}.lame.test": ("198.51.100.1",) for number in range(10)}
    with network(tmp_path / "network", resolv="options timeout:30 attempts:5\n") as inner:
        inner.gain("198.51.100.1")
        with inner.naming(lame | {"sound.test": ("198.51.100.1",)}):
            inner.drop(f"ip daddr {LAME} udp dport 53 drop")
            site = await InnerSite(inner).open()
            hosts = {name.split(".")[0]: f"http://{name}" for name in lame} | {"sound": "http://sound.test"}
            daemon = Broken(tmp_path, site, wrapper=inner.wrapper(tmp_path), hosts=hosts)
            try:
                for name in hosts:
                    daemon.publish(name, named="1.0.0")
                daemon.watch("".join(TARGET.format(name=name, base=base) for name, base in hosts.items()))
                await daemon.start()
                await daemon.until(
                    lambda: daemon.is_told("behind", "sound"), "the one that is found is told", 120
                )
                lame_sides = [(name, side) for name in hosts if name != "sound" for side in SIDES]
                # By then what was once resolved has been forgotten, and was asked for again.
                await daemon.until(
                    lambda: all(daemon.failed().get(side, 0) >= 2 for side in lame_sides), "failed looks", 120
                )
                assert daemon.sentences("sound") == []
                assert all(
                    "no answer from DNS" in daemon.sentences(name)[0] for name in hosts if name != "sound"
                )
                assert await daemon.end() == 0
            finally:
                if daemon.process is not None:
                    await daemon.kill()
                await site.close()
