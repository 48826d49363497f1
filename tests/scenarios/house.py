"""The runner `daemon`: a scenario through the whole daemon, with loopback servers and a real database."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from monitor.config.durations import parse_duration, written
from monitor.model import Alert, Failure, Policy, Reading, Release, Side, Silence
from monitor.silences import ack_of
from monitor.store import Ledger, visit
from tests.conftest import ManualClock
from tests.housing import Housing
from tests.scenarios.reading import Happening, Scenario
from tests.scenarios.world import World
from tests.servers.github_words import connection, instant, node
from tests.servers.site import Site

TARGET = """
[targets.{name}]
interval = "{interval}"
{was}
[targets.{name}.metadata]
kind = "json"
url = "{metadata}"
path = "$.tags[*]"
[targets.{name}.releases]
{releases}
"""
COMPLETE = """
kind = "json"
url = "{url}"
path = "$[*].tag"
prerelease_path = "$[*].prerelease"
{dates}
"""
# GitHub's answers are what has windows: pages that never end.
WINDOW = """
kind = "github"
repo = "owner/name"
token = "github"
api_url = "{url}"
"""
STATUS = {"unreachable": 503, "refused": 404, "limited": 429}
MOMENT = timedelta(microseconds=1)


class ScenarioClock(ManualClock):
    """True time that passes as it is told to, and a daemon's clock that may be set."""

    async def sleep(self, wait_for: timedelta) -> None:
        await asyncio.sleep(wait_for.total_seconds() / 100)


