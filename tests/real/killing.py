"""Kill the daemon again and again while drifts begin and end, and count what its receivers were told."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from tests.real.running import Running, word_and_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Toll:
    """What a row of kills has cost."""

    kills: int
    repeated: dict[str, int]
    wrong: tuple[str, ...]


async def kill_often(daemon: Running, *, kills: int, seed: int) -> Toll:
    """Let one drift begin and another end before each kill; return what is wrong once all is told."""
    names = [f"late-{number:03}" for number in range(kills)]
    for name in names:
        daemon.publish(name, named="1.1.0")
    daemon.configure(*names)
    chance = random.Random(seed)
    await daemon.start()
    for number, name in enumerate(names):
        daemon.publish(name, named="1.0.0")
        if number >= 2:
            daemon.publish(names[number - 2], named="1.1.0")
        # Anywhere between the first look, the second, the sending and the marking.
        await asyncio.sleep(chance.uniform(0, 2.5))
        await daemon.kill()
        await daemon.start()
    for name in names:
        daemon.publish(name, named="1.1.0")
    await _settled(daemon)
    await daemon.end()
    return Toll(
        kills=kills,
        repeated={name: _repeated(daemon, name) for name in daemon.receivers},
        wrong=tuple(sentence for name in daemon.receivers for sentence in _wrong(daemon, name, kills)),
    )


async def _settled(daemon: Running) -> None:
    """Wait until nothing fires, and everything is told."""
    waiting = "SELECT 1 FROM delivery_log WHERE state NOT IN ('delivered', 'replaced')"
    firing = "SELECT 1 FROM alert_history WHERE resolved_at IS NULL"
    calm = 0
    while calm < 8:
        await asyncio.sleep(0.5)
        calm = 0 if daemon.sql(waiting) or daemon.sql(firing) else calm + 1


def _repeated(daemon: Running, receiver: str) -> int:
    return sum(times - 1 for times in daemon.counted(receiver).values())


def _wrong(daemon: Running, receiver: str, kills: int) -> list[str]:
    wrong = []
    told = daemon.counted(receiver)
    fired = {target for (target,) in daemon.sql("SELECT DISTINCT target FROM alert_history")}
    for target in sorted(fired):
        words = [word for word, name in told if name == target]
        if not any("behind" in word for word in words):
            wrong.append(f"{receiver} was never told of {target}")
        elif not any("resolved" in word for word in words):
            wrong.append(f"{receiver} was never told of the end of {target}")
    for target in fired:
        mine = [word for word, name in map(word_and_name, daemon.told[receiver]) if name == target]
        if mine != sorted(mine):  # "behind", "behind, resolved", "resolved"
            wrong.append(f"{receiver} was told of {target} in another order: {mine}")
    if _repeated(daemon, receiver) > kills:
        wrong.append(f"{receiver} was told {_repeated(daemon, receiver)} times again in {kills} kills")
    return wrong
