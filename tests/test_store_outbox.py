"""The outbox: what may be sent when, and what counts as told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.model import AlertState, Event, EventKind, Notification, Severity, TellReason, Told
from monitor.store import Delivery, Ledger, Store
from tests.conftest import START
from tests.looking import NAME, at, message
from tests.telling import firing


class Box:
    """The outbox, its steps as short words."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def run(self, job: Any) -> Any:
        return await self.store.writer.submit(job)

    async def queue(self, *messages: Notification) -> None:
        def job(ledger: Ledger) -> None:
            known = {alert.id for alert in ledger.live_alerts()}
            ids = dict.fromkeys(one.alert_id for one in messages)
            ledger.save_alerts([firing(id=id_) for id_ in ids if id_ not in known])
            ledger.queue(messages)

        await self.run(job)

    async def claim(self, now: datetime = START, *receivers: str) -> Sequence[Delivery]:
        names = receivers or ("ops", "chat")
        return await self.run(lambda ledger: ledger.claim(now, names))  # type: ignore[no-any-return]

    async def delivered(self, now: datetime = START) -> None:
        for row in await self.claim(now):
            await self.run(lambda ledger, row=row: ledger.mark_delivered([row.id], now))

    async def told(self, *alert_ids: int) -> Sequence[Told]:
        return await self.run(lambda ledger: ledger.told(alert_ids or (1,)))  # type: ignore[no-any-return]

    async def live(self, target: str | None = None) -> list[int | None]:
        return [alert.id for alert in await self.run(lambda ledger: ledger.live_alerts(target))]

    def states(self) -> list[str]:
        return [row.state for row in self.store.reader.deliveries()[::-1]]


@pytest.fixture
def box(store: Store) -> Box:
    return Box(store)


async def test_what_is_claimed_is_the_message_as_it_was_queued(box: Box) -> None:
    queued = message(repeats=2, severity=Severity.CRITICAL, reason=TellReason.REPEAT)
    await box.queue(queued)
    (row,) = await box.claim()
    assert (row.notification, row.attempts, row.first_attempt_at) == (queued, 0, None)
    assert await box.claim() == ()
    assert box.states() == ["sending"]


async def test_messages_of_one_pair_go_out_one_after_the_other(box: Box) -> None:
    await box.queue(message(), message(reason=TellReason.REPEAT), message(2), message(receiver="chat"))
    assert [row.id for row in await box.claim()] == [1, 3, 4]
    await box.run(lambda ledger: ledger.mark_delivered([1], START))
    assert [row.id for row in await box.claim()] == [2]


async def test_only_receivers_that_are_asked_for_are_claimed(box: Box) -> None:
    await box.queue(message(), message(receiver="chat"))
    assert [row.id for row in await box.claim(START, "chat", "nobody")] == [2]
    assert await box.claim(START, "nobody") == ()


async def test_a_refused_message_waits_and_holds_back_the_younger(box: Box) -> None:
    await box.queue(message(), message(reason=TellReason.REPEAT))
    await box.claim()
    await box.run(lambda ledger: ledger.mark_failed([1], START, "503", at(minutes=1)))
    assert await box.claim() == ()
    assert await box.run(lambda ledger: ledger.next_delivery_at(["ops"])) == START
    (row,) = await box.claim(at(minutes=1))
    assert (row.id, row.attempts, row.first_attempt_at, row.sentence) == (1, 1, START, "503")
    await box.run(lambda ledger: ledger.mark_failed([1], at(minutes=1), "504", at(minutes=3)))
    (row,) = await box.claim(at(minutes=3))
    assert (row.attempts, row.first_attempt_at, row.last_attempt_at) == (2, START, at(minutes=1))


async def test_a_wait_of_days_was_written_by_a_clock_that_was_wrong(box: Box) -> None:
    await box.queue(message())
    await box.claim()
    await box.run(lambda ledger: ledger.mark_failed([1], START, "503", at(days=365)))
    assert [row.id for row in await box.claim()] == [1]


