"""What the buttons of the pages do."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from monitor.web import writing
from monitor.web.bodies import form_of
from monitor.web.doors.alerts import id_of
from monitor.web.face import face_of

WHO = "web"


async def _form(request: web.Request) -> Mapping[str, str]:
    form = await form_of(request)
    face_of(request).access.check_form(request, form.get("csrf", ""))
    return form


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})


async def ack(request: web.Request) -> web.Response:
    """Ack an alert."""
    form, id_ = await _form(request), id_of(request.match_info["id"])
    comment = writing.text_of(form, "comment", writing.LONGEST_COMMENT)
    await writing.acknowledge(face_of(request), id_, who=WHO, comment=comment)
    return _to(f"/alerts/{id_}")


async def unack(request: web.Request) -> web.Response:
    """Take an ack back."""
    await _form(request)
    id_ = id_of(request.match_info["id"])
    await writing.take_back(face_of(request), id_, who=WHO)
    return _to(f"/alerts/{id_}")


async def silence(request: web.Request) -> web.Response:
    """Silence what matches."""
    form = await _form(request)
    await writing.silence(face_of(request), form)
    return _to("/silences")


async def unsilence(request: web.Request) -> web.Response:
    """End a silence."""
    await _form(request)
    await writing.end_silence(face_of(request), id_of(request.match_info["id"]))
    return _to("/silences")


async def look(request: web.Request) -> web.Response:
    """Look at both sides of a target."""
    await _form(request)
    name = request.match_info["name"]
    writing.look(face_of(request), name)
    return _to(f"/targets/{quote(name, safe='')}")


ROUTES = [
    web.post("/alerts/{id}/ack", ack),
    web.post("/alerts/{id}/unack", unack),
    web.post("/silences", silence),
    web.post("/silences/{id}/end", unsilence),
    web.post("/targets/{name}/look", look),
]
