"""Logging in with the token, and out."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from monitor.web.access import CLOSED, COOKIE, LASTS_FOR, check_origin
from monitor.web.bodies import form_of
from monitor.web.face import face_of, peer_of
from monitor.web.pages import page
from monitor.web.problems import Problem


async def show(request: web.Request) -> web.Response:
    """Return the page that asks for the token."""
    if not face_of(request).access.is_possible:
        raise Problem(404, CLOSED)
    return await _page(request, ours(request.query.get("next", "/")), "")


async def _page(request: web.Request, after: str, wrong: str) -> web.Response:
    async def make() -> Mapping[str, str]:
        return {"next": after, "wrong": wrong}

    return await page(request, "login.html", make)


async def log_in(request: web.Request) -> web.Response:
    """Begin a session for who shows the token."""
    face, peer = face_of(request), peer_of(request)
    check_origin(request, face.settings)
    form = await form_of(request)
    after = ours(form.get("next", "/"))
    try:
        face.access.check_token(form.get("token", ""), peer.address)
    except Problem as problem:
        response = await _page(request, after, problem.detail)
        response.set_status(problem.status)
        response.headers.update(problem.headers)
        return response
    response = web.Response(status=303, headers={"Location": after})
    is_https = peer.is_secure or (
        (face.settings.public_url or "").startswith("https://") and not peer.is_local
    )
    response.set_cookie(
        COOKIE,
        face.access.begin(),
        max_age=int(LASTS_FOR.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=is_https,
    )
    return response


async def log_out(request: web.Request) -> web.Response:
    """End the session."""
    face = face_of(request)
    face.access.check_form(request, (await form_of(request)).get("csrf", ""))
    face.access.end(request)
    response = web.Response(status=303, headers={"Location": "/"})
    response.del_cookie(COOKIE, path="/")
    return response


def ours(address: str) -> str:
    """Return the address if it is one of our own pages, else the first page: nobody is sent elsewhere."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_path and address.isprintable() and len(address) < 500 else "/"


ROUTES = [web.get("/login", show), web.post("/login", log_in), web.post("/logout", log_out)]
