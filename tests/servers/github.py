"""As much of GitHub as a monitor asks: GraphQL, the REST lists, the feed, conditions, quotas and limits.

`tests/real/test_github.py` checks what it answers against the descriptions that GitHub publishes.

    github = GitHub(site)
    github.publish("20241016", at=datetime(2024, 10, 16, 15, 40, tzinfo=UTC))
    … kind = "github", repo = github.repo, token = …, api_url = github.api_url, web_url = github.web_url …
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from tests.servers import github_words as words
from tests.servers.github_words import Out
from tests.servers.site import Asked, Handler, Site

QUOTA, WITHOUT_TOKEN = 5000, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A secondary limit: what it is answered with, and how long it asks for (None: it does not say).

    With 200 it is GraphQL that is answered so, and REST with 403. One that `is_quota` is none of these, but
    the quota, spent until it is whole again.
    """

    status: int = 403
    retry_after: int | None = 60
    is_quota: bool = False


class GitHub:
    """One repository on a `Site`; change its attributes, and the next answer goes by them."""

    def __init__(self, site: Site, repo: str = "octocat/Hello-World") -> None:
        self.repo = repo
        self.out: list[Out] = []
        self.left: dict[str, int] = {"core": QUOTA, "graphql": QUOTA}
        self.limit: Limit | None = None
        self.token = "a-token"
        self.resets_after = timedelta(hours=1)
        self.web_url = site.url("").rstrip("/")
        self.api_url = f"{self.web_url}/api/v3"
        self._site = site
        rest = f"/api/v3/repos/{repo}"
        for path, handler in {
            f"{rest}/releases": self._releases,
            f"{rest}/releases/latest": self._latest,
            f"{rest}/tags": self._tags,
            f"{rest}/git/matching-refs/tags": self._refs,
            "/api/v3/rate_limit": self._rate_limit,
            "/api/graphql": self._graphql,
            f"/{repo}/releases.atom": self._feed,
        }.items():
            site.script(path, handler)

    def publish(self, tag: str, *, at: datetime, **fields: Any) -> None:
        """Let one more be out, the newest of all; other fields are `Out`'s."""
        self.out.insert(0, Out(tag=tag, published_at=at, **fields))
        self._site.script(f"/api/v3/repos/{self.repo}/releases/tags/{tag}", self._named(tag))

    def meet(self, limit: Limit, resets_after: timedelta = timedelta(hours=1)) -> None:
        """Limit whoever asks, from now on."""
        self.resets_after = resets_after
        if limit.is_quota:
            self.left = dict.fromkeys(self.left, 0)
        else:
            self.limit = limit

    def relax(self) -> None:
        """Limit nobody any more."""
        self.limit = None
        if not all(self.left.values()):
            self.left = dict.fromkeys(self.left, QUOTA)

    @property
    def asked(self) -> list[Asked]:
        """What was asked of REST, oldest first."""
        return [asked for asked in self._site.requests if asked.path.startswith("/api/v3/")]

    # --- REST ------------------------------------------------------------------------------------

    async def _releases(self, request: web.BaseRequest) -> web.StreamResponse:
        shown = [release for release in self.out if not release.draft or self._is_known(request)]
        return self._list(request, [words.release(each, self.repo, self.api_url) for each in shown])

    async def _latest(self, request: web.BaseRequest) -> web.StreamResponse:
        full = [release for release in self.out if not release.draft and not release.prerelease]
        return self._one(request, full[0] if full else None)

    def _named(self, tag: str) -> Handler:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            found = [release for release in self.out if release.tag == tag and not release.draft]
            return self._one(request, found[0] if found else None)

        return answer

    async def _tags(self, request: web.BaseRequest) -> web.StreamResponse:
        return self._list(request, [words.tag(each, self.repo, self.api_url) for each in self._tagged()])

    async def _refs(self, request: web.BaseRequest) -> web.StreamResponse:
        return self._list(request, [words.ref(each, self.repo, self.api_url) for each in self._tagged()])

    async def _rate_limit(self, request: web.BaseRequest) -> web.StreamResponse:
        quota = QUOTA if self._is_known(request) else WITHOUT_TOKEN
        document = words.rate_limit(self.left, quota, self._reset)
        return web.json_response(document, headers=self._quota(request, "core"))

    def _tagged(self) -> list[Out]:
        return [release for release in self.out if not release.draft]

    def _one(self, request: web.BaseRequest, found: Out | None) -> web.StreamResponse:
        if found is None:
            return self._refused(request, 404, "Not Found")
        return self._rest(request, words.release(found, self.repo, self.api_url), {})

    def _list(self, request: web.BaseRequest, rows: Sequence[Mapping[str, Any]]) -> web.StreamResponse:
        asked = parse_qs(request.query_string)
        size = min(int(asked.get("per_page", ["30"])[0]), 100)
        page = int(asked.get("page", ["1"])[0])
        link = {}
        if len(rows) > page * size:
            base = f"{self.web_url}{request.path}?per_page={size}&page="
            link["Link"] = f'<{base}{page + 1}>; rel="next", <{base}{-(-len(rows) // size)}>; rel="last"'
        return self._rest(request, rows[(page - 1) * size : page * size], link)

    def _rest(
        self, request: web.BaseRequest, document: Any, headers: Mapping[str, str]
    ) -> web.StreamResponse:
        """Answer by condition and quota: a 304 costs nothing, but only with a token."""
        if (limited := self._limited(request, "core")) is not None:
            return limited
        body = json.dumps(document).encode()
        etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            if not self._is_known(request):
                self._spend("core")
            return web.Response(status=304, headers={"ETag": etag, **self._quota(request, "core")})
        self._spend("core")
        sent = {"ETag": etag, "Cache-Control": "public, max-age=60, s-maxage=60", **headers}
        return web.Response(
            body=body,
            content_type="application/json",
            charset="utf-8",
            headers={**sent, **self._quota(request, "core")},
        )

    # --- GraphQL and the feed --------------------------------------------------------------------

    async def _graphql(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self._is_known(request):
            return self._refused(request, 401, "Bad credentials")
        if (limited := self._limited(request, "graphql")) is not None:
            return limited
        self._spend("graphql")
        asked = json.loads(await request.read())["variables"]
        repo = f"{asked['owner']}/{asked['name']}"
        found = words.page(self.out, asked["after"]) if repo == self.repo else words.no_repository(repo)
        return web.json_response(found, headers=self._quota(request, "graphql"))

    async def _feed(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.limit is not None:
            return web.Response(status=429, headers={"Retry-After": str(self.limit.retry_after or 60)})
        text = words.feed(self._tagged()[:10], self.repo, self.web_url)
        return web.Response(text=text, content_type="application/atom+xml", charset="utf-8")

    # --- quotas and limits -----------------------------------------------------------------------

    def _is_known(self, request: web.BaseRequest) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    @property
    def _reset(self) -> int:
        return int((datetime.now(UTC) + self.resets_after).timestamp())

    def _spend(self, resource: str) -> None:
        self.left[resource] -= 1

    def _quota(self, request: web.BaseRequest, resource: str) -> dict[str, str]:
        quota = QUOTA if self._is_known(request) else WITHOUT_TOKEN
        return {
            "X-RateLimit-Limit": str(quota),
            "X-RateLimit-Remaining": str(max(self.left[resource], 0)),
            "X-RateLimit-Used": str(quota - max(self.left[resource], 0)),
            "X-RateLimit-Reset": str(self._reset),
            "X-RateLimit-Resource": resource,
            "X-GitHub-Request-Id": f"0001:{time.monotonic_ns():X}",
        }

    def _limited(self, request: web.BaseRequest, resource: str) -> web.StreamResponse | None:
        """Return what is said where a limit stands: GraphQL says some of it with 200."""
        limit = self.limit
        if limit is not None:
            wait = {} if limit.retry_after is None else {"Retry-After": str(limit.retry_after)}
            status = 403 if limit.status == 200 and resource == "core" else limit.status
            return self._refused(request, status, words.SECONDARY, wait, resource)
        if self.left[resource] > 0:
            return None
        if resource == "graphql":
            return web.json_response(words.SPENT_GRAPHQL, headers=self._quota(request, resource))
        return self._refused(request, 403, words.SPENT, {}, resource)

    def _refused(
        self,
        request: web.BaseRequest,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        resource: str = "core",
    ) -> web.StreamResponse:
        # GraphQL's status is GitHub's choice of the day: 403, or 200 with an error among its errors.
        document = words.error(status, message) if status != 200 else words.limited_graphql(message)
        sent = {**self._quota(request, resource), **(headers or {})}
        return web.json_response(document, status=status, headers=sent)
