"""GitHub's limits, met by a daemon: recorded as what they are, obeyed, and nothing lost by them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.real.watching import Watching
from tests.servers.github import QUOTA, GitHub, Limit
from tests.servers.site import Site

pytestmark = pytest.mark.real

DAYS_AGO = datetime.now(UTC) - timedelta(days=9)

GITHUB_TARGETS = {
    "graphql": 'kind = "github"\nrepo = "{repo}"\ntoken = "ours"\napi_url = "{api}"\nweb_url = "{web}"',
    "feed": 'kind = "github"\nrepo = "{repo}"\nweb_url = "{web}"',
    "rest": """
kind = "json"
url = "{api}/repos/{repo}/releases?per_page=50"
path = "$[*].tag_name"
date_path = "$[*].published_at"
prerelease_path = "$[*].prerelease"
token = "ours"
""",
}
GITHUB_TARGET = """
[targets.{name}]
threshold = "0s"
metadata = {{ kind = "json", url = "{metadata}", path = "$.tag" }}
[targets.{name}.releases]
{releases}
"""
LIMITS = (
    Limit(status=403, retry_after=1),
    Limit(status=429, retry_after=1),
    Limit(status=200, retry_after=1),
    Limit(is_quota=True),
)


@pytest.mark.fault(
    "GitHub limits us",
    how="a stand-in, checked against what GitHub publishes of its API, answers 403, 429, 200 with an error,"
    " and that the quota is spent",
    promise="recorded as a limit and obeyed; no alert; a release published meanwhile is told when it is over",
)
async def test_what_githubs_limits_hide_is_told_once_they_are_over(
    tmp_path: Path,
    site: Site,
    open_site: Callable[[], Awaitable[Site]],
    record_property: Callable[[str, object], None],
) -> None:
    githubs = {name: GitHub(await open_site()) for name in GITHUB_TARGETS}
    daemon = Watching(tmp_path, site, environ={"TOKEN": "a-token"})
    try:
        for github in githubs.values():
            github.publish("v1.0.0", at=DAYS_AGO)
        site.answer("/latest.json", {"tag": "v1.0.0"}, etag='"1"')
        daemon.watch(
            "".join(github_target(name, github, site) for name, github in githubs.items()), more=TOKEN
        )
        await daemon.start()
        for limit in LIMITS:
            await limited(daemon, githubs, limit)
        assert daemon.alerts() == []
        for name, github in githubs.items():
            github.publish("v1.1.0", at=datetime.now(UTC))
            await daemon.told_of("behind", name)
        site.answer("/latest.json", {"tag": "v1.1.0"}, etag='"2"')
        for name in githubs:
            await daemon.told_of("resolved", name)
        assert await daemon.end() == 0
    finally:
        if daemon.process is not None:
            await daemon.kill()
    assert {outcome for (outcome,) in daemon.sql("SELECT outcome FROM observation_log")} == {
        "good",
        "limited",
    }
    assert all("wants to be left alone until" in each for name in githubs for each in daemon.sentences(name))
    record_property("times", daemon.looks("limited"))
    record_property("figure", f"{len(LIMITS)} kinds of limit, met by {len(githubs)} ways of asking")
    # What has not changed is asked for on condition, which costs nothing of the quota.
    asked = githubs["rest"].asked
    assert {request.headers.get("If-None-Match", "")[:2] for request in asked[1:]} >= {"W/"}
    assert githubs["rest"].left["core"] > QUOTA - len(asked) / 2


TOKEN = '[credentials.ours]\nenv = "TOKEN"\n'


def github_target(name: str, github: GitHub, site: Site) -> str:
    releases = GITHUB_TARGETS[name].format(repo=github.repo, api=github.api_url, web=github.web_url)
    return GITHUB_TARGET.format(name=name, metadata=site.url("/latest.json"), releases=releases)


async def limited(daemon: Watching, githubs: Mapping[str, GitHub], limit: Limit) -> None:
    """Let this limit stand until each target has met it, then let all be read again."""
    meets = [name for name in githubs if name != "feed" or not limit.is_quota]
    before = {name: daemon.looks("limited", name) for name in meets}
    for github in githubs.values():
        github.meet(limit, timedelta(seconds=2))
    await daemon.until(
        lambda: all(daemon.looks("limited", name) > before[name] for name in meets), f"{limit} is met", 120
    )
    for github in githubs.values():
        github.relax()
    again = {name: daemon.looks("good", name, "releases") for name in githubs}
    await daemon.until(
        lambda: all(daemon.looks("good", name, "releases") > again[name] for name in githubs),
        "all is read",
        120,
    )
