"""The world of a soak: projects publish and announce, and one answer in twenty is wrong."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from bisect import bisect
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.conftest import START, ManualClock
from tests.servers.site import Site

# A fault lasts this long. None follows at once, nor at the next look: that would be told, rightly.
FAULT_FOR = timedelta(minutes=2)
APART_FOR = timedelta(hours=3, minutes=30)
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
LASTING = ("503", "404", "reset", "html", "nothing", "cut", "cut gzip")
# One answer only: what is true of them for longer is no fault any more.
ONCE = ("shrunk", "emptied", "stale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One release, and when the metadata names it."""

    tag: str
    published_at: datetime
    named_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether it is to be told: two hours of grace, a look every three, and one may be wrong."""
        return self.named_at - self.published_at > timedelta(hours=8)


def timeline(name: str, *, seed: int, days: int) -> tuple[Publication, ...]:
    """Return what this project publishes: every week or two, and now and then it is named hours too late."""
    chance = random.Random(f"{seed}/{name}")
    first = START - timedelta(days=30)
    publications = [Publication(tag="1.0", published_at=first, named_at=first)]
    at = START + timedelta(hours=chance.uniform(12, 72))
    while at < START + timedelta(days=days - 2):
        kind = chance.choices(("prompt", "slow", "early", "late"), (43, 31, 14, 12))[0]
        lag = {
            "prompt": chance.uniform(0, 20),
            "slow": chance.uniform(20, 60),
            "early": -chance.uniform(1, 15),
            "late": chance.uniform(60 * 9, 60 * 22),
        }[kind]
        tag = f"1.{len(publications)}"
        at = at.replace(second=0, microsecond=0)
        publications.append(
            Publication(tag=tag, published_at=at, named_at=at + timedelta(minutes=round(lag)))
        )
        at += timedelta(days=chance.uniform(5, 15))
    return tuple(publications)


@dataclass
class World:
    """What every path answers at this instant."""

    clock: ManualClock
    seed: int
    days: int
    names: tuple[str, ...]
    faults: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    _last: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _bodies: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._timelines = {name: timeline(name, seed=self.seed, days=self.days) for name in self.names}
        self._changes = {
            name: sorted(at for each in publications for at in (each.published_at, each.named_at))
            for name, publications in self._timelines.items()
        }

    def late(self, name: str) -> tuple[Publication, ...]:
        """Return the drifts that must be told of this target."""
        return tuple(each for each in self._timelines[name] if each.is_late)

    def serve(self, site: Site) -> None:
        for name in self.names:
            site.script(f"/{name}/latest.json", self._answering(f"{name}/metadata", name, self._latest))
            site.script(f"/{name}/releases.json", self._answering(f"{name}/releases", name, self._releases))

    def _body(self, side: str, name: str, document: Any, fault: str = "") -> bytes:
        """Return what that is as JSON, written once as long as nothing is published or named."""
        past = bisect(self._changes[name], self.clock.now())
        kept = self._bodies.get((side, fault))
        if kept is None or kept[0] != past:
            self._bodies[side, fault] = kept = (past, json.dumps(document(name, fault)).encode())
        return kept[1]

    def _latest(self, name: str, fault: str) -> Any:
        now = self.clock.now()
        named = [each.tag for each in self._timelines[name] if each.named_at <= now]
        if fault == "emptied":
            return {}
        return {"tag": named[-2:][0] if fault == "stale" else named[-1]}

    def _releases(self, name: str, fault: str) -> Any:
        now = self.clock.now()
        out = [each for each in self._timelines[name] if each.published_at <= now]
        rows = [{"tag": each.tag, "date": each.published_at.isoformat()} for each in out]
        return {"shrunk": rows[: len(rows) // 2], "emptied": [], "stale": rows[:-1]}.get(fault, rows)

    def _answering(self, side: str, name: str, document: Any) -> Any:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            self.answers += 1
            fault = self._fault(side)
            if fault == "stale" and "no-cache" in request.headers.get("Cache-Control", ""):
                fault = ""  # a copy that has aged is some cache's, and the second look goes past all of them
            if fault:
                self.faults[fault] += 1
            if fault == "reset":
                assert request.transport is not None
                request.transport.abort()
            if fault in LASTING:
                return _wrong(fault, self._body(side, name, document))
            return _right(request, self._body(side, name, document, fault))

        return answer

    def _fault(self, side: str) -> str:
        now = self.clock.now()
        began_at, kind = self._last.get(side, (EPOCH, ""))
        if now - began_at < FAULT_FOR and kind in LASTING:
            return kind
        if now - began_at < APART_FOR:
            return ""
        drawn = self._drawn(side, (now - EPOCH) // FAULT_FOR)
        if drawn:
            self._last[side] = (now, drawn)
        return drawn

    def _drawn(self, side: str, bucket: int) -> str:
        digest = hashlib.blake2b(f"{self.seed}/{side}/{bucket}".encode(), digest_size=4).digest()
        if int.from_bytes(digest[:2]) >= 0.055 * 65536:
            return ""
        return (*LASTING, *ONCE)[digest[2] % 10]


def _wrong(fault: str, body: bytes) -> web.StreamResponse:
    if fault in {"503", "404"}:
        return web.Response(status=int(fault))
    if fault == "cut gzip":
        headers = {"Content-Encoding": "gzip"}
        return web.Response(body=gzip.compress(body)[:-12], content_type="application/json", headers=headers)
    wrong = {"html": b"<html>Sign in to this network</html>", "cut": body[: len(body) // 2]}
    return web.Response(body=wrong.get(fault, b""), content_type="application/json")


def _right(request: web.BaseRequest, body: bytes) -> web.StreamResponse:
    etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    return web.Response(body=body, content_type="application/json", headers={"ETag": etag})
