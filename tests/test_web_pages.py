"""What a person sees with a browser."""

from __future__ import annotations

import pytest

from tests.facing import Facing, csrf_of

OLD = {"1.0": "2024-10-01T00:00:00Z"}
NEW = {**OLD, "1.1": "2024-10-16T12:10:00Z"}


@pytest.fixture
async def drifting(facing: Facing) -> Facing:
    """Pages of a project that has been behind for half an hour, with alert 1 firing."""
    facing.housing.targets = {"project": 'labels = { team = "infra" }'}
    facing.housing.policy = 'threshold = "20m"'
    facing.housing.says("project", named="1.0", releases=OLD)
    await facing.open()
    await facing.housing.pass_for(minutes=6)
    facing.housing.says("project", releases=NEW)
    await facing.housing.pass_for(minutes=30)
    return facing


async def test_the_overview_says_how_every_target_stands(drifting: Facing) -> None:
    answer = await drifting.get("/")
    assert answer.status == 200
    for text in ("behind", "1.0", "1.1", "team=infra", "alert 1", "published, the source says"):
        assert text in answer.text


async def test_the_overview_says_how_long_until_it_fires(facing: Facing) -> None:
    facing.housing.says("project", named="1.0", releases=OLD)
    await facing.open()
    await facing.housing.pass_for(minutes=6)
    facing.housing.says("project", releases=NEW)
    await facing.housing.pass_for(minutes=14)
    text = (await facing.get("/")).text
    assert "pending" in text
    assert "in 1 h 50 min" in text


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        pytest.param("q=proj", True, id="a part of the name"),
        pytest.param("q=PROJECT+1.1", True, id="words of several columns"),
        pytest.param("q=nothing", False, id="a word that nothing has"),
        pytest.param("label=team%3Dinfra", True, id="its label"),
        pytest.param("label=team%3Dother", False, id="another label"),
        pytest.param("state=firing", True, id="its state"),
        pytest.param("state=in+step", False, id="another state"),
        pytest.param("state=nonsense&start=x", True, id="what makes no sense"),
    ],
)
async def test_the_overview_can_be_searched_and_filtered(
    drifting: Facing, query: str, is_shown: bool
) -> None:
    text = (await drifting.get(f"/?{query}")).text
    assert ('href="/targets/project"' in text) is is_shown


async def test_many_targets_come_in_pages(facing: Facing) -> None:
    facing.housing.targets = {f"p{number:03}": "" for number in range(205)}
    await facing.open()
    first, second = (await facing.get("/")).text, (await facing.get("/?start=200")).text
    assert 'href="/targets/p199"' in first
    assert 'href="/targets/p200"' not in first
    assert 'href="/targets/p204"' in second


async def test_a_target_shows_timeline_releases_looks_alerts_and_configuration(drifting: Facing) -> None:
    text = (await drifting.get("/targets/project?range=day")).text
    for part in (
        "<svg",
        'class="drift"',
        'class="mark fired"',
        "behind once, at most for",
        "goes on",
        "before our first look",
        "second look",
        "[targets.project]",
        'href="/alerts/1"',
        "of 20 min allowed",
    ):
        assert part in text


@pytest.mark.parametrize("length", ["day", "week", "month", "year", "nonsense"])
async def test_a_timeline_has_ranges(drifting: Facing, length: str) -> None:
    answer = await drifting.get(f"/targets/project?range={length}")
    assert answer.status == 200
    shown = length if length != "nonsense" else "week"
    assert f'href="?range={shown}" aria-current="true"' in answer.text


async def test_an_alert_shows_why_we_believe_it_and_who_was_told(drifting: Facing) -> None:
    text = (await drifting.get("/alerts/1")).text
    for part in (
        "read a second time past every cache",
        "ops",
        "first",
        "delivered",
        "[behind] project",
        "fired",
    ):
        assert part in text


async def test_an_alert_that_is_over_says_what_ended_it(drifting: Facing) -> None:
    drifting.housing.says("project", named="1.1")
    await drifting.housing.pass_for(minutes=6)
    text = (await drifting.get("/alerts/1")).text
    assert "resolved" in text
    assert "Ended" in text
    assert "1.1" in text
    assert 'href="/alerts/1"' in (await drifting.get("/alerts")).text


