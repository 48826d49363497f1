"""For downstream tools: the last good metadata, what it is worth, and the version to use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from monitor.model import CheckName, Document
from monitor.status import Look, TargetStatus, Word
from monitor.web.doors.api_reads import NAME
from monitor.web.doors.targets import named
from monitor.web.face import face_of
from monitor.web.operations import Operation, Parameter, answer
from monitor.web.problems import Problem

# When we are down, a client or proxy may go on with what it has for a week: that is what a cache is for.
CACHING = "public, max-age=60, stale-while-revalidate=300, stale-if-error=604800"
FRESH_FOR = timedelta(minutes=30)
INTERVALS = 3
DOUBTS = frozenset({CheckName.UNLISTED, CheckName.MALFORMED, CheckName.UNREACHABLE, CheckName.AMBIGUOUS})
LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestDocument:
    """The metadata as it was served: parsed where it is JSON, else as text."""

    url: str
    content_type: str
    etag: str | None
    json: Any
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """What a target's metadata names and what it is worth.

    `use` is the version to use: the newest that is out where the metadata is behind or names what is not
    out. `is_verified` is whether both sides were read well lately and the named version is among the
    releases; `doubts` say why not. `read_at` is when the document was last read well.
    """

    target: str
    named: str | None
    use: str | None
    newest: str | None
    is_behind: bool
    behind_for: timedelta | None
    missing: tuple[str, ...]
    is_verified: bool
    doubts: tuple[str, ...]
    read_at: datetime | None
    checked_at: datetime | None
    document: LatestDocument | None


async def latest(request: web.Request) -> web.Response:
    """Return it; with `verified=1` 503 rather than what is not verified."""
    face = face_of(request)
    picture = await face.status()
    one = named(picture.target(request.match_info["name"]))
    interval = face.hands.targets[one.name].interval
    found = latest_of(one, face.hands.document(one.name), picture.generated_at, interval)
    if request.query.get("verified", "") not in {"", "0"} and not found.is_verified:
        headers = {"Retry-After": "60", "Cache-Control": "no-store"}
        raise Problem(503, f"this is not verified: {'; '.join(found.doubts)}", headers)
    return answer(request, found, caching=CACHING)


def latest_of(one: TargetStatus, document: Document | None, now: datetime, interval: timedelta) -> Latest:
    """Return what the metadata is worth."""
    doubts = tuple(doubts_of(one, now, max(FRESH_FOR, INTERVALS * interval)))
    is_behind = bool(one.missing)
    is_listed = CheckName.UNLISTED not in one.checks
    return Latest(
        target=one.name,
        named=one.named,
        use=one.named if is_listed and not is_behind else one.newest,
        newest=one.newest,
        is_behind=is_behind,
        behind_for=one.lag_for,
        missing=one.missing,
        is_verified=not doubts,
        doubts=doubts,
        read_at=one.metadata.good_at,
        checked_at=one.releases.good_at,
        document=None if document is None else _shown(document),
    )


def doubts_of(one: TargetStatus, now: datetime, fresh_for: timedelta) -> list[str]:
    """Return why what is named is not to be relied on; nothing where it is."""
    doubts = [f"an alert is open: {check}" for check in one.checks if check in DOUBTS]
    if one.named is None:
        doubts.append("nothing is named")
    if one.word is Word.BLIND:
        doubts.append("no host answers: it is us")
    for side in (one.metadata, one.releases):
        if side.good_at is None:
            doubts.append(f"the {side.side} were never read well")
        elif now - side.good_at > fresh_for:
            doubts.append(f"the {side.side} were last read well at {side.good_at:%Y-%m-%d %H:%M} UTC")
        elif side.look is Look.MALFORMED:
            doubts.append(f"the {side.side} cannot be understood now")
    return doubts


def _shown(document: Document) -> LatestDocument:
    text = document.body[:LARGEST].decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    return LatestDocument(
        url=document.url.partition("?")[0],
        content_type=document.content_type,
        etag=document.etag,
        json=parsed,
        text=text if parsed is None else None,
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/targets/{name}/latest",
        handler=latest,
        summary="For downstream tools: the last good metadata, whether it is behind, and what to use.",
        gives=Latest,
        parameters=(
            NAME,
            Parameter(
                name="verified",
                summary="1: answer 503 rather than something that is not verified.",
                schema={"type": "string", "enum": ["0", "1"]},
            ),
        ),
    ),
)
ROUTES = [operation.route for operation in OPERATIONS]
