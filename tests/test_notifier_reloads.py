"""What a reload makes of the receivers and of what waits for them."""

from __future__ import annotations

from collections.abc import Callable

from monitor.notifier import Notifier, Pace
from tests.conftest import ManualClock
from tests.outbox import Outbox, drained, titles, urls_of
from tests.servers.site import Answer, Site

NO = Answer(status=500, body=b"no")
OK = Answer(body=b"ok")
UNKNOWN = Answer(status=404, body=b"no_service")


async def test_a_reload_makes_everything_due_and_forgets_the_removed(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", UNKNOWN)
    site.script("/mended", OK)
    both = notifier("ops", "gone")
    await outbox.add("ops", 17)
    await outbox.add("gone", 17)
    site.script("/gone", NO)
    await drained(both, clock)
    assert both.health["ops"].looks_final
    await both.use({"ops": urls_of(site, "mended")["mended"]}, Pace(group_over=1))
    assert set(both.health) == {"ops"}
    assert not both.health["ops"].looks_final
    await drained(both, clock)
    assert outbox.states() == ["delivered", "dropped"]
    assert titles(site, "/mended") == ["alert 17"]


async def test_a_reload_that_the_database_refuses_is_done_once_it_does_not(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", OK)
    both = notifier("ops", "gone")
    await outbox.add("ops", 17)
    await outbox.add("gone", 17)
    outbox.take_away()
    await both.use(urls_of(site, "ops"))
    await both.settle()
    outbox.bring_back()
    assert outbox.states() == ["queued", "queued"]
    await drained(both, clock)
    assert outbox.states() == ["delivered", "dropped"]


async def test_what_a_later_reload_takes_back_is_not_dropped_for_the_one_before(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", OK)
    site.script("/back", OK)
    both = notifier("ops", "back")
    await outbox.add("back", 17)
    outbox.take_away()
    await both.use(urls_of(site, "ops"))
    await both.settle()
    outbox.bring_back()
    await both.use(urls_of(site, "ops", "back"))
    await drained(both, clock)
    assert outbox.states() == ["delivered"]


async def test_a_reload_tries_again_what_looked_final_and_tells_the_others_anew(
    notifier: Callable[..., Notifier], outbox: Outbox, site: Site, clock: ManualClock
) -> None:
    site.script("/ops", UNKNOWN)
    site.script("/chat", OK)
    both = notifier("ops", "chat")
    await outbox.add("ops", 17)
    await drained(both, clock)
    await both.use(urls_of(site, "ops", "chat"))
    await drained(both, clock)
    assert len(titles(site)) == len(titles(site, "/chat")) == 2