async def test_one_that_is_given_up_makes_room_for_the_next_and_is_not_told(box: Box) -> None:
    await box.queue(message(), message(reason=TellReason.ESCALATED))
    await box.claim()
    await box.run(lambda ledger: ledger.mark_undelivered([1], START, "gone for a week"))
    assert [row.id for row in await box.claim()] == [2]
    assert box.states() == ["undelivered", "sending"]
    (told,) = await box.told()
    assert (told.reason, told.delivered) == (TellReason.ESCALATED, False)
    assert box.store.reader.deliveries(states=("undelivered",))[0].sentence == "gone for a week"


async def test_what_was_being_sent_is_queued_again_after_a_crash(box: Box) -> None:
    await box.queue(message(), message(2))
    await box.claim()
    await box.run(lambda ledger: ledger.requeue_sending())
    assert [(row.id, row.attempts) for row in await box.claim()] == [(1, 0), (2, 0)]


async def test_one_can_be_postponed_as_if_never_attempted(box: Box) -> None:
    await box.queue(message(), message(2))
    await box.claim()
    await box.run(lambda ledger: ledger.mark_delivered([2], START))
    await box.run(lambda ledger: ledger.postpone([1, 2], at(minutes=5)))
    assert box.states() == ["queued", "delivered"]
    (row,) = await box.claim(at(minutes=5))
    assert (row.id, row.attempts) == (1, 0)


async def test_rows_of_removed_receivers_are_dropped_and_not_told(box: Box) -> None:
    await box.queue(message(), message(receiver="chat"))
    await box.claim(START, "chat")
    await box.run(lambda ledger: ledger.drop_receivers_except(["ops"]))
    assert box.states() == ["queued", "dropped"]
    assert [told.receiver for told in await box.told()] == ["ops"]


async def test_a_reload_makes_what_waits_due_now(box: Box) -> None:
    await box.queue(message(), message(receiver="chat"))
    await box.claim()
    await box.run(lambda ledger: ledger.mark_failed([1, 2], START, "404", at(hours=1)))
    await box.run(lambda ledger: ledger.hurry(["ops"], at(minutes=1)))
    assert [row.notification.receiver for row in await box.claim(at(minutes=1))] == ["ops"]


async def test_marks_for_rows_that_are_gone_or_done_are_passed_over(box: Box) -> None:
    await box.queue(message())
    await box.delivered()
    await box.run(lambda ledger: ledger.mark_failed([1, 99], START, "late", at(hours=1)))
    assert box.states() == ["delivered"]
    assert await box.run(lambda ledger: ledger.next_delivery_at(["ops"])) is None


# --- told -----------------------------------------------------------------------------------------


async def test_told_is_delivered_or_queued(box: Box) -> None:
    await box.queue(message())
    (told,) = await box.told()
    assert (told.queued, told.delivered, told.missing) == (True, False, ("20241016",))
    await box.delivered(at(seconds=5))
    (told,) = await box.told()
    assert (told.queued, told.delivered, told.at) == (False, True, START)
    assert box.store.reader.told() == (told,)


async def test_told_counts_from_a_delivery_that_came_late(box: Box) -> None:
    await box.queue(message())
    await box.delivered(at(hours=3))
    assert [told.at for told in await box.told()] == [at(hours=3)]


async def test_the_last_message_counts_and_a_delivery_before_it_is_remembered(box: Box) -> None:
    await box.queue(message())
    await box.delivered()
    await box.queue(message(reason=TellReason.REPEAT, repeats=1, at=at(days=1)))
    (told,) = await box.told()
    assert (told.reason, told.repeats, told.queued, told.delivered) == (TellReason.REPEAT, 1, True, True)


async def test_a_message_that_says_both_replaces_what_was_never_sent(box: Box) -> None:
    await box.queue(message(), message(reason=TellReason.ESCALATED), message(receiver="chat"))
    await box.queue(message(reason=TellReason.RESOLVED, replaces_first=True, at=at(hours=1)))
    assert box.states() == ["replaced", "replaced", "queued", "queued"]
    assert [row.id for row in await box.claim(at(hours=1), "ops")] == [4]


