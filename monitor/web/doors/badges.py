"""A badge for a README: how a target stands, in a word and a colour."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from monitor.messages import legible
from monitor.status import TargetStatus, Word
from monitor.web.doors.targets import named
from monitor.web.face import face_of
from monitor.web.pages import etag_of, is_known
from monitor.web.wording import COLOURS, SHIELD_COLOURS, tone_of

LABEL = "latest release"
LONGEST = 40
CACHING = "public, max-age=60, stale-if-error=86400"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label={title}>'
    "<title>{text}</title>"
    '<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>'
    '<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#4a4f55"/>'
    '<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
    '<text x="{label_x}" y="14" textLength="{label_length}">{label}</text>'
    '<text x="{message_x}" y="14" textLength="{message_length}">{message}</text></g></svg>\n'
)
# Widths of Verdana's letters at 11 px, roughly; textLength makes up for the rest.
NARROW, WIDE = frozenset("fijlrtI.,:;'|! ()[]"), frozenset("mwMW@%")


async def svg(request: web.Request) -> web.Response:
    """Return the picture."""
    one = named((await face_of(request).status()).target(request.match_info["name"]))
    body = drawn(LABEL, message_of(one), COLOURS[tone_of(one)]).encode()
    headers = {
        "ETag": f'"{etag_of(body)}"',
        "Cache-Control": CACHING,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Content-Type": "image/svg+xml; charset=utf-8",
    }
    if is_known(request, etag_of(body)):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers=headers)


async def shield(request: web.Request) -> web.Response:
    """Return what shields.io makes a badge of (its endpoint badge)."""
    one = named((await face_of(request).status()).target(request.match_info["name"]))
    told: dict[str, Any] = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": message_of(one),
        "color": SHIELD_COLOURS[tone_of(one)],
        "cacheSeconds": 300,
    }
    return web.json_response(told, headers={"Cache-Control": CACHING, "Access-Control-Allow-Origin": "*"})


def message_of(one: TargetStatus) -> str:
    """Return the word, and what is named where that is in step."""
    if one.word is Word.IN_STEP and one.named is not None:
        return legible(one.named, LONGEST)
    return one.word.value


def drawn(label: str, message: str, colour: str) -> str:
    """Return the picture; both texts may be anybody's."""
    left, right = _width(label) + 10, _width(message) + 10
    return SVG.format(
        width=left + right,
        left=left,
        right=right,
        colour=colour,
        title=quoteattr(f"{label}: {message}"),
        text=escape(f"{label}: {message}"),
        label=escape(label),
        message=escape(message),
        label_x=left / 2,
        message_x=left + right / 2,
        label_length=left - 10,
        message_length=right - 10,
    )


def _width(text: str) -> int:
    return round(sum(3.9 if sign in NARROW else 9.8 if sign in WIDE else 6.9 for sign in text))


ROUTES = [web.get("/badge/{name}.svg", svg), web.get("/badge/{name}.json", shield)]
