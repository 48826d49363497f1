"""The kind `github` with a token: pages of GraphQL, and what GitHub says instead."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.model import Reason, Release
from monitor.sources import Refusal
from tests.dialogues import held, refusal, said
from tests.servers.github_words import SECONDARY, connection, no_repository, node

KEYS = {"repo": "astral-sh/python-build-standalone", "token": "ours"}


def page(*nodes: dict[str, Any] | None, after: str | None = None) -> str:
    return json.dumps(connection(*nodes, after=after))


def test_a_release_is_read_with_all_that_github_knows() -> None:
    reading = said("github", page(node("20241016"), node("rc 1", isPrerelease=True)), **KEYS)
    pages = "https://github.com/astral-sh/python-build-standalone/releases"
    assert reading.releases == (
        Release(
            tag="20241016",
            published_at=datetime(2024, 10, 16, 15, 40, tzinfo=UTC),
            link=f"{pages}/tag/20241016",
            prerelease=False,
        ),
        Release(
            tag="rc 1",
            published_at=datetime(2024, 10, 16, 15, 40, tzinfo=UTC),
            link=f"{pages}/tag/rc%201",
            prerelease=True,
        ),
    )
    assert reading.is_complete
    assert reading.link == pages


def test_drafts_are_marked_and_those_without_a_tag_are_none() -> None:
    drafts = node("1", isDraft=True, publishedAt=None), node("", isDraft=True, publishedAt=None)
    releases = said("github", page(*drafts), **KEYS).releases
    assert [(release.tag, release.draft, release.published_at) for release in releases] == [("1", True, None)]


def test_a_repository_without_releases_is_read() -> None:
    reading = said("github", page(), **KEYS)
    assert reading.releases == ()
    assert reading.is_complete


def test_the_query_is_posted_to_the_api_with_the_token() -> None:
    _, (request,) = held("github", page(), **KEYS)
    assert request.url == "https://api.github.com/graphql"
    assert request.credential == "ours"
    assert request.headers["Content-Type"] == "application/json"
    asked = json.loads(request.body or b"")
    assert asked["variables"] == {"owner": "astral-sh", "name": "python-build-standalone", "after": None}
    assert (
        "releases(first: 50, after: $after, orderBy: {field: CREATED_AT, direction: DESC})" in asked["query"]
    )


ADDRESSES = [
    pytest.param(
        "https://github.example.org/api/v3",
        "https://github.example.org/api/graphql",
        id="Enterprise",
    ),
    pytest.param(
        "https://github.example.org/api/v3/",
        "https://github.example.org/api/graphql",
        id="with a slash",
    ),
    pytest.param("http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql", id="a test's own"),
]


@pytest.mark.parametrize(("api_url", "asked"), ADDRESSES)
def test_the_api_may_be_elsewhere(api_url: str, asked: str) -> None:
    web_url = "https://github.example.org/"
    reading, (request,) = held("github", page(node("1")), **KEYS, api_url=api_url, web_url=web_url)
    assert request.url == asked
    assert reading.releases[0].link == f"{web_url}astral-sh/python-build-standalone/releases/tag/1"


def test_pages_are_read_to_the_end() -> None:
    pages = page(node("3"), node("2"), after="two"), page(node("2"), node("1"))
    reading, requests = held("github", *pages, **KEYS)
    assert [json.loads(request.body or b"")["variables"]["after"] for request in requests] == [None, "two"]
    assert [release.tag for release in reading.releases] == ["3", "2", "1"], "a page that moved repeats one"
    assert reading.is_complete


def test_a_list_that_goes_on_after_four_pages_is_a_window() -> None:
    pages = [page(*(node(f"{number}.{n}") for n in range(50)), after=f"page {number}") for number in range(4)]
    reading, requests = held("github", *pages, **KEYS)
    assert len(requests) == 4
    assert reading.newest == 200
    assert len(reading.releases) == 200


REFUSALS = [
    pytest.param("RATE_LIMITED", "API rate limit exceeded", Reason.LIMITED, id="limited"),
    pytest.param("RATE_LIMIT", "API rate limit already exceeded", Reason.LIMITED, id="limited, in 2026"),
    pytest.param(None, SECONDARY[:44], Reason.LIMITED, id="a secondary limit"),
    pytest.param("FORBIDDEN", "Resource protected", Reason.REFUSED, id="forbidden"),
    pytest.param("INSUFFICIENT_SCOPES", "Your token has not been granted", Reason.REFUSED, id="scopes"),
]


@pytest.mark.parametrize(("kind", "message", "reason"), REFUSALS)
def test_what_github_refuses_is_no_malformed_document(kind: str | None, message: str, reason: Reason) -> None:
    error = {"message": message} if kind is None else {"type": kind, "message": message}
    answer = json.dumps({"data": {"repository": None}, "errors": [error]})
    with pytest.raises(Refusal) as caught:
        said("github", answer, **KEYS)
    assert caught.value.failure.reason is reason
    assert caught.value.failure.sentence == str(caught.value)
    assert f"refused to list the releases of {KEYS['repo']}: '{message}'" in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(json.dumps(no_repository("a/b")), id="not found"),
        pytest.param('{"data": {"repository": null}}', id="null"),
        pytest.param('{"data": null}', id="no data"),
    ],
)
def test_a_repository_that_is_not_shown_is_refused(answer: str) -> None:
    with pytest.raises(Refusal, match="shows no repository astral-sh/python-build-standalone to this token"):
        said("github", answer, **KEYS)


WRONG = [
    pytest.param(
        json.dumps(
            connection(node("1")) | {"errors": [{"type": "NOT_FOUND", "message": "a release is gone"}]}
        ),
        "'a release is gone'",
        id="a part that is not there",
    ),
    pytest.param(
        '{"errors": [{"message": "went\\nwrong"}]}',
        "refused to list the releases of",
        id="an error",
    ),
    pytest.param(
        '{"errors": [{"type": "STRANGE"}], "data": null}',
        "'no reason given'",
        id="a strange error",
    ),
    pytest.param("<html>", "did not answer as GitHub's GraphQL does: JSON is malformed", id="a page"),
    pytest.param("", "did not answer as", id="empty"),
    pytest.param("[]", "Expected `object`, got `array`", id="a list"),
    pytest.param(b'{"data": {"repository": "\xff"}}', "did not answer as", id="not UTF-8"),
    pytest.param('{"x": ' + "[" * 100_000, "did not answer as", id="deep"),
    pytest.param(page({"tagName": "1"}), "did not answer as", id="fields missing"),
    pytest.param(page(node("1", tagName=1)), "did not answer as", id="a tag that is a number"),
    pytest.param(
        page(node("1", publishedAt="soon")),
        "`publishedAt` of '1' is the text 'soon'",
        id="no date",
    ),
    pytest.param(page(node("\ud800")), "did not answer as", id="a lone surrogate"),
    pytest.param(page(node("1"), after=""), "there are more releases, but not where", id="no cursor"),
    pytest.param(
        page(node("1"), after="x" * 2000),
        "there are more releases, but not where",
        id="a huge cursor",
    ),
]


@pytest.mark.parametrize(("answer", "sentence"), WRONG)
def test_an_answer_that_is_not_githubs_is_refused(answer: str | bytes, sentence: str) -> None:
    assert sentence in refusal("github", answer, **KEYS)


def test_pages_that_lead_to_themselves_are_refused() -> None:
    going_round = page(node("1"), after="here")
    assert "not where they begin" in refusal("github", going_round, going_round, **KEYS)


def test_a_node_that_could_not_be_read_is_passed_over() -> None:
    assert [release.tag for release in said("github", page(None, node("1")), **KEYS).releases] == ["1"]


def test_tags_that_cannot_be_shown_are_counted() -> None:
    reading = said("github", page(node("1"), node("a\nb"), node("x" * 300), node("a\x00")), **KEYS)
    assert [release.tag for release in reading.releases] == ["1"]
    assert len(reading.left_out) == 1
    assert reading.left_out[0].startswith("3 left out, unprintable or over 256 characters: 'a\\nb'")
