"""What programs are told: the API, the latest endpoint, metrics, badge and feed."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.status import Daemon, Receiver, Status, to_json
from monitor.web.doors.health import checks
from monitor.web.doors.openapi import document, operations
from tests.conftest import START
from tests.facing import Answer, Facing, bearer

OLD = {"1.0": "2024-10-01T00:00:00Z"}
NEW = {**OLD, "1.1": "2024-10-16T12:10:00Z"}
READS = [
    "/api/v1/status",
    "/api/v1/targets",
    "/api/v1/targets/project",
    "/api/v1/targets/project/releases",
    "/api/v1/targets/project/looks",
    "/api/v1/targets/project/timeline?range=day",
    "/api/v1/targets/project/latest",
    "/api/v1/alerts",
    "/api/v1/alerts/1",
    "/api/v1/deliveries",
    "/api/v1/silences",
    "/api/v1/openapi.json",
]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
async def drifting(facing: Facing) -> Facing:
    """Pages of a project that has been behind for half an hour, with alert 1 firing."""
    facing.housing.policy = 'threshold = "20m"'
    facing.housing.targets = {"project": 'labels = { team = "infra" }', "other": ""}
    for name in facing.housing.targets:
        facing.housing.says(name, named="1.0", releases=OLD)
    await facing.open()
    await facing.housing.pass_for(minutes=6)
    facing.housing.says("project", releases=NEW)
    await facing.housing.pass_for(minutes=30)
    return facing


async def test_reads_have_validators_and_what_is_the_same_is_not_sent_again(drifting: Facing) -> None:
    for path in READS:
        first = await drifting.ask("GET", path)
        assert (first.status, first.headers["Content-Type"]) == (200, "application/json"), path
        again = await drifting.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.body) == (304, b""), path


async def test_page_api_metrics_and_badge_say_the_same_as_the_picture(drifting: Facing) -> None:
    assert drifting.hands is not None
    picture = drifting.hands.sketch()()
    assert (await drifting.ask("GET", "/api/v1/status")).json == to_json(picture)
    one = (await drifting.ask("GET", "/api/v1/targets/project")).json
    assert (one["word"], one["named"], one["newest"]) == ("behind", "1.0", "1.1")
    assert "behind" in (await drifting.get("/badge/project.svg")).text
    families = metrics(await drifting.ask("GET", "/metrics"))
    assert families["tagdrift_target_state", "behind", "project"] == 1
    assert families["tagdrift_lag_seconds", "project"] == one["lag_seconds"]


def metrics(answer: Answer) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the sorted values of its labels."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_metrics_count_looks_deliveries_and_ourselves(drifting: Facing) -> None:
    found = metrics(await drifting.ask("GET", "/metrics"))
    assert found["tagdrift_looks_total", "good", "metadata", "project"] > 5
    assert found["tagdrift_look_duration_seconds_count", "metadata"] > 10
    assert found["tagdrift_deliveries_total", "delivered", "ops"] == 1
    assert found["tagdrift_outbox_messages", "ops"] == 0
    assert found["tagdrift_missing_releases", "project"] == 1
    assert found["tagdrift_ready",] == 1
    assert found["tagdrift_targets",] == 2


async def test_metrics_say_how_many_questions_a_host_still_answers(drifting: Facing) -> None:
    housing = drifting.housing
    quota = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "41", "X-RateLimit-Resource": "core"}
    housing.site.answer("/project/latest.json", {"tag": "1.0"}, headers=quota)
    await housing.pass_for(minutes=30)
    found = metrics(await drifting.ask("GET", "/metrics"))
    host = f"127.0.0.1:{housing.site.port}"
    assert found["tagdrift_rate_limit_remaining", "", host, "core"] == 41
    assert found["tagdrift_rate_limit_limit", "", host, "core"] == 60


async def test_lists_come_in_pages(drifting: Facing) -> None:
    for path, count in (("targets", 2), ("targets/project/releases", 2), ("targets/project/looks", 6)):
        items: list[Any] = []
        cursor = ""
        for _ in range(count):
            page = (await drifting.ask("GET", f"/api/v1/{path}?limit=1{cursor}")).json
            items += page["items"]
            cursor = f"&cursor={page['next']}"
        assert len({json.dumps(item, sort_keys=True) for item in items}) == count, path


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=201", "cursor=x", "cursor=IngK", "cursor=%F0", "cursor=MQ"]
)
async def test_a_page_that_makes_no_sense_is_a_problem(drifting: Facing, query: str) -> None:
    answer = await drifting.ask("GET", f"/api/v1/targets?{query}")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert set(answer.json) == {"type", "title", "status", "detail"}


async def test_alerts_are_acked_and_targets_silenced_with_the_token(drifting: Facing) -> None:
    answer = await drifting.ask(
        "PUT", "/api/v1/alerts/1/ack", json={"who": "ada", "comment": "on it"}, headers=bearer()
    )
    assert answer.json["ack"]["who"] == "ada"
    assert (await drifting.ask("GET", "/api/v1/targets/project")).json["is_acked"] is True
    assert (await drifting.ask("DELETE", "/api/v1/alerts/1/ack", headers=bearer())).json["ack"] is None
    assert (await drifting.ask("DELETE", "/api/v1/alerts/1/ack", headers=bearer())).status == 404
    assert (await drifting.ask("PUT", "/api/v1/alerts/9/ack", headers=bearer())).status == 404
    wanted = {"for": "1h", "label": "team=infra"}
    made = await drifting.ask("POST", "/api/v1/silences", json=wanted, headers=bearer())
    assert (made.status, made.json["is_active"], made.json["label"]) == (201, True, ["team", "infra"])
    assert (await drifting.ask("GET", "/api/v1/targets/project")).json["is_silenced"] is True
    assert (await drifting.ask("DELETE", "/api/v1/silences/1", headers=bearer())).status == 204
    assert (await drifting.ask("DELETE", "/api/v1/silences/1", headers=bearer())).status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"[", 400, id="no JSON"),
        pytest.param(b"[1]", 422, id="no object"),
        pytest.param(b'{"for": 3}', 422, id="no duration"),
        pytest.param(b'{"for": "1h", "comment": 3}', 422, id="no text"),
    ],
)
async def test_a_body_that_makes_no_sense_is_a_problem(drifting: Facing, body: bytes, status: int) -> None:
    headers = {**bearer(), "Content-Type": "application/json"}
    answer = await drifting.ask("POST", "/api/v1/silences", data=body, headers=headers)
    assert answer.status == status


async def test_an_ack_is_taken_up_at_the_next_tick(facing: Facing) -> None:
    facing.housing.policy = 'threshold = "20m"\nrepeat_every = "1h"\ncritical_after = "7d"'
    facing.housing.says("project", named="1.0", releases=OLD)
    await facing.open()
    facing.housing.says("project", releases=NEW)
    await facing.housing.pass_for(minutes=35)
    assert (await facing.ask("PUT", "/api/v1/alerts/1/ack", headers=bearer())).status == 200
    await facing.housing.pass_for(hours=2)
    assert len(facing.housing.told) == 1
    assert (await facing.ask("DELETE", "/api/v1/alerts/1/ack", headers=bearer())).status == 200
    await facing.housing.tick()
    assert len(facing.housing.told) == 2


# --- for downstream tools ------------------------------------------------------------------------


async def test_downstream_tools_get_the_last_good_document_and_what_to_use(drifting: Facing) -> None:
    answer = await drifting.ask("GET", "/api/v1/targets/project/latest")
    found = answer.json
    assert (found["named"], found["use"], found["is_behind"], found["missing"]) == (
        "1.0",
        "1.1",
        True,
        ["1.1"],
    )
    assert found["document"]["json"] == {"tag": "1.0"}
    assert found["is_verified"] is True
    assert "stale-if-error" in answer.headers["Cache-Control"]
    well = (await drifting.ask("GET", "/api/v1/targets/other/latest")).json
    assert (well["use"], well["is_behind"], well["behind_seconds"]) == ("1.0", False, 0)


async def test_what_is_malformed_or_out_of_reach_leaves_the_last_good_document(drifting: Facing) -> None:
    drifting.housing.site.answer("/project/latest.json", {"nothing": 1})
    await drifting.housing.pass_for(minutes=6)
    found = (await drifting.ask("GET", "/api/v1/targets/project/latest")).json
    assert found["document"]["json"] == {"tag": "1.0"}
    assert found["is_verified"] is False
    refused = await drifting.ask("GET", "/api/v1/targets/project/latest?verified=1")
    assert refused.status == 503
    assert "not verified" in refused.json["detail"]
    assert refused.headers["Cache-Control"] == "no-store"


async def test_what_names_nothing_that_is_out_is_not_verified(drifting: Facing) -> None:
    drifting.housing.says("other", named="9.9")
    await drifting.housing.pass_for(minutes=6)
    found = (await drifting.ask("GET", "/api/v1/targets/other/latest")).json
    assert (found["named"], found["use"], found["is_verified"]) == ("9.9", "1.0", False)


async def test_the_document_survives_a_restart_while_its_source_is_down(drifting: Facing) -> None:
    await drifting.close()
    await drifting.housing.close()
    drifting.housing.site.answer("/project/latest.json", {}, status=500)
    await drifting.open()
    found = (await drifting.ask("GET", "/api/v1/targets/project/latest")).json
    assert found["document"]["json"] == {"tag": "1.0"}


# --- badge and feed ------------------------------------------------------------------------------


async def test_badges_say_the_word_or_the_version(drifting: Facing) -> None:
    assert (await drifting.ask("GET", "/badge/project.json")).json["message"] == "behind"
    shown = (await drifting.ask("GET", "/badge/other.json")).json
    assert (shown["message"], shown["color"], shown["schemaVersion"]) == ("1.0", "brightgreen", 1)
    picture = await drifting.ask("GET", "/badge/other.svg")
    assert ET.fromstring(picture.body).tag.endswith("svg")
    assert picture.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (await drifting.ask("GET", "/badge/nothing.svg")).status == 404


async def test_the_feed_has_what_atom_asks_for(drifting: Facing) -> None:
    answer = await drifting.ask("GET", "/feed.atom")
    feed = ET.fromstring(answer.body)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id", "").endswith("/alerts/1")
    assert "[behind] project" in entry.findtext(f"{ATOM}title", "")
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert (
        await drifting.ask("GET", "/feed.atom", headers={"If-None-Match": answer.headers["ETag"]})
    ).status == 304


async def test_it_is_alive_and_ready(drifting: Facing) -> None:
    assert (await drifting.ask("GET", "/healthz")).json["status"] == "alive"
    assert (await drifting.ask("GET", "/readyz")).json["status"] == "ready"


async def test_a_history_that_cannot_be_read_makes_it_not_ready_and_restarts_nothing(
    drifting: Facing,
) -> None:
    path = drifting.housing.path
    body = path.read_bytes()
    os.truncate(path, 0)
    ready = await drifting.ask("GET", "/readyz")
    assert (ready.status, ready.json) == (503, {"status": "not ready", "checks": {"can_read": False}})
    assert (await drifting.ask("GET", "/healthz")).json["status"] == "alive"
    path.write_bytes(body)


def test_readiness_says_what_is_missing() -> None:
    daemon = Daemon(has_looked=False, faults=("the database refuses to be written",), blind_since=START)
    receivers = (Receiver(name="ops", failing_since=START),)
    status = Status(generated_at=START, version="1", daemon=daemon, receivers=receivers)
    assert {name for name, holds in checks(status).items() if holds} == {"can_read"}


def test_the_openapi_document_has_every_operation_and_says_who_may() -> None:
    described = document()
    assert described["openapi"] == "3.1.0"
    for operation in operations():
        found = described["paths"][operation.path][operation.method.lower()]
        assert ("security" in found) is (operation.method != "GET")
        assert str(operation.status) in found["responses"]
