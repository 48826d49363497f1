"""How a page is written: templates with autoescape on, once for all who see the same."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from monitor import __version__
from monitor.messages import instant, legible, safe_link, span
from monitor.web import statics, wording
from monitor.web.face import Face, face_of
from monitor.web.problems import Problem, title_of

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
MOST_KEPT = 64
SMALLEST_ZIPPED = 1024
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A page as it is sent."""

    body: bytes
    etag: str
    zipped: bytes | None = None


Make = Callable[[], Awaitable[Mapping[str, Any]]]
KEPT: web.AppKey[OrderedDict[object, asyncio.Future[Written]]] = web.AppKey("kept", OrderedDict)


async def page(request: web.Request, template: str, make: Make, key: object = None) -> web.Response:
    """Return the page of what `make` gathers; with a `key` that is done once for all who are not logged in.

    The key must change with anything that the page shows.
    """
    face = face_of(request)
    session = face.access.session_of(request)
    if session is not None or key is None:
        mine = {**_shared(request, face), **await make(), "session": session}
        return _response(request, await asyncio.to_thread(_written, template, mine, zipped=False))
    kept = request.app[KEPT]
    known = kept.get(key)
    if known is None or (known.done() and (known.cancelled() or known.exception() is not None)):
        shared = _shared(request, face)
        known = kept[key] = asyncio.ensure_future(_made(template, shared, make))
        if len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    # Whoever goes away must not take the page from the others who wait for it.
    return _response(request, await asyncio.shield(known))


async def _made(template: str, shared: Mapping[str, Any], make: Make) -> Written:
    context = {**shared, **await make(), "session": None}
    return await asyncio.to_thread(_written, template, context, zipped=True)


def problem_page(request: web.Request, problem: Problem) -> web.Response:
    """Return the page that says what is wrong."""
    context = {
        "session": None,
        **_shared(request, face_of(request)),
        "problem": problem,
        "title": title_of(problem.status),
    }
    written = _written("problem.html", context, zipped=False)
    return web.Response(
        status=problem.status, body=written.body, headers={"Content-Type": HTML, **problem.headers}
    )


def _shared(request: web.Request, face: Face) -> dict[str, Any]:
    return {
        "path": request.path,
        "here": request.path_qs,
        "public": face.settings.public,
        "can_log_in": face.access.is_possible,
        "version": __version__,
        "now": face.hands.clock.now(),
        "asset": statics.address_of,
    }


def _written(template: str, context: Mapping[str, Any], *, zipped: bool) -> Written:
    body = environment().get_template(template).render(context).encode("utf-8", "replace")
    is_zipped = zipped and len(body) >= SMALLEST_ZIPPED
    return Written(
        body=body,
        etag=etag_of(body),
        zipped=gzip.compress(body, 4) if is_zipped else None,
    )


def etag_of(body: bytes) -> str:
    """Return a validator for these bytes."""
    return blake2b(body, digest_size=12).hexdigest()


def _response(request: web.Request, written: Written) -> web.Response:
    # Weak: the same page may be sent zipped or not (RFC 9110, 8.8.3).
    headers = {
        "ETag": f'W/"{written.etag}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Accept-Encoding",
    }
    if is_known(request, written.etag):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = HTML
    if written.zipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=written.zipped, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=written.body, headers=headers)


def is_known(request: web.BaseRequest, etag: str) -> bool:
    """Return whether the client says that it has this already."""
    asked = request.headers.get("If-None-Match", "")
    known = {part.strip().removeprefix("W/").strip('"') for part in asked.split(",")}
    return etag in known or asked.strip() == "*"


@cache
def environment() -> Environment:
    """Return the templates; jinja2 is loaded by the first page that somebody opens."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "legible": lambda text, most=200: "" if text is None else legible(str(text), most),
        "short": wording.short,
        "span": span,
        "iso": iso,
        "full": lambda at: f"{at:%Y-%m-%d %H:%M:%S} UTC",
        "safe_link": safe_link,
        "tone": wording.tone_of,
        "tone_of_alert": wording.tone_of_alert,
        "word": wording.word_of,
        "known_by": wording.known_by,
        "look_in_words": wording.look_in_words,
    }
    made.globals |= {"fires_in": wording.fires_in, "instant": instant, "signs": wording.SIGNS}
    return made


def iso(at: datetime) -> str:
    """Return `2024-10-16T15:40:00Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
