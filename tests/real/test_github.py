"""What the tests answer in GitHub's name is what GitHub publishes of itself: REST, GraphQL, quotas.

The quick tests stand on it (`tests.servers.github`), and so does the demo.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from monitor.demo.world import World
from monitor.fetcher import Fetcher
from monitor.model import Credential, Reading, Request
from monitor.sources import Refusal
from tests.dialogues import source
from tests.real.openapi import Published, executed, published
from tests.servers.github import QUOTA, GitHub, Limit
from tests.servers.site import Site

pytestmark = pytest.mark.real

AT = datetime(2024, 10, 16, 15, 40, tzinfo=UTC)
REPO = "/repos/{owner}/{repo}"
TOKEN = {"Authorization": "Bearer a-token"}
OPERATIONS = [
    pytest.param(f"{REPO}/releases", "/releases", 200, id="releases"),
    pytest.param(f"{REPO}/releases", "/releases?per_page=2&page=2", 200, id="a page of releases"),
    pytest.param(f"{REPO}/releases/latest", "/releases/latest", 200, id="the latest release"),
    pytest.param(f"{REPO}/releases/tags/{{tag}}", "/releases/tags/v1", 200, id="a release by its tag"),
    pytest.param(f"{REPO}/tags", "/tags", 200, id="tags"),
    pytest.param(f"{REPO}/git/matching-refs/{{ref}}", "/git/matching-refs/tags", 200, id="git refs"),
    pytest.param("/rate_limit", None, 200, id="the quota"),
]


@pytest.fixture
def github(site: Site) -> GitHub:
    """A repository with a draft, a pre-release, an edited release and two more."""
    github = GitHub(site)
    github.publish("v1", at=AT)
    github.publish("v2", at=AT + timedelta(days=1), edited_at=AT + timedelta(days=9))
    github.publish("v3", at=AT + timedelta(days=2))
    github.publish("v4-rc.1", at=AT + timedelta(days=3), prerelease=True)
    github.publish("v5", at=None, draft=True)
    return github


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(scope="session")
def rest() -> Published:
    return published()


def test_the_descriptions_own_examples_satisfy_it_and_one_with_a_hole_or_a_lump_does_not(
    rest: Published,
) -> None:
    schema = rest.answered(f"{REPO}/releases", 200)
    example = deepcopy(rest.example("release-items"))
    assert rest.problems(schema, example) == []
    del example[0]["tag_name"]
    example[0]["lump"] = 1
    example[0]["created_at"] = "yesterday"
    assert len(rest.problems(schema, example)) == 3


@pytest.mark.parametrize(("path", "where", "status"), OPERATIONS)
async def test_each_answer_is_as_described(
    github: GitHub, client: aiohttp.ClientSession, rest: Published, path: str, where: str | None, status: int
) -> None:
    url = f"{github.api_url}/rate_limit" if where is None else f"{github.api_url}/repos/{github.repo}{where}"
    async with client.get(url, headers=TOKEN) as response:
        assert response.status == status
        assert rest.problems(rest.answered(path, status), await response.json()) == []
        described = rest.components["headers"]
        for name in ("limit", "remaining", "reset"):
            value = int(response.headers[f"X-RateLimit-{name}"])
            assert rest.problems(described[f"x-rate-limit-{name}"]["schema"], value) == []


REFUSED = [
    pytest.param("/releases/tags/v5", None, 404, id="a draft"),
    pytest.param("/releases", Limit(is_quota=True), 403, id="the quota is spent"),
    pytest.param("/releases", Limit(status=403), 403, id="a secondary limit"),
    pytest.param("/releases", Limit(status=429), 429, id="a secondary limit by 429"),
]


@pytest.mark.parametrize(("where", "limit", "status"), REFUSED)
async def test_each_refusal_is_as_described(
    github: GitHub,
    client: aiohttp.ClientSession,
    rest: Published,
    where: str,
    limit: Limit | None,
    status: int,
) -> None:
    if limit is not None:
        github.meet(limit)
    async with client.get(f"{github.api_url}/repos/{github.repo}{where}", headers=TOKEN) as response:
        assert response.status == status
        assert rest.problems(rest.answered(f"{REPO}/releases", status), await response.json()) == []


async def test_a_304_costs_nothing_with_a_token_and_one_without(
    github: GitHub, client: aiohttp.ClientSession
) -> None:
    url = f"{github.api_url}/repos/{github.repo}/releases/latest"
    for headers, cost in ((TOKEN, 0), ({}, 1)):
        async with client.get(url, headers=headers) as response:
            etag = response.headers["ETag"]
        before = github.left["core"]
        async with client.get(url, headers={**headers, "If-None-Match": etag}) as response:
            assert response.status == 304
        assert before - github.left["core"] == cost


def github_source(github: GitHub, token: str | None) -> Any:
    return source("github", repo=github.repo, token=token, api_url=github.api_url, web_url=github.web_url)


async def read(fetcher: Fetcher, asked: Any) -> tuple[Reading, list[Request]]:
    """Read a source over HTTP; return the reading and what was asked for."""
    from monitor import sources

    dialogue = sources.read(asked)
    requests = [next(dialogue)]
    while True:
        document = await fetcher.fetch(requests[-1])
        try:
            requests.append(dialogue.send(document))
        except StopIteration as end:
            return end.value, requests


@pytest.fixture
async def known(open_fetcher: Callable[..., Fetcher]) -> Fetcher:
    return open_fetcher(credentials={"ours": Credential(name="ours", value="a-token")})


async def test_the_query_is_one_of_githubs_schema_and_so_is_each_answer(
    github: GitHub, known: Fetcher, client: aiohttp.ClientSession
) -> None:
    for number in range(60):
        github.publish(f"v6.{number}", at=AT + timedelta(days=5, minutes=number))
    _, requests = await read(known, github_source(github, "ours"))
    assert len(requests) == 2
    questions = [json.loads(request.body or b"") for request in requests]
    answers = []
    for question in questions:
        async with client.post(f"{github.api_url[:-3]}/graphql", json=question, headers=TOKEN) as response:
            answers.append(await response.json())
    both = zip(questions, answers, strict=True)
    results = executed([{**question, "data": answer["data"]} for question, answer in both])
    assert [result["wrong"] for result in results] == [[], []]
    assert [result["answer"] for result in results] == answers


async def test_the_demos_answer_is_one_of_githubs_schema(
    known: Fetcher, client: aiohttp.ClientSession
) -> None:
    async with World(named="1", releases=[("1", AT)], on_message=lambda *_: None) as world:
        asked = source("github", repo="a/b", token="ours", api_url=f"http://{world.address}")
        _, (request,) = await read(known, asked)
        async with client.post(f"http://{world.address}/graphql", data=request.body) as response:
            answer = await response.json()
    (result,) = executed([{**json.loads(request.body or b""), "data": answer["data"]}])
    assert (result["wrong"], result["answer"]) == ([], answer)


async def test_both_ways_of_reading_see_the_same_releases(github: GitHub, known: Fetcher) -> None:
    github.out = [release for release in github.out if not release.draft and release.edited_at is None]
    by_token, _ = await read(known, github_source(github, "ours"))
    by_feed, _ = await read(known, github_source(github, None))

    def told(reading: Reading) -> list[tuple[str, datetime | None, str | None]]:
        return [(release.tag, release.published_at, release.link) for release in reading.releases]

    assert told(by_token) == told(by_feed)
    assert len(by_token.releases) == 3


async def test_a_repository_that_is_not_there_is_said_to_be_hidden_from_this_token(
    github: GitHub, known: Fetcher
) -> None:
    asked = source("github", repo="octocat/Gone", token="ours", api_url=github.api_url)
    with pytest.raises(Refusal, match="shows no repository octocat/Gone to this token"):
        await read(known, asked)
    assert github.left["graphql"] == QUOTA - 1