async def test_the_link_of_a_message_opens_the_alert(facing: Facing) -> None:
    facing.housing.says("project", named="1.0", releases=OLD)
    facing.housing.policy = 'threshold = "20m"'
    await facing.open()
    facing.configure(public_url=f"http://localhost:{facing.port}")
    facing.housing.rooms.house.teller.use(facing.housing.rooms.house.config)
    await facing.housing.pass_for(minutes=6)
    facing.housing.says("project", releases=NEW)
    await facing.housing.pass_for(minutes=30)
    link = facing.housing.heard[0].body.partition("page ")[2].split()[0]
    assert link == f"http://localhost:{facing.port}/alerts/1"
    assert "Alert 1: behind" in (await facing.get("/alerts/1")).text


async def test_deliveries_and_silences_have_pages(drifting: Facing) -> None:
    assert "[behind] project" in (await drifting.get("/deliveries")).text
    assert "None yet" in (await drifting.get("/deliveries?receiver=nobody")).text
    assert "In force or to come" in (await drifting.get("/silences")).text


@pytest.mark.parametrize("path", ["/targets/nothing", "/alerts/77", "/alerts/x", "/nothing", "/login/x"])
async def test_what_is_not_there_is_said_on_a_page(drifting: Facing, path: str) -> None:
    answer = await drifting.get(path)
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_a_page_that_has_not_changed_is_not_sent_again(drifting: Facing) -> None:
    first = await drifting.get("/")
    again = await drifting.get("/", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


# --- what is done with buttons -------------------------------------------------------------------


async def test_an_alert_is_acked_with_a_button(drifting: Facing) -> None:
    csrf = await drifting.log_in()
    answer = await drifting.post("/alerts/1/ack", {"csrf": csrf, "comment": "on it"})
    assert (answer.status, answer.headers["Location"]) == (303, "/alerts/1")
    assert "Take the ack back" in (await drifting.get("/alerts/1")).text
    assert [ack.comment for ack in drifting.housing.reader.acks()] == ["on it"]
    await drifting.post("/alerts/1/unack", {"csrf": csrf})
    assert drifting.housing.reader.acks() == ()


async def test_a_target_is_silenced_with_a_button_and_told_when_that_ends(drifting: Facing) -> None:
    csrf = await drifting.log_in()
    await drifting.post("/silences", {"csrf": csrf, "target": "project", "for": "4h", "comment": "day off"})
    page = (await drifting.get("/silences")).text
    assert "day off" in page
    assert "End silence 1" in page
    await drifting.post("/silences/1/end", {"csrf": csrf})
    assert drifting.housing.reader.silences(drifting.housing.clock.now()) == ()


async def test_look_now_looks_at_both_sides_at_once(drifting: Facing) -> None:
    csrf = await drifting.log_in()
    drifting.housing.says("project", named="1.1")
    answer = await drifting.post("/targets/project/look", {"csrf": csrf})
    assert (answer.status, answer.headers["Location"]) == (303, "/targets/project")
    await drifting.housing.rooms.house.settle()
    await drifting.housing.tick()
    assert "in step" in (await drifting.get("/targets/project")).text


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"for": "nonsense"}, id="no duration"),
        pytest.param({"for": "0"}, id="no time at all"),
        pytest.param({"for": "1h", "target": "nothing"}, id="no such target"),
        pytest.param({"for": "1h", "label": "x"}, id="no label"),
        pytest.param({"for": "1h", "check": "x"}, id="no check"),
    ],
)
async def test_a_silence_that_makes_no_sense_is_refused(drifting: Facing, form: dict[str, str]) -> None:
    csrf = await drifting.log_in()
    assert (await drifting.post("/silences", {"csrf": csrf, **form})).status == 422


async def test_without_a_token_the_pages_only_show(facing: Facing) -> None:
    facing.settings = {}
    facing.housing.says("project", named="1.0", releases=OLD)
    await facing.open()
    text = (await facing.get("/targets/project")).text
    assert "No token is configured" in text
    assert "<button>Look now" not in text
    assert (await facing.get("/login")).status == 404


async def test_logging_out_ends_the_session(drifting: Facing) -> None:
    csrf = await drifting.log_in()
    await drifting.post("/logout", {"csrf": csrf})
    assert (await drifting.post("/alerts/1/ack", {"csrf": csrf})).status == 401
    assert "Log in" in (await drifting.get("/")).text


async def test_a_session_shows_the_buttons(drifting: Facing) -> None:
    await drifting.log_in()
    page = (await drifting.get("/targets/project")).text
    assert "Look now" in page
    assert csrf_of(page)
