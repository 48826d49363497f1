"""What every request passes through before it reaches a door, and every answer on its way out."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from monitor.errors import StoreError
from monitor.web.connections import Connections
from monitor.web.face import FACE, PEER, Face
from monitor.web.peers import names_of, peer_of
from monitor.web.problems import Problem, problem_response, wants_page

log = logging.getLogger(__name__)

ANSWER_SECONDS = 30.0
OPEN_ENDED = frozenset({"/events"})
POLICY = "; ".join((
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
PUBLIC = ("/targets/", "/alerts/", "/static/", "/badge/", "/api/v1/targets", "/hooks/")
PUBLIC_EXACTLY = frozenset({"/", "/events", "/feed.atom", "/healthz", "/readyz", "/api/v1/openapi.json"})


def guards(connections: Connections) -> list[Middleware]:
    """Return the middlewares, outermost first."""

    @web.middleware
    async def watched(request: web.Request, handler: Handler) -> web.StreamResponse:
        protocol = request.protocol
        connections.begun(protocol)
        try:
            return await handler(request)
        finally:
            connections.ended(protocol)

    return [watched, headed, answered, admitted]


@web.middleware
async def headed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put our headers on every answer; a door may have set some of its own."""
    response = await handler(request)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Server"] = "tagdrift"
    return response


@web.middleware
async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Make an answer of whatever goes wrong."""
    longest = None if request.path in OPEN_ENDED else ANSWER_SECONDS
    try:
        async with asyncio.timeout(longest):
            return await handler(request)
    except (ConnectionError, web.HTTPRedirection):
        raise
    except Exception as error:  # noqa: BLE001  (no defect of a door may be seen from outside)
        return shown(request, _problem_of(request, error))


def _problem_of(request: web.Request, error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case web.HTTPException():
            allowed = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
            return Problem(error.status, _detail(error.status), allowed)
        case TimeoutError():
            return Problem(503, "this took too long")
        case StoreError():
            log.warning("%s %s: %s", request.method, request.path, error)
            return Problem(503, "the history cannot be read or written; the log says why")
    log.error("%s %s", request.method, request.path, exc_info=error)
    return Problem(500, "a defect of tagdrift; the log says more")


@web.middleware
async def admitted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn away who may not ask, or asks by a name that is not ours."""
    face = request.app[FACE]
    settings = face.settings
    peer = request[PEER] = peer_of(request, settings)
    if not peer.is_direct:
        raise Problem(403, "ask the proxy in front of it; this address answers nobody else")
    if peer.host not in names_of(settings):
        raise Problem(421, "this name is not one of its own; [daemon] hosts says which are")
    if settings.public:
        _check_public(request, face, peer.address)
    return await handler(request)


def _check_public(request: web.Request, face: Face, address: str) -> None:
    """Return where everybody may see this, or the token is shown.

    Raises:
        Problem: it is for those who have the token.
    """
    is_read = request.method in {"GET", "HEAD"}
    path = request.path
    is_public = path in PUBLIC_EXACTLY or path.startswith(PUBLIC)
    if path.startswith("/hooks/") or (is_read and is_public):
        return
    if request.headers.get("Authorization"):
        face.access.check_bearer(request, address)
        return
    raise Problem(404, "there is nothing here")


def _detail(status: int) -> str:
    known = {
        404: "there is nothing here",
        405: "this takes another method",
        413: "the body is too large",
    }
    return known.get(status, "the request is not understood")


def shown(request: web.Request, problem: Problem) -> web.Response:
    """Return the problem as who asks can read it."""
    if not wants_page(request):
        return problem_response(problem)
    from monitor.web.pages import problem_page

    return problem_page(request, problem)
