"""The one picture, drawn by the running house or from what the database knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from monitor import __version__
from monitor.config import Config
from monitor.messages import span
from monitor.model import AlertState
from monitor.notifier import Health
from monitor.service.house import House
from monitor.service.sight import NAME
from monitor.status import Daemon, Receiver, Status, picture
from monitor.store import Delivery, Reader, care

# A daemon says that it is alive every ten seconds.
ALIVE_WITHIN = timedelta(seconds=60)
WAITING = ("queued", "sending")


def picture_of_database(reader: Reader, config: Config, now: datetime, database: str) -> Status:
    """Return how everything stands by what is written; a daemon that is running may know of more.

    Raises:
        StoreError: the database cannot be read.
    """
    states = reader.states()
    open_alerts = reader.alerts(states=[AlertState.FIRING])
    sight = states.get(NAME)
    return picture(
        now=now,
        version=__version__,
        targets=config.targets,
        states=states,
        daemon=_daemon_of(reader, now, database, sight.alerts[0].since if sight and sight.alerts else None),
        alerts=open_alerts,
        acks=reader.acks(),
        silences=reader.silences(now),
        told=reader.told(),
        receivers=_receivers(config.receivers, reader, {}),
    )


def picture_of_house(house: House, now: datetime, daemon: Daemon) -> Status:
    """Return how everything stands, as the running house knows it.

    Raises:
        StoreError: the database cannot be read.
    """
    return sketch_of_house(house, now, daemon)()


def sketch_of_house(house: House, now: datetime, daemon: Daemon) -> Callable[[], Status]:
    """Take what only the loop may read; what is returned draws the picture, in any thread."""
    draw = partial(
        picture,
        now=now,
        version=__version__,
        targets=house.config.targets,
        states={name: watch.state for name, watch in house.watches.items()},
        daemon=daemon,
        rules={name: watch.rules for name, watch in house.watches.items()},
        next_looks=house.next_looks(now),
    )
    reader, receivers, health = house.store.reader, tuple(house.config.receivers), house.notifier.health
    return lambda: draw(
        alerts=reader.alerts(states=[AlertState.FIRING]),
        acks=reader.acks(),
        silences=reader.silences(now),
        told=reader.told(),
        receivers=_receivers(receivers, reader, health),
    )


def _daemon_of(reader: Reader, now: datetime, database: str, blind_since: datetime | None) -> Daemon:
    runs = reader.runs(most=1)
    loads = reader.config_loads()
    last = runs[0] if runs else None
    is_fresh = last is not None and last.ended_at is None and now - last.alive_at < ALIVE_WITHIN
    holder = None if is_fresh or last is None else care.holder(Path(database))
    running = is_fresh or holder is not None
    refused = loads[-1] if running and loads and loads[-1].policy is None else None
    return Daemon(
        is_running=running,
        up_since=last.started_at if last is not None and running else None,
        last_tick_at=last.alive_at if last is not None else None,
        config_problem=refused.sentence if refused is not None else None,
        database=database,
        blind_since=blind_since,
        faults=() if last is None or holder is None else (_mute(holder, now - last.alive_at),),
    )


def _mute(pid: int, silent_for: timedelta) -> str:
    return (
        f"process {pid} holds the database and has written nothing for {span(silent_for)}: its log says why"
    )


def _receivers(names: Iterable[str], reader: Reader, health: Mapping[str, Health]) -> Sequence[Receiver]:
    waiting = _by_receiver(reader.deliveries(states=WAITING))
    given_up = Counter(row.notification.receiver for row in reader.deliveries(states=["undelivered"]))
    return [_receiver(name, waiting.get(name, []), given_up[name], health.get(name)) for name in names]


def _by_receiver(rows: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    found: dict[str, list[Delivery]] = {}
    for row in rows:
        found.setdefault(row.notification.receiver, []).append(row)
    return found


def _receiver(name: str, waiting: Sequence[Delivery], undelivered: int, health: Health | None) -> Receiver:
    refused = [row for row in waiting if row.sentence]
    known = health or Health()
    return Receiver(
        name=name,
        queued=len(waiting),
        oldest_queued_at=min((row.notification.at for row in waiting), default=None),
        undelivered=undelivered,
        delivered=known.delivered,
        refused=known.refused,
        failures=known.failures or max((row.attempts for row in refused), default=0),
        failing_since=known.failing_since
        or min((row.first_attempt_at for row in refused if row.first_attempt_at), default=None),
        sentence=known.sentence or (refused[0].sentence if refused else None),
        looks_final=known.looks_final,
        away_until=known.away_until,
    )
