"""What is wrong with ourselves, and for how long it is shown."""

from __future__ import annotations

from datetime import timedelta

from monitor.errors import StoreError
from monitor.service.faults import Faults
from tests.conftest import ManualClock


def test_a_defect_is_shown_for_a_day_after_it_was_last_met(clock: ManualClock) -> None:
    told: list[str] = []
    faults = Faults(lambda sentence: not told.append(sentence), clock)
    faults.unexpected(ValueError("boom"))
    clock.advance(timedelta(hours=23))
    faults.unexpected(ValueError("boom"))
    clock.advance(timedelta(hours=23))
    assert faults.now == ("unexpected failure, a defect of tagdrift: ValueError: boom",)
    clock.advance(timedelta(hours=2))
    assert faults.now == ()
    assert told == ["unexpected failure, a defect of tagdrift: ValueError: boom"] * 2
    assert faults.counted == 2


def test_what_can_be_seen_to_end_is_shown_until_it_does(clock: ManualClock) -> None:
    faults = Faults(lambda sentence: True, clock)
    faults.store(StoreError("disk full"))
    faults.config("the file is bad")
    clock.advance(timedelta(days=30))
    assert faults.now == ("the database refuses to be written: disk full", "the file is bad")
    faults.store_is_well()
    faults.config(None)
    assert faults.now == ()
