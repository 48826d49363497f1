"""Every target a row, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from monitor.status import Status, TargetStatus
from monitor.web.face import face_of
from monitor.web.pages import page
from monitor.web.wording import tone_of

PAGE = 200
LONGEST_QUERY = 100
TILES = (
    ("critical", "critical"),
    ("warning", "firing"),
    ("pending", "pending"),
    ("unknown", "unknown"),
    ("well", "in step"),
)
TONES = {word: tone for tone, word in TILES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which targets are asked for."""

    q: str = ""
    label: str = ""
    state: str = ""
    start: int = 0

    def address(self, **changed: Any) -> str:
        """Return the address of the overview with something changed."""
        asked = {"q": self.q, "label": self.label, "state": self.state, "start": self.start, **changed}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/?{query}" if query else "/"


async def overview(request: web.Request) -> web.Response:
    """Return the page."""
    face = face_of(request)
    picture = await face.pictures.now()
    wanted = wanted_by(request.query)

    async def make() -> Mapping[str, Any]:
        strips = await face.strips.now(picture.digest)
        return {**picture.shared, "strips": strips, **shown(picture.status, wanted)}

    return await page(request, "overview.html", make, key=(picture.number, wanted))


def wanted_by(query: Mapping[str, str]) -> Wanted:
    """Return what a query asks for; what makes no sense there is as good as not said."""
    start = query.get("start", "")
    return Wanted(
        q=query.get("q", "").strip()[:LONGEST_QUERY],
        label=query.get("label", "")[:LONGEST_QUERY],
        state=query.get("state", "") if query.get("state") in TONES else "",
        start=int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 0,
    )


def shown(status: Status, wanted: Wanted) -> dict[str, Any]:
    """Return what the page shows of this picture."""
    found = chosen(status.targets, wanted)
    rows = found[wanted.start : wanted.start + PAGE]
    counts = Counter(tone_of(target) for target in status.targets)
    labels = {f"{name}={value}" for target in status.targets for name, value in target.labels.items()}
    return {
        "rows": rows,
        "wrong": counts["critical"] + counts["warning"],
        "tiles": [(tone, word, counts[tone], Wanted(state=word).address()) for tone, word in TILES],
        "labels": sorted(labels),
        "q": wanted.q,
        "label": wanted.label,
        "state": wanted.state,
        "first": wanted.start + 1,
        "last": wanted.start + len(rows),
        "total": len(found),
        "before": wanted.address(start=max(wanted.start - PAGE, 0)) if wanted.start else None,
        "after": wanted.address(start=wanted.start + PAGE) if wanted.start + PAGE < len(found) else None,
    }


def chosen(targets: Iterable[TargetStatus], wanted: Wanted) -> Sequence[TargetStatus]:
    """Return the targets asked for, in the order in which they come."""
    words = wanted.q.lower().split()
    return [
        target
        for target in targets
        if (not wanted.state or tone_of(target) == TONES[wanted.state])
        and (not wanted.label or wanted.label in {f"{name}={value}" for name, value in target.labels.items()})
        and all(word in _text(target) for word in words)
    ]


def _text(target: TargetStatus) -> str:
    labels = " ".join(f"{name}={value}" for name, value in target.labels.items())
    parts = (target.name, target.named, target.newest, target.word, target.sentence, labels)
    return " ".join(part for part in parts if part).lower()


ROUTES = [web.get("/", overview)]
