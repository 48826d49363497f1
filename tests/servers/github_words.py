"""The documents of `tests.servers.github`, as GitHub writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

PAGE = 50
DOCS = "https://docs.github.com/rest"
SPENT = "API rate limit exceeded for user ID 1."
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach"
    " out to GitHub Support for help, please include the request ID 0001."
)
SPENT_GRAPHQL = {
    "errors": [
        {
            "type": "RATE_LIMIT",
            "code": "graphql_rate_limit",
            "message": "API rate limit already exceeded for user ID 1.",
        }
    ]
}
"""The type has been RATE_LIMITED too, and what `X-RateLimit-Remaining` says beside it is not always 0."""

RESOURCES = ("core", "search", "graphql", "integration_manifest", "source_import", "code_search")


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """One release. A draft has no publication."""

    tag: str
    published_at: datetime | None
    prerelease: bool = False
    draft: bool = False
    edited_at: datetime | None = None

    @property
    def commit(self) -> str:
        """The hash of what is tagged."""
        return hashlib.sha1(self.tag.encode()).hexdigest()

    @property
    def id(self) -> int:
        """The number that GitHub knows it by."""
        return int(self.commit[:7], 16)


# --- GraphQL -------------------------------------------------------------------------------------


def node(tag: str, **fields: Any) -> dict[str, Any]:
    """Return one release as GraphQL gives it, of what is asked for."""
    known = {"tagName": tag, "publishedAt": "2024-10-16T15:40:00Z", "isPrerelease": False, "isDraft": False}
    return {**known, **fields}


def connection(*nodes: Mapping[str, Any] | None, after: str | None = None) -> dict[str, Any]:
    """Return a page of releases; `after` is where the next begins."""
    info = {"hasNextPage": after is not None, "endCursor": after}
    return {"data": {"repository": {"releases": {"nodes": list(nodes), "pageInfo": info}}}}


def page(out: Sequence[Out], after: str | None) -> dict[str, Any]:
    """Return the page that begins behind this cursor."""
    begin = int(after or 0)
    nodes = [
        node(
            release.tag,
            publishedAt=instant(release.published_at),
            isPrerelease=release.prerelease,
            isDraft=release.draft,
        )
        for release in out[begin : begin + PAGE]
    ]
    return connection(*nodes, after=str(begin + PAGE) if len(out) > begin + PAGE else None)


def no_repository(repo: str) -> dict[str, Any]:
    """Return what is said of one that is not there, or not for this token."""
    message = f"Could not resolve to a Repository with the name '{repo}'."
    where = [{"line": 1, "column": 58}]
    return {
        "data": {"repository": None},
        "errors": [{"type": "NOT_FOUND", "path": ["repository"], "locations": where, "message": message}],
    }


def limited_graphql(message: str) -> dict[str, Any]:
    """Return a secondary limit as GraphQL says it with status 200."""
    return {"errors": [{"message": message}]}


# --- REST ----------------------------------------------------------------------------------------


def instant(at: datetime | None) -> str | None:
    """Return an instant as GitHub writes it."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def release(out: Out, repo: str, api_url: str) -> dict[str, Any]:
    """Return one release as REST gives it."""
    base, pages = f"{api_url}/repos/{repo}", f"https://github.com/{repo}"
    at = instant(out.published_at)
    return {
        "url": f"{base}/releases/{out.id}",
        "assets_url": f"{base}/releases/{out.id}/assets",
        "upload_url": f"{base}/releases/{out.id}/assets{{?name,label}}",
        "html_url": f"{pages}/releases/tag/{out.tag}",
        "id": out.id,
        "author": person(repo.partition("/")[0]),
        "node_id": f"RE_{out.id}",
        "tag_name": out.tag,
        "target_commitish": "main",
        "name": out.tag,
        "draft": out.draft,
        "immutable": False,
        "prerelease": out.prerelease,
        "created_at": at or "2024-10-16T00:00:00Z",
        "updated_at": instant(out.edited_at) or at,
        "published_at": at,
        "assets": [],
        "tarball_url": f"{base}/tarball/{out.tag}",
        "zipball_url": f"{base}/zipball/{out.tag}",
        "body": "What is new.",
    }


