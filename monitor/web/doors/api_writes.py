"""The API for writing: acks, silences, looks. All of it takes the token."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from monitor.status import AlertStatus, SilenceStatus
from monitor.web import writing
from monitor.web.bodies import json_of
from monitor.web.doors.alerts import alert_of, id_of
from monitor.web.doors.api_reads import ID, NAME
from monitor.web.face import face_of
from monitor.web.operations import Operation, answer

WHO = "api"
_TEXT = {"type": "string", "maxLength": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Whether looks were begun; False where one was just asked for, and is as good."""

    begun: bool


async def ack(request: web.Request) -> web.Response:
    """Ack an alert."""
    face, id_, given = face_of(request), id_of(request.match_info["id"]), await json_of(request)
    who = writing.text_of(given, "who", writing.LONGEST_WHO, WHO)
    comment = writing.text_of(given, "comment", writing.LONGEST_COMMENT)
    await writing.acknowledge(face, id_, who=who, comment=comment)
    return answer(request, await alert_of(face, id_))


async def unack(request: web.Request) -> web.Response:
    """Take an ack back."""
    face, id_ = face_of(request), id_of(request.match_info["id"])
    await writing.take_back(face, id_, who=WHO)
    return answer(request, await alert_of(face, id_))


async def silence(request: web.Request) -> web.Response:
    """Silence what matches."""
    face = face_of(request)
    made = await writing.silence(face, {"who": WHO, **await json_of(request)})
    shown = next(one for one in (await face.status()).silences if one.id == made.id)
    response = answer(request, shown, status=201)
    response.headers["Location"] = "/api/v1/silences"
    return response


async def unsilence(request: web.Request) -> web.Response:
    """End a silence."""
    await writing.end_silence(face_of(request), id_of(request.match_info["id"]))
    return web.Response(status=204)


async def look(request: web.Request) -> web.Response:
    """Look at both sides of a target."""
    begun = writing.look(face_of(request), request.match_info["name"])
    return answer(request, Looked(begun=begun), status=202)


_V1 = "/api/v1"
OPERATIONS = (
    Operation(
        method="PUT",
        path=f"{_V1}/alerts/{{id}}/ack",
        handler=ack,
        summary="Mute the repeats of an alert until a newer release is out.",
        gives=AlertStatus,
        parameters=(ID,),
        takes={"type": "object", "properties": {"who": _TEXT, "comment": _TEXT}},
        is_open=False,
    ),
    Operation(
        method="DELETE",
        path=f"{_V1}/alerts/{{id}}/ack",
        handler=unack,
        summary="Take the ack back.",
        gives=AlertStatus,
        parameters=(ID,),
        is_open=False,
    ),
    Operation(
        method="POST",
        path=f"{_V1}/silences",
        handler=silence,
        summary="Tell nothing of what matches for a while.",
        gives=SilenceStatus,
        status=201,
        takes={
            "type": "object",
            "properties": {
                "for": {"type": "string", "examples": ["4h"]},
                "target": _TEXT,
                "label": {**_TEXT, "examples": ["team=infra"]},
                "check": _TEXT,
                "who": _TEXT,
                "comment": _TEXT,
            },
            "required": ["for"],
        },
        is_open=False,
    ),
    Operation(
        method="DELETE",
        path=f"{_V1}/silences/{{id}}",
        handler=unsilence,
        summary="Let a silence end now.",
        gives=None,
        status=204,
        parameters=(ID,),
        is_open=False,
    ),
    Operation(
        method="POST",
        path=f"{_V1}/targets/{{name}}/look",
        handler=look,
        summary="Look at both sides now, past every cache.",
        gives=Looked,
        status=202,
        parameters=(NAME,),
        is_open=False,
    ),
)
ROUTES = [operation.route for operation in OPERATIONS]
