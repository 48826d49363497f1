"""What the API can do, as values: from them come the routes and the OpenAPI document."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from monitor.status.rendering import plain
from monitor.web.face import face_of, peer_of
from monitor.web.pages import etag_of, is_known
from monitor.web.problems import Problem

T = TypeVar("T")

MOST, USUAL = 200, 50
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing in the path or the query."""

    name: str
    summary: str
    where: str = "query"
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string", "maxLength": 100})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path. `gives` is the type of a good answer, `takes` the schema of a body."""

    method: str
    path: str
    handler: Handler
    summary: str
    gives: Any
    status: int = 200
    parameters: tuple[Parameter, ...] = ()
    takes: Mapping[str, Any] | None = None
    is_listed: bool = False
    is_open: bool = True

    @property
    def route(self) -> web.RouteDef:
        """The route; what changes something takes the token before anything else."""
        return web.route(self.method, self.path, self.handler if self.is_open else _guarded(self.handler))


def _guarded(handler: Handler) -> Handler:
    async def checked(request: web.Request) -> web.StreamResponse:
        face_of(request).access.check_bearer(request, peer_of(request).address)
        return await handler(request)

    return checked


def answer(
    request: web.Request, value: Any, *, status: int = 200, caching: str = "private, no-cache"
) -> web.Response:
    """Return the value as JSON, or 304 where the client has it already."""
    body = json.dumps(plain(value), ensure_ascii=False).encode("utf-8", "replace")
    etag = etag_of(body)
    headers = {"ETag": f'"{etag}"', "Cache-Control": caching}
    if request.method in {"GET", "HEAD"} and is_known(request, etag):
        return web.Response(status=304, headers=headers)
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


# --- paging --------------------------------------------------------------------------------------

LIMIT = Parameter(
    name="limit",
    summary=f"At most so many; {USUAL} by default.",
    schema={"type": "integer", "minimum": 1, "maximum": MOST},
)
CURSOR = Parameter(
    name="cursor",
    summary="What `next` of the page before was.",
    schema={"type": "string", "maxLength": 500, "pattern": "^[A-Za-z0-9_-]+$"},
)
PAGING = (LIMIT, CURSOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which page is asked for: `after` is what the last item of the one before goes by, if there is one."""

    after: Any
    limit: int

    def of(self, rows: Sequence[T], key: Callable[[T], Any], items: Iterable[Any] | None = None) -> Any:
        """Return the page, made of one row more than it shows if there are more."""
        shown = tuple(rows[: self.limit])
        has_more = len(rows) > self.limit
        return {
            "items": tuple(items)[: self.limit] if items is not None else shown,
            "next": _cursor(key(shown[-1])) if has_more and shown else None,
        }


def page_of(request: web.Request, kind: type = int) -> Page:
    """Return which page is asked for.

    Raises:
        Problem: cursor or limit are not what they should be.
    """
    text = request.query.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise Problem(400, f"limit should be a number from 1 to {MOST}")
    cursor = request.query.get("cursor")
    return Page(after=None if cursor is None else _uncursor(cursor, kind), limit=int(text))


def _cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _uncursor(text: str, kind: type) -> Any:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise Problem(400, "cursor should be the `next` of a page") from None
    if type(value) is not kind or (isinstance(value, int) and not 0 <= value < 2**62):
        raise Problem(400, "cursor should be the `next` of a page")
    return value
