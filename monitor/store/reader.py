"""Everything that is asked of the database; it can change nothing, and may be used from any thread."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from monitor.model import (
    Ack,
    Alert,
    AlertState,
    Clock,
    Document,
    Event,
    SeenRelease,
    Side,
    Silence,
    TargetState,
    Told,
)
from monitor.store import (
    acks,
    alerts,
    deliveries,
    documents,
    instance,
    looks,
    names,
    readings,
    releases,
    runs,
    silences,
    states,
)
from monitor.store import told as telling
from monitor.store.asking import MOST_ROWS, WAIT_FOR, Answer, ask
from monitor.store.connecting import reader_engine
from monitor.store.deliveries import Delivery
from monitor.store.faults import explained
from monitor.store.inspecting import check_fit
from monitor.store.looks import Current, Look
from monitor.store.readings import SeenReading
from monitor.store.runs import ConfigLoad, Run


class Reader:
    """Read-only queries, each of one snapshot; each raises StoreError where the database refuses.

    Without `engine` a connection is opened for each of them. StoreError where there is no database of our
    form.
    """

    def __init__(self, path: Path, engine: Engine | None = None) -> None:
        self._path = path.resolve()
        if engine is None:
            check_fit(self._path)
        self._engine = engine or reader_engine(self._path)

    def close(self) -> None:
        """Close what is open; a reader may be used again afterwards."""
        self._engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with explained(self._path), self._engine.connect() as connection:
            yield connection

    def visits(self) -> int:
        """Return how often a command has written."""
        with self._connection() as connection:
            return instance.read(connection).visits

    # --- targets -------------------------------------------------------------------------------

    def current(self) -> tuple[Current, ...]:
        """Return what is shown of each target, in the order in which they were first seen."""
        with self._connection() as connection:
            return looks.current(connection)

    def states(self) -> Mapping[str, TargetState]:
        """Return the states of all targets that are not retired."""
        with self._connection() as connection:
            return states.load(connection)

    def state(self, target: str) -> TargetState | None:
        """Return the state of one target, retired or not; None where nothing is known of it."""
        with self._connection() as connection:
            return states.load_one(connection, target)

    def targets(self) -> tuple[str, ...]:
        """Return the names of all targets there ever were, retired ones included."""
        with self._connection() as connection:
            return tuple(names.names_of(connection, names.targets).values())

    def releases(self, target: str) -> tuple[SeenRelease, ...]:
        """Return every release of the target ever seen, in the order of first sight."""
        with self._connection() as connection:
            return releases.of_target(connection, target)

    def history(
        self,
        target: str,
        from_at: datetime | None = None,
        until_at: datetime | None = None,
        *,
        side: Side | None = None,
    ) -> tuple[SeenReading, ...]:
        """Return what both sides of the target said, or one, one value a change, oldest first."""
        with self._connection() as connection:
            return tuple(readings.history(connection, target, from_at, until_at, side))

    def sentences(self, reading_ids: Collection[int]) -> Mapping[int, str]:
        """Return why looks failed, by the number of the reading that a look has."""
        with self._connection() as connection:
            return readings.sentences(connection, reading_ids)

    def observations(
        self,
        target: str | None = None,
        from_at: datetime | None = None,
        until_at: datetime | None = None,
        most: int | None = 1000,
    ) -> tuple[Look, ...]:
        """Return single looks, newest first."""
        with self._connection() as connection:
            return looks.read(connection, target=target, from_at=from_at, until_at=until_at, most=most)

    def oldest_observation_at(self) -> datetime | None:
        """Return the instant of the oldest look that is kept; None where there is none."""
        with self._connection() as connection:
            return looks.oldest_at(connection)

    # --- alerts and telling --------------------------------------------------------------------

    def alerts(
        self,
        *,
        target: str | None = None,
        ids: Collection[int] | None = None,
        states: Collection[AlertState] | None = None,
        most: int | None = None,
    ) -> tuple[Alert, ...]:
        """Return alerts that have fired, newest first."""
        with self._connection() as connection:
            return alerts.read(connection, target=target, ids=ids, states=states, most=most)

    def events(self, *, target: str | None = None, most: int | None = None) -> tuple[Event, ...]:
        """Return edges in the lives of alerts, newest first."""
        with self._connection() as connection:
            return alerts.read_events(connection, target=target, most=most)

    def told(self, alert_ids: Collection[int] | None = None) -> tuple[Told, ...]:
        """Return what each receiver was last told of these alerts, by default of all that are live."""
        with self._connection() as connection:
            return telling.told(connection, alert_ids)

    def deliveries(
        self,
        *,
        alert_ids: Collection[int] | None = None,
        receiver: str | None = None,
        states: Collection[str] | None = None,
        before_id: int | None = None,
        most: int | None = None,
    ) -> tuple[Delivery, ...]:
        """Return rows of the outbox, newest first; with `before_id` those that are older than that one."""
        with self._connection() as connection:
            return deliveries.read(
                connection,
                alert_ids=alert_ids,
                receiver=receiver,
                states=states,
                before_id=before_id,
                most=most,
            )

    def acks(self) -> tuple[Ack, ...]:
        """Return the acks that have not been ended."""
        with self._connection() as connection:
            return acks.standing(connection)

    def silences(self, now: datetime | None = None) -> tuple[Silence, ...]:
        """Return the silences in force or to come, without `now` all there ever were."""
        with self._connection() as connection:
            return silences.read(connection) if now is None else silences.standing(connection, now)

    def sql(
        self, text: str, clock: Clock, *, most: int = MOST_ROWS, wait_for: timedelta = WAIT_FOR
    ) -> Answer:
        """Return the rows of one statement that reads; StoreError where it does more, or takes too long."""
        return ask(self._path, text, clock, most=most, wait_for=wait_for)

    # --- the rest ------------------------------------------------------------------------------

    def document(self, key: str) -> Document | None:
        """Return the cached document of this request."""
        with self._connection() as connection:
            return documents.get(connection, key)

    def runs(self, most: int | None = None) -> tuple[Run, ...]:
        """Return when the daemon was up, newest first."""
        with self._connection() as connection:
            return runs.read(connection, most)

    def config_loads(self, after: int = 0) -> tuple[ConfigLoad, ...]:
        """Return what came of reading the configuration since this note, oldest first."""
        with self._connection() as connection:
            return runs.read_loads(connection, after)

    def policy(self, version: str) -> str | None:
        """Return the JSON of this policy version; None where it was never in force."""
        with self._connection() as connection:
            return runs.read_policy(connection, version)