def person(login: str) -> dict[str, Any]:
    """Return a user as REST gives it in passing."""
    base = f"https://api.github.com/users/{login}"
    return {
        "login": login,
        "id": 1,
        "node_id": "U_1",
        "avatar_url": "https://avatars.githubusercontent.com/u/1?v=4",
        "gravatar_id": "",
        "url": base,
        "html_url": f"https://github.com/{login}",
        "followers_url": f"{base}/followers",
        "following_url": f"{base}/following{{/other_user}}",
        "gists_url": f"{base}/gists{{/gist_id}}",
        "starred_url": f"{base}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{base}/subscriptions",
        "organizations_url": f"{base}/orgs",
        "repos_url": f"{base}/repos",
        "events_url": f"{base}/events{{/privacy}}",
        "received_events_url": f"{base}/received_events",
        "type": "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def tag(out: Out, repo: str, api_url: str) -> dict[str, Any]:
    """Return one tag of the list of tags."""
    base = f"{api_url}/repos/{repo}"
    return {
        "name": out.tag,
        "zipball_url": f"{base}/zipball/refs/tags/{out.tag}",
        "tarball_url": f"{base}/tarball/refs/tags/{out.tag}",
        "commit": {"sha": out.commit, "url": f"{base}/commits/{out.commit}"},
        "node_id": f"REF_{out.id}",
    }


def ref(out: Out, repo: str, api_url: str) -> dict[str, Any]:
    """Return one tag as git's own reference."""
    base = f"{api_url}/repos/{repo}/git"
    return {
        "ref": f"refs/tags/{out.tag}",
        "node_id": f"REF_{out.id}",
        "url": f"{base}/refs/tags/{out.tag}",
        "object": {"sha": out.commit, "type": "commit", "url": f"{base}/commits/{out.commit}"},
    }


def rate_limit(left: Mapping[str, int], quota: int, reset: int) -> dict[str, Any]:
    """Return how much may be asked yet."""
    resources = {}
    for name in RESOURCES:
        remaining = max(left.get(name, quota), 0)
        resources[name] = {
            "limit": quota,
            "used": max(quota - remaining, 0),
            "remaining": remaining,
            "reset": reset,
        }
    return {"resources": resources, "rate": resources["core"]}


def error(status: int, message: str) -> dict[str, Any]:
    """Return what comes with a status that is no success."""
    return {"message": message, "documentation_url": DOCS, "status": str(status)}


# --- the feed ------------------------------------------------------------------------------------


def feed(out: Sequence[Out], repo: str, web_url: str) -> str:
    """Return the feed of releases."""
    pages = f"{web_url}/{repo}/releases"
    entries = "".join(_entry(release, pages) for release in out)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en-US">
  <id>tag:github.com,2008:{pages}</id>
  <link type="text/html" rel="alternate" href="{pages}"/>
  <link type="application/atom+xml" rel="self" href="{pages}.atom"/>
  <title>Release notes from {repo.partition("/")[2]}</title>
  <updated>2026-01-01T00:00:00Z</updated>
{entries}</feed>"""


def _entry(release: Out, pages: str) -> str:
    name = escape(release.tag)
    return f"""  <entry>
    <id>tag:github.com,2008:Repository/1/{name}</id>
    <updated>{instant(release.edited_at or release.published_at)}</updated>
    <link rel="alternate" type="text/html" href="{pages}/tag/{name}"/>
    <title>{name}</title>
    <content type="html">&lt;p&gt;What is new.&lt;/p&gt;</content>
    <author><name>octocat</name></author>
  </entry>
"""
