"""The alerts as a feed (Atom, RFC 4287)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from aiohttp import web

from monitor.messages import instant, legible
from monitor.model import Alert, AlertState
from monitor.web.face import face_of, peer_of
from monitor.web.pages import etag_of, is_known, iso

MOST = 50
ATOM = "http://www.w3.org/2005/Atom"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def feed(request: web.Request) -> web.Response:
    """Return the feed, newest first."""
    face = face_of(request)
    alerts = await asyncio.to_thread(face.hands.reader.alerts, most=MOST)
    site = face.settings.public_url or f"http://{peer_of(request).host}"
    if face.settings.public_url is None and request.url.port not in {None, 80}:
        site = f"{site}:{request.url.port}"
    body = written(alerts, site)
    headers = {
        "ETag": f'"{etag_of(body)}"',
        "Cache-Control": "public, max-age=60",
        "Content-Type": "application/atom+xml; charset=utf-8",
    }
    if is_known(request, etag_of(body)):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers=headers)


def written(alerts: Sequence[Alert], site: str) -> bytes:
    """Return the document; the ids stay the same whatever becomes of an alert."""
    register_namespace("", ATOM)
    root = Element(f"{{{ATOM}}}feed")
    _add(root, "id", f"{site}/feed.atom")
    _add(root, "title", "tagdrift: alerts")
    _add(root, "updated", iso(max(map(_updated, alerts), default=EPOCH)))
    author = SubElement(root, f"{{{ATOM}}}author")
    _add(author, "name", "tagdrift")
    SubElement(root, f"{{{ATOM}}}link", rel="self", href=f"{site}/feed.atom", type="application/atom+xml")
    SubElement(root, f"{{{ATOM}}}link", rel="alternate", href=f"{site}/", type="text/html")
    for alert in alerts:
        _entry(root, alert, site)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}'.encode()


def _entry(root: Element, alert: Alert, site: str) -> None:
    entry = SubElement(root, f"{{{ATOM}}}entry")
    page = f"{site}/alerts/{alert.id}"
    word = alert.check.value if alert.state is AlertState.FIRING else alert.state.value
    _add(entry, "id", page)
    _add(entry, "title", f"[{word}] {legible(alert.target)}: {legible(alert.sentence, 300)}")
    _add(entry, "published", iso(alert.fired_at or alert.since))
    _add(entry, "updated", iso(_updated(alert)))
    SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=page, type="text/html")
    SubElement(entry, f"{{{ATOM}}}category", term=alert.check.value)
    now = _updated(alert)
    ended = "" if alert.resolved_at is None else f" It ended {instant(alert.resolved_at, now)}."
    _add(entry, "summary", f"Since {instant(alert.since, now)}: {legible(alert.sentence, 400)}.{ended}")


def _updated(alert: Alert) -> datetime:
    """Return the last edge in its life."""
    edges = (alert.since, alert.fired_at, alert.resolved_at)
    escalated = alert.critical_at if alert.severity == "critical" else None
    return max(at for at in (*edges, escalated) if at is not None)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = text


ROUTES = [web.get("/feed.atom", feed)]
