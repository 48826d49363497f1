"""What a job may do inside the writer's transaction: the one object that it is given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from monitor.model import (
    Ack,
    Alert,
    AlertState,
    Clock,
    Document,
    Event,
    Notification,
    Observation,
    Silence,
    TargetState,
    Told,
)
from monitor.store import (
    acks,
    alerts,
    deliveries,
    documents,
    holds,
    names,
    observations,
    readings,
    runs,
    silences,
    states,
)
from monitor.store import told as telling
from monitor.store.deliveries import Delivery
from monitor.store.runs import Begun
from monitor.store.states import Shown
from monitor.store.transaction import Transaction


class Ledger:
    """All that is written, by whoever writes it. Valid only inside the job that it is given to."""

    def __init__(self, tx: Transaction, clock: Clock) -> None:
        self._tx = tx
        self._clock = clock

    # --- looks and what follows ----------------------------------------------------------------

    def touch(self, observation: Observation) -> None:
        """Record a good look that says what the last one said: a row, and one more for its reading."""
        target_id = names.target_id(self._tx, observation.target, observation.at)
        reading_id = readings.extend(self._tx, observation, target_id)
        if reading_id is None:
            reading_id = readings.record(self._tx, observation, target_id)
        observations.record(self._tx, observation, target_id, reading_id)

    def observe(self, observation: Observation) -> None:
        """Record a look, whatever it says."""
        target_id = names.target_id(self._tx, observation.target, observation.at)
        reading_id = readings.record(self._tx, observation, target_id)
        observations.record(self._tx, observation, target_id, reading_id)

    def save(self, state: TargetState, before: TargetState | None, *, shown: Shown | None = None) -> None:
        """Write the state, and those of its releases that `before` does not hold in this form.

        `shown` is what the view `current` says of it; without it what was shown stays. A side that was never
        looked at by this state has its reading ended.
        """
        states.save(self._tx, state, before, shown, self._clock.now())

    def states(self) -> Mapping[str, TargetState]:
        """Return the states of all targets that are not retired, with the instants of their latest looks."""
        return states.load(self._tx.connection, self._tx.memory)

    def new_alert_ids(self) -> Iterator[int]:
        """Return numbers that no alert has had; each is used up when it is taken."""
        return alerts.new_ids(self._tx.memory)

    def save_alerts(self, changed: Iterable[Alert]) -> None:
        """Write these alerts; one without a number has not fired, and lives in its state alone."""
        changed = tuple(changed)
        alerts.save(self._tx, changed, self._clock.now())
        if any(alert.state is AlertState.DROPPED for alert in changed):
            deliveries.discard_unheard(self._tx)

    def add_events(self, events: Iterable[Event]) -> None:
        """Write these edges."""
        alerts.add_events(self._tx, events, self._clock.now())

    def live_alerts(self, target: str | None = None) -> tuple[Alert, ...]:
        """Return the alerts that go on, and those whose end somebody has still to be told; oldest first."""
        return telling.live(self._tx, target, self._clock.now())

    def retire(self, target: str) -> None:
        """Watch the target no more, and keep its history; should it come back it begins anew."""
        now = self._clock.now()
        names.retire(self._tx, target, now)
        states.forget(self._tx, target, now)

    def rename(self, old: str, new: str) -> bool:
        """Give the history of `old` to `new`; returns False where there is none, or `new` has its own."""
        return names.rename(self._tx, old, new)

    # --- telling -------------------------------------------------------------------------------

    def queue(self, notifications: Iterable[Notification]) -> None:
        """Put these into the outbox, due at once."""
        deliveries.queue(self._tx, notifications)

    def told(self, alert_ids: Collection[int]) -> tuple[Told, ...]:
        """Return what each receiver was last told of each of these alerts."""
        return telling.told(self._tx.connection, alert_ids)

    def acks(self) -> tuple[Ack, ...]:
        """Return the acks that have not been ended."""
        return acks.standing(self._tx.connection)

    def add_ack(self, ack: Ack) -> None:
        """Write the ack, in place of the one that stands, and its event.

        Raises:
            StoreError: there is no such alert.

        """
        acks.add(self._tx, ack)

    def end_ack(self, alert_id: int, at: datetime | None = None, who: str = "") -> bool:
        """End the ack of this alert, with its event; returns whether one stood."""
        return acks.end(self._tx, alert_id, at or self._clock.now(), who)

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """Return the silences in force or to come."""
        return silences.standing(self._tx.connection, now)

    def add_silence(self, silence: Silence) -> Silence:
        """Write the silence and return it with the number it was given."""
        return silences.add(self._tx, silence)

    def end_silence(self, silence_id: int, at: datetime | None = None) -> bool:
        """End the silence; returns whether it was in force or to come."""
        return silences.end(self._tx, silence_id, at or self._clock.now())

    # --- the outbox (notifier.outbox.Ledger) ----------------------------------------------------

    def claim(self, now: datetime, receivers: Collection[str]) -> Sequence[Delivery]:
        """Mark as sending, and return by id, what may be sent to these receivers now."""
        return deliveries.claim(self._tx, now, receivers)

    def next_delivery_at(self, receivers: Collection[str]) -> datetime | None:
        """Return the earliest instant at which a queued row of these receivers is due."""
        return deliveries.next_at(self._tx, receivers)

    def mark_delivered(self, ids: Sequence[int], now: datetime) -> None:
        """Attempted, and delivered."""
        deliveries.attempted(self._tx, ids, now, state="delivered")

    def mark_failed(self, ids: Sequence[int], now: datetime, sentence: str, next_at: datetime) -> None:
        """Attempted, refused with this sentence, and queued again."""
        deliveries.attempted(self._tx, ids, now, state="queued", sentence=sentence, next_at=next_at)

    def mark_undelivered(self, ids: Sequence[int], now: datetime, sentence: str = "") -> None:
        """Attempted, refused with this sentence, and given up."""
        deliveries.attempted(self._tx, ids, now, state="undelivered", sentence=sentence)

    def postpone(self, ids: Sequence[int], next_at: datetime) -> None:
        """Queue again those that are still being sent, as if never attempted."""
        deliveries.postpone(self._tx, ids, next_at)

    def requeue_sending(self) -> None:
        """Queue again all that is being sent."""
        deliveries.requeue_sending(self._tx)

    def drop_receivers_except(self, receivers: Collection[str]) -> None:
        """Drop what is queued for, or being sent to, any other receiver."""
        deliveries.drop_receivers_except(self._tx, receivers)

    def hurry(self, receivers: Collection[str], now: datetime) -> None:
        """Make what is queued for these receivers due now."""
        deliveries.hurry(self._tx, receivers, now)

    # --- fetching ------------------------------------------------------------------------------

    def put_document(self, key: str, document: Document) -> None:
        """Keep the document of this request."""
        documents.put(self._tx, key, document, self._clock.now())

    def drop_document(self, key: str) -> None:
        """Forget the document of this request."""
        documents.drop(self._tx, key)

    def sweep(self, used: Iterable[str], keep_for: timedelta) -> int:
        """Note that these documents were used, and forget those that were not for so long.

        Limits that were over so long ago go too. Returns how many documents went.
        """
        now = self._clock.now()
        holds.prune(self._tx, now - keep_for)
        return documents.sweep(self._tx, used, now, keep_for)

    def hold(self, host: str, until_at: datetime) -> None:
        """Remember until when this host is to be left alone."""
        holds.hold(self._tx, host, until_at)

    # --- the daemon itself ---------------------------------------------------------------------

    def begin_run(self, now: datetime, *, pid: int, policy: str, policy_body: str = "") -> Begun:
        """Begin a run under this policy version.

        `policy_body` is what the version stands for, as JSON without secrets.
        """
        return runs.begin(self._tx, now, pid=pid, policy=policy, policy_body=policy_body)

    def alive(self, run_id: int, now: datetime) -> None:
        """Note a sign of life."""
        runs.alive(self._tx, run_id, now)

    def end_run(self, run_id: int, now: datetime) -> None:
        """Note that the run has ended as it should."""
        runs.end(self._tx, run_id, now)

    def config_loaded(
        self, run_id: int, now: datetime, *, sentence: str, policy: str | None, policy_body: str = ""
    ) -> int:
        """Note what came of reading the configuration; `policy` is None where it was refused."""
        return runs.note_config(
            self._tx, run_id, now, sentence=sentence, policy=policy, policy_body=policy_body
        )

    def prune(self, before: datetime, most: int = 1000) -> int:
        """Delete at most so many observations from before this instant; returns how many went."""
        return observations.prune(self._tx.connection, before, most)
