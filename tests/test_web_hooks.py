"""Who releases says so, and nobody waits for the next poll."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest

from monitor.model import Side, Source, Target
from monitor.sources import kind_named
from monitor.web.doors.hooks import repositories_of
from tests.facing import TOKEN, Facing, bearer

OLD = {"1.0": "2024-10-01T00:00:00Z"}
NEW = {**OLD, "1.1": "2024-10-16T12:10:00Z"}


@pytest.fixture
async def watching(facing: Facing) -> Facing:
    """Pages of a project that is in step."""
    facing.housing.targets = {"other": ""}
    facing.housing.says("other", named="1.0", releases=OLD)
    await facing.open()
    await facing.housing.pass_for(minutes=6)
    return facing


GITHUB = """
[targets.python]
metadata = {{ kind = "github", repo = "Astral/Python", api_url = "{base}", web_url = "{base}" }}
releases = {{ kind = "github", repo = "astral/python", api_url = "{base}", web_url = "{base}" }}
"""


def signed(event: str, payload: dict[str, Any], delivery: str = "d1", secret: str = TOKEN) -> dict[str, Any]:
    body = json.dumps(payload).encode()
    signature = hmac.new(secret.encode(), body, sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    return {"data": body, "headers": headers}


@pytest.fixture
async def hooked(facing: Facing) -> Facing:
    """Pages that watch a repository of GitHub's."""
    base = facing.housing.site.url("").rstrip("/")
    facing.housing.target_tables = [GITHUB.format(base=base)]
    await facing.open()
    return facing


REPOSITORY = {"repository": {"full_name": "astral/python"}}


@pytest.mark.parametrize(
    ("event", "payload", "looks"),
    [
        pytest.param("release", {"action": "published"}, 1, id="a release"),
        pytest.param("create", {"ref_type": "tag"}, 1, id="a tag"),
        pytest.param("create", {"ref_type": "branch"}, 0, id="a branch"),
        pytest.param("push", {"ref": "refs/heads/main"}, 1, id="a push"),
        pytest.param("push", {"ref": "refs/tags/v1"}, 1, id="a pushed tag"),
        pytest.param("workflow_run", {"action": "completed"}, 2, id="a workflow that has ended"),
        pytest.param("workflow_run", {"action": "requested"}, 0, id="a workflow that begins"),
        pytest.param("star", {}, 0, id="a star"),
        pytest.param("ping", {}, 0, id="a ping"),
    ],
)
async def test_github_says_which_side_to_look_at(
    hooked: Facing, event: str, payload: dict[str, Any], looks: int
) -> None:
    answer = await hooked.ask("POST", "/hooks/github", **signed(event, {**payload, **REPOSITORY}))
    assert (answer.status, answer.json["looks"]) == (202, looks)


async def test_a_replay_is_ignored_and_an_unknown_repository_learns_nothing(hooked: Facing) -> None:
    first = await hooked.ask("POST", "/hooks/github", **signed("release", REPOSITORY))
    again = await hooked.ask("POST", "/hooks/github", **signed("release", REPOSITORY))
    assert (first.json, again.json) == ({"looks": 1}, {"looks": 0, "replayed": True})
    other = {"repository": {"full_name": "astral/secret"}}
    unknown = await hooked.ask("POST", "/hooks/github", **signed("release", other, "d2"))
    assert (unknown.status, unknown.json["detail"]) == (404, "there is nothing here")
    forged = [
        await hooked.ask("POST", "/hooks/github", **signed("release", payload, "d3", "x" * 20))
        for payload in (REPOSITORY, other)
    ]
    assert forged[0].status == 401
    assert forged[0].json == forged[1].json


async def test_hooks_have_a_secret_of_their_own_where_one_is_configured(hooked: Facing) -> None:
    hooked.configure(hook_secret="the-secret-of-hooks")
    assert (await hooked.ask("POST", "/hooks/github", **signed("release", REPOSITORY))).status == 401
    made = signed("release", REPOSITORY, secret="the-secret-of-hooks")
    assert (await hooked.ask("POST", "/hooks/github", **made)).status == 202
    for secret in ("the-secret-of-hooks", TOKEN):
        answer = await hooked.ask("POST", "/hooks/look/python", headers=bearer(secret))
        assert answer.status == 202
    assert (await hooked.ask("POST", "/hooks/look/x", headers=bearer())).status == 404


async def test_a_burst_of_hooks_is_one_look_and_one_more(watching: Facing) -> None:
    before = len(watching.housing.reader.observations("other"))
    for _ in range(20):
        assert (await watching.ask("POST", "/hooks/look/other", headers=bearer())).status == 202
    await watching.housing.rooms.house.settle()
    assert len(watching.housing.reader.observations("other")) == before + 2


async def test_a_hook_makes_drift_seen_before_the_next_poll(watching: Facing) -> None:
    watching.housing.says("other", releases=NEW)
    await watching.ask("POST", "/hooks/look/other", headers=bearer())
    await watching.housing.rooms.house.settle()
    await watching.housing.tick()
    assert (await watching.ask("GET", "/api/v1/targets/other")).json["missing"] == ["1.1"]


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://raw.githubusercontent.com/Astral/Python/main/latest.json", "astral/python"),
        ("https://github.com/astral/python/releases/download/1/latest.json", "astral/python"),
        ("https://api.github.com/repos/astral/python/contents/latest.json", "astral/python"),
        ("https://github.com/astral", None),
        ("https://github.example/astral/python/latest.json", None),
    ],
)
def test_the_repository_of_a_file_is_known_by_its_address(url: str, repository: str | None) -> None:
    source = Source(kind="json", spec=kind_named("json").spec(url=url, path="$.tag"))
    target = Target(name="python", metadata=source, releases=source)
    assert repositories_of(target, Side.METADATA) == ({repository} if repository else set())