@dataclass
class House:
    """A scenario being played by the daemon. `true_at` is what time it really is."""

    scenario: Scenario
    folder: Path
    sites: Mapping[Side, Site]
    world: World = field(default_factory=World)
    is_up: bool = False
    versions: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 1))
    policy: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.true_at = self.scenario.start
        self.name = self.scenario.target
        self.was = ""
        self.is_watched = True
        clock = ScenarioClock(self.scenario.start)
        self.clock = clock
        self.housing = Housing(self.folder, self.sites[Side.METADATA], clock, targets={})
        self.housing.receivers = list(self.scenario.receivers)
        for side, site in self.sites.items():
            for version in range(1, 4):
                site.script(f"/{side.value}/{version}", self._answering(side))
                site.script(f"/{side.value}/{version}/graphql", self._answering_as_github)
        self.housing.environ = {"TOKEN": "a-token"}
        self.housing.more = '[credentials.github]\nenv = "TOKEN"\n'

    # --- time ----------------------------------------------------------------------------------

    async def play(self) -> None:
        """Play it all."""
        left = list(self.scenario.happenings)
        for happening in [each for each in left if each.time <= self.scenario.start]:
            left.remove(happening)
            self.world.happen(happening.what, happening.time)
        self._configure()
        await self._start()
        while True:
            until = left[0].time if left else self.scenario.end
            await self._pass_until(until)
            if not left:
                break
            together = [each for each in left if each.time == until]
            left = left[len(together) :]
            await self._happen_together(together)

    async def _pass_until(self, until: datetime) -> None:
        while self.true_at < until:
            wait_for = until - self.true_at
            if self.is_up and (next_at := self.housing.rooms.house.next_at) is not None:
                wait_for = min(wait_for, max(next_at - self.clock.now(), MOMENT))
            self.true_at += wait_for
            self.clock.advance(wait_for)
            # What happens at an instant happens before what is due then.
            if self.is_up and self.true_at < until:
                await self.housing.tick()
        if self.is_up and not any(each.time == until for each in self.scenario.happenings):
            await self.housing.tick()

    # --- what happens --------------------------------------------------------------------------

    async def _happen_together(self, happenings: list[Happening]) -> None:
        for happening in happenings:
            self.world.happen(happening.what, happening.time)
        for happening in happenings:
            await self._happen(happening.what)
        if self.is_up:
            await self.housing.tick()

    async def _happen(self, what: Mapping[str, Any]) -> None:
        if "clock" in what:
            self.clock.at = what["clock"]
        if "daemon" in what:
            await (self._start() if what["daemon"] == "start" else self._stop())
        if {"policy", "source", "rename", "remove", "receivers"} & set(what):
            await self._reload(what)
        if "ack" in what:
            self._visit(lambda ledger: ledger.add_ack(self._ack(what["ack"])))
        if "silence" in what:
            self._visit(lambda ledger: ledger.add_silence(self._silence(what["silence"]["for"])))

    async def _start(self) -> None:
        self.is_up = True
        await self.housing.open()

    async def _stop(self) -> None:
        self.is_up = False
        await self.housing.close()

    async def _reload(self, what: Mapping[str, Any]) -> None:
        self.policy |= what.get("policy", {})
        for name in what.get("source", ()):
            self.versions[Side(name)] += 1
        if "rename" in what:
            self.was, self.name = self.name, what["rename"]
        self.is_watched = self.is_watched and not what.get("remove", False)
        self.housing.receivers = list(what.get("receivers", self.housing.receivers))
        self._configure()
        await self.housing.reload()

    def _visit(self, job: Callable[[Ledger], Any]) -> None:
        visit(self.housing.path, job, clock=self.clock)

    def _ack(self, check: str) -> Any:
        alert = next(each for each in self.alerts if each.check == check and each.resolved_at is None)
        return ack_of(alert, at=self.clock.now(), who="ada")

    def _silence(self, lasts: str) -> Any:
        now = self.clock.now()
        until_at = now + parse_duration(lasts)
        return Silence(id=0, from_at=now, until_at=until_at, who="ada", target=self.name)

    # --- the configuration -----------------------------------------------------------------------

    def _configure(self) -> None:
        self.housing.policy = "\n".join(self._policy_lines())
        self.housing.target_tables = [self._table()] if self.is_watched else [_spare(self.sites)]

    def _policy_lines(self) -> list[str]:
        lines = []
        for part in fields(Policy):
            value = getattr(self.scenario.policy, part.name)
            value = self.policy.get(part.name, value)
            if value is None:
                continue
            shown = written(value) if isinstance(value, timedelta) else value
            shown = list(shown) if isinstance(shown, tuple) else shown
            lines.append(f"{part.name} = {json.dumps(shown)}")
        return lines

    def _table(self) -> str:
        urls = {side: site.url(f"/{side.value}/{self.versions[side]}") for side, site in self.sites.items()}
        return TARGET.format(
            name=self.name,
            was=f'was = "{self.was}"' if self.was else "",
            interval=written(self.scenario.interval),
            metadata=urls[Side.METADATA],
            releases=self._releases_table(urls[Side.RELEASES]),
        )

    def _releases_table(self, url: str) -> str:
        if self.world.window is not None:
            return WINDOW.format(url=url)
        return COMPLETE.format(url=url, dates="" if self._is_undated() else 'date_path = "$[*].date"')

    def _is_undated(self) -> bool:
        return any(release.published_at is None for release in self.world.released.values())

    # --- the world, over HTTP --------------------------------------------------------------------

    def _answering(self, side: Side) -> Any:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            said = self.world.answer(side)
            if isinstance(said, Failure):
                return self._failing(side, request)
            age_for = self.world.cache_age_for if side is Side.METADATA else None
            headers = {} if age_for is None else {"Age": str(int(age_for.total_seconds()))}
            return _sent(request, _document(side, said), headers)

        return answer

    async def _answering_as_github(self, request: web.BaseRequest) -> web.StreamResponse:
        said = self.world.answer(Side.RELEASES)
        if isinstance(said, Failure):
            return self._failing(Side.RELEASES, request)
        after = json.loads(await request.read())["variables"]["after"]
        nodes = [_node(release) for release in said.releases] if after is None else []
        return web.json_response(connection(*nodes, after=f"{after or ''}x"))

    def _failing(self, side: Side, request: web.BaseRequest) -> web.StreamResponse:
        how = self.world.fails[side]
        if how == "silent":
            assert request.transport is not None
            request.transport.abort()
        if how == "malformed":
            return web.json_response({"nothing": "here"})
        headers = {"Retry-After": "1"} if how == "limited" else {}
        return web.Response(status=STATUS.get(how, 503), headers=headers)

    # --- what came of it -------------------------------------------------------------------------

    @property
    def alerts(self) -> list[Alert]:
        """Every alert that has fired, as it is now."""
        current = [*self.housing.rooms.house.watches.values()]
        states = {
            alert.id: alert for watch in current for alert in watch.state.alerts if alert.id is not None
        }
        stored = self.housing.reader.alerts()
        alerts = [states.get(alert.id, alert) for alert in stored]
        return sorted(alerts, key=lambda alert: (alert.fired_at, alert.check))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Every message that was delivered, in the words of a scenario, in the order of telling."""
        rows = [row for row in self.housing.reader.deliveries() if row.state == "delivered"]
        return [
            {
                "at": row.notification.at,
                "receiver": row.notification.receiver,
                "reason": row.notification.reason.value,
                "check": row.notification.check.value,
            }
            for row in reversed(rows)
        ]


def _document(side: Side, reading: Reading) -> Any:
    if side is Side.METADATA:
        return {"tags": [release.tag for release in reading.releases]}
    return [_row(release) for release in reading.releases if not release.draft]


def _row(release: Release) -> dict[str, Any]:
    row: dict[str, Any] = {"tag": release.tag, "prerelease": release.prerelease}
    if release.published_at is not None:
        row["date"] = release.published_at.isoformat()
    return row


def _node(release: Release) -> dict[str, Any]:
    return node(
        release.tag,
        publishedAt=instant(release.published_at),
        isPrerelease=bool(release.prerelease),
        isDraft=release.draft,
    )


def _sent(request: web.BaseRequest, document: Any, headers: Mapping[str, str]) -> web.StreamResponse:
    body = json.dumps(document).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {**headers, "ETag": etag}
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="application/json", headers=headers)


def _spare(sites: Mapping[Side, Site]) -> str:
    """Return a target that nothing is ever wrong with: a configuration watches something."""
    url = sites[Side.METADATA].url("/spare")
    sites[Side.METADATA].answer("/spare", {"tags": ["1.0"]}, etag='"1"')
    side = f'{{ kind = "json", url = "{url}", path = "$.tags[*]" }}'
    return f"[targets.spare]\nmetadata = {side}\nreleases = {side}\n"