async def test_one_on_its_way_is_replaced_only_if_it_fails(box: Box) -> None:
    await box.queue(message())
    await box.claim()
    await box.queue(message(reason=TellReason.RESOLVED, replaces_first=True))
    assert await box.claim() == ()
    await box.run(lambda ledger: ledger.mark_failed([1], START, "503", at(minutes=1)))
    assert box.states() == ["replaced", "queued"]
    assert [row.id for row in await box.claim()] == [2]


async def test_a_crash_while_it_is_sent_lets_it_be_replaced_too(box: Box) -> None:
    await box.queue(message())
    await box.claim()
    await box.queue(message(reason=TellReason.RESOLVED, replaces_first=True))
    await box.run(lambda ledger: ledger.requeue_sending())
    assert box.states() == ["replaced", "queued"]


async def test_what_nobody_heard_of_goes_with_its_dropped_alert(box: Box) -> None:
    await box.queue(message(), message(receiver="chat"), message(2))
    await box.claim(START, "chat")
    await box.run(lambda ledger: ledger.mark_delivered([2], START))
    await box.queue(message(receiver="chat", reason=TellReason.REPEAT))
    await box.run(lambda ledger: ledger.save_alerts([firing(id=1, state=AlertState.DROPPED)]))
    assert box.states() == ["dropped", "delivered", "queued", "queued"]


# --- live -----------------------------------------------------------------------------------------


async def test_an_alert_is_live_until_everybody_who_was_told_knows_its_end(box: Box) -> None:
    await box.queue(message(), message(receiver="chat"))
    await box.delivered()
    ended = firing(id=1, state=AlertState.RESOLVED, resolved_at=at(hours=5))
    await box.run(lambda ledger: ledger.save_alerts([ended]))
    assert await box.live() == [1]
    await box.queue(message(reason=TellReason.RESOLVED))
    assert await box.live(NAME) == [1]
    await box.queue(message(receiver="chat", reason=TellReason.RESOLVED))
    assert await box.live("another") == []
    assert await box.live() == []
    assert [alert.id for alert in box.store.reader.alerts(states=[AlertState.RESOLVED])] == [1]


async def test_an_alert_that_ended_and_was_told_to_nobody_is_over_and_may_come_back(box: Box) -> None:
    await box.run(lambda ledger: ledger.save_alerts([firing(id=1, state=AlertState.RESOLVED)]))
    assert await box.live() == []
    await box.run(lambda ledger: ledger.save_alerts([firing(id=1)]))
    assert await box.live() == [1]


async def test_an_alert_that_never_fired_has_no_row(box: Box) -> None:
    await box.run(lambda ledger: ledger.save_alerts([firing(id=None)]))
    assert box.store.reader.alerts() == ()


async def test_alerts_come_back_as_they_were_saved(box: Box) -> None:
    alerts = [firing(id=1), firing(id=2, target="other", held="20241099 is not listed")]
    await box.run(lambda ledger: ledger.save_alerts(alerts))
    assert box.store.reader.alerts() == tuple(alerts[::-1])
    assert box.store.reader.alerts(ids=[1], target=NAME, most=5) == (alerts[0],)


async def test_events_come_back_as_they_were_added(box: Box) -> None:
    events = [
        Event(kind=EventKind.OPENED, target=NAME, at=START, check=firing().check),
        Event(
            kind=EventKind.FIRED,
            target=NAME,
            at=at(hours=2),
            check=firing().check,
            alert_id=1,
            sentence="behind",
        ),
        Event(kind=EventKind.SCHEME_CHANGED, target="other", at=START + timedelta(1), sentence="now semver"),
    ]
    await box.run(lambda ledger: ledger.add_events(events))
    assert box.store.reader.events() == tuple(events[::-1])
    assert box.store.reader.events(target=NAME, most=1) == (events[1],)
