"""Sources as they are served: nginx, git behind nginx, a proxy in between, GitHub. A daemon looks at each."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from monitor.model import Failure
from monitor.store.reader import Reader
from tests.real.network import InnerSite, Network, network
from tests.real.running import CONFIG, RECEIVER, Running
from tests.real.webservers import Nginx, Tinyproxy, nginx
from tests.servers.github import QUOTA, GitHub, Limit
from tests.servers.repositories import QUIET
from tests.servers.site import Site

pytestmark = pytest.mark.real

CHAT = "chat"
CHATS_PORT = 8000
PROXY, FILES = "198.51.100.9", "198.51.100.10"
DAYS_AGO = datetime.now(UTC) - timedelta(days=9)
ROWS = json.dumps([
    {"tag": "1.0.0", "at": DAYS_AGO.isoformat()},
    {"tag": "1.1.0", "at": (DAYS_AGO + timedelta(days=7)).isoformat()},
])  # fmt: skip
JSON_TARGET = """
[targets.{name}]
metadata = {{ kind = "json", url = "{base}/latest.json", path = "$.tag" }}
releases = {{ kind = "json", url = "{base}/releases.json", path = "$[*].tag", date_path = "$[*].at" }}
"""


@dataclass
class Watching(Running):
    """The daemon, with targets that are given as TOML."""

    receivers: tuple[str, ...] = (CHAT,)

    def watch(self, targets: str, *, more: str = "") -> None:
        """Write the configuration."""
        (self.folder / "data").mkdir(exist_ok=True)
        self.told[CHAT] = []
        self.site.script(f"/{CHAT}", self._receive)
        text = CONFIG.format(folder=self.folder, daemon=self.daemon)
        text += RECEIVER.format(name=CHAT, port=self.site.port)
        (self.folder / "config.toml").write_text(text + targets + more)

    async def told_of(self, word: str, name: str, within: float = 120) -> None:
        """Wait until the chat was told this word of this target."""
        await self.until(lambda: (word, name) in self.counted(CHAT), f"{word} of {name} is told", within)

    def looks(self, outcome: str, name: str = "%", side: str = "%") -> int:
        """Return how many looks came out so."""
        which = f"target LIKE '{name}' AND side LIKE '{side}'"
        query = f"SELECT count(*) FROM observation_log WHERE outcome = '{outcome}' AND {which}"
        return int(self.sql(query)[0][0])

    async def more_looks(self, outcome: str, more: int, name: str = "%") -> None:
        """Wait until so many more looks came out so."""
        before = self.looks(outcome, name)
        await self.until(lambda: self.looks(outcome, name) >= before + more, f"{more} {outcome} looks", 120)

    def sentences(self, name: str) -> list[str]:
        """Return what was recorded of this target's failed looks."""
        reader = Reader(self.database)
        try:
            seen = [each.outcome for each in reader.history(name)]
        finally:
            reader.close()
        return [outcome.sentence for outcome in seen if isinstance(outcome, Failure)]

    def alerts(self) -> list[tuple[str, str]]:
        """Return target and check of every alert there was."""
        return self.sql('SELECT target, "check" FROM alert_history ORDER BY id')


@asynccontextmanager
async def watching(inner: Network, folder: Path, **environ: str) -> AsyncIterator[Watching]:
    """Give a daemon of that network, not yet started, and the chat that it tells."""
    site = await InnerSite(inner, port=CHATS_PORT).open()
    daemon = Watching(folder, site, wrapper=inner.wrapper(folder), environ=environ)
    try:
        yield daemon
    finally:
        if daemon.process is not None:
            await daemon.kill()
        await site.close()


@pytest.fixture
def inner(tmp_path: Path) -> Iterator[Network]:
    with network(tmp_path / "network") as inner:
        inner.gain(PROXY, FILES)
        yield inner


def publish(files: Nginx, *, named: str, second: int) -> None:
    files.write("latest.json", json.dumps({"tag": named}), second=second)
    files.write("releases.json", ROWS, second=0)


# --- nginx ---------------------------------------------------------------------------------------


async def test_files_of_nginx_are_asked_for_on_condition_and_a_changed_one_is_noticed(
    inner: Network, tmp_path: Path
) -> None:
    with nginx(inner) as files:
        async with watching(inner, tmp_path) as daemon:
            publish(files, named="1.1.0", second=1)
            daemon.watch(JSON_TARGET.format(name="widget", base="http://127.0.0.1"))
            await daemon.start()
            await daemon.more_looks("good", 6)
            first, *later = files.asked("/latest.json")
            assert (first["status"], first["condition"]) == (200, "")
            assert {(look["status"], look["condition"] != "") for look in later} == {(304, True)}
            publish(files, named="1.0.0", second=2)
            await daemon.told_of("behind", "widget")
            # The second look asks every cache to step aside, and sets no condition.
            whole = [look for look in files.asked("/latest.json") if look["cache"] == "no-cache"]
            assert [(look["status"], look["condition"]) for look in whole] == [(200, "")]
            publish(files, named="1.1.0", second=3)
            await daemon.told_of("resolved", "widget")
            assert daemon.looks("good") == daemon.sql("SELECT count(*) FROM observation_log")[0][0]
            assert await daemon.end() == 0


# --- git -----------------------------------------------------------------------------------------


async def test_tags_of_a_repository_behind_nginx_are_asked_for_by_protocol_2_and_a_new_one_is_noticed(
    inner: Network, tmp_path: Path
) -> None:
    with nginx(inner) as files:
        repository = files.folder / "git" / "widget.git"
        git("init", "-q", "--bare", str(repository))
        commit = git("-C", str(repository), "commit-tree", EMPTY_TREE, "-m", "a commit")
        git("-C", str(repository), "tag", "v1.0.0", commit)
        async with watching(inner, tmp_path) as daemon:
            publish(files, named="1.0.0", second=1)
            daemon.watch(GIT_TARGET)
            await daemon.start()
            git("-C", str(repository), "tag", "-a", "-m", "a tag", "v1.1.0", commit)
            await daemon.told_of("behind", "widget")
            publish(files, named="1.1.0", second=2)
            await daemon.told_of("resolved", "widget")
            assert daemon.looks("good") == daemon.sql("SELECT count(*) FROM observation_log")[0][0]
            assert await daemon.end() == 0
        refs = files.asked("/git/widget.git/git-upload-pack")
        assert {(asked["method"], asked["status"]) for asked in refs} == {("POST", 200)}


EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
GIT_TARGET = """
[targets.widget]
metadata = { kind = "json", url = "http://127.0.0.1/latest.json", path = "$.tag" }
releases = { kind = "git", url = "http://127.0.0.1/git/widget.git" }
threshold = "0s"
tags = "v(?P<version>.+)"
"""


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], env=QUIET, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# --- a proxy -------------------------------------------------------------------------------------


@pytest.mark.fault(
    "the proxy is down",
    how="tinyproxy, through which alone the sources can be reached, is ended and begun again",
    promise="told as our own trouble, once; no target is blamed, and what changed is told when it is up",
)
async def test_sources_behind_a_proxy_are_reached_through_it_alone_and_its_end_is_our_own_trouble(
    inner: Network, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    bundle = certified(tmp_path, "files.test")
    proxy = Tinyproxy(network=inner, address=PROXY)
    through = {"https_proxy": proxy.url, "http_proxy": proxy.url, "no_proxy": "127.0.0.1"}
    names = {"files.test": (FILES,), "other.test": (FILES,)}
    with inner.naming(names), nginx(inner, certificate=bundle) as files:
        inner.drop(f"ip daddr {FILES} ip saddr != {PROXY} drop")
        trusted = {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}
        async with watching(inner, tmp_path, **through, **trusted) as daemon:
            publish(files, named="1.1.0", second=1)
            bases = {"by-tls": "https://files.test", "plain": "http://other.test"}
            daemon.watch("".join(JSON_TARGET.format(name=name, base=base) for name, base in bases.items()))
            proxy.start()
            await daemon.start()
            proxy.stop()
            await daemon.told_of("blind", "all targets")
            publish(files, named="1.0.0", second=2)
            await daemon.more_looks("unreachable", 8)
            assert daemon.alerts() == [("all targets", "blind")]
            sentences = {name: daemon.sentences(name) for name in bases}
            proxy.start()
            for name in bases:
                await daemon.told_of("behind", name)
            assert await daemon.end() == 0
        proxy.stop()
    for name, base in bases.items():
        assert sentences[name]
        assert all(f"the proxy for {base}/" in each for each in sentences[name])
        assert all("could not be reached (connection refused)" in each for each in sentences[name])
    record_property("figure", sentences["by-tls"][0])
    assert {asked["client"] for asked in files.asked("/latest.json")} == {PROXY}
    assert "CONNECT files.test:443 HTTP/1.1" in proxy.log()
    assert "GET http://other.test/latest.json HTTP/1.1" in proxy.log()


def certified(folder: Path, name: str) -> Path:
    """Make a certificate and its key, in one file, and the authority that it is of in `authority.pem`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    issued = authority.issue_cert(name)
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    return folder / "server.pem"


# --- GitHub --------------------------------------------------------------------------------------

GITHUB_TARGETS = {
    "graphql": 'kind = "github"\nrepo = "{repo}"\ntoken = "ours"\napi_url = "{api}"\nweb_url = "{web}"',
    "feed": 'kind = "github"\nrepo = "{repo}"\nweb_url = "{web}"',
    "rest": """
kind = "json"
url = "{api}/repos/{repo}/releases?per_page=50"
path = "$[*].tag_name"
date_path = "$[*].published_at"
prerelease_path = "$[*].prerelease"
token = "ours"
""",
}
GITHUB_TARGET = """
[targets.{name}]
threshold = "0s"
metadata = {{ kind = "json", url = "{metadata}", path = "$.tag" }}
[targets.{name}.releases]
{releases}
"""
LIMITS = (
    Limit(status=403, retry_after=2),
    Limit(status=429, retry_after=2),
    Limit(status=200, retry_after=2),
    Limit(is_quota=True),
)


@pytest.mark.fault(
    "GitHub limits us",
    how="a stand-in, checked against what GitHub publishes of its API, answers 403, 429, 200 with an error,"
    " and that the quota is spent",
    promise="recorded as a limit and obeyed; no alert; a release published meanwhile is told when it is over",
)
async def test_what_githubs_limits_hide_is_told_once_they_are_over(
    tmp_path: Path,
    site: Site,
    open_site: Callable[[], Awaitable[Site]],
    record_property: Callable[[str, object], None],
) -> None:
    githubs = {name: GitHub(await open_site()) for name in GITHUB_TARGETS}
    daemon = Watching(tmp_path, site, environ={"TOKEN": "a-token"})
    try:
        for github in githubs.values():
            github.publish("v1.0.0", at=DAYS_AGO)
        site.answer("/latest.json", {"tag": "v1.0.0"}, etag='"1"')
        daemon.watch(
            "".join(github_target(name, github, site) for name, github in githubs.items()), more=TOKEN
        )
        await daemon.start()
        for limit in LIMITS:
            await limited(daemon, githubs, limit)
        assert daemon.alerts() == []
        for name, github in githubs.items():
            github.publish("v1.1.0", at=datetime.now(UTC))
            await daemon.told_of("behind", name)
        site.answer("/latest.json", {"tag": "v1.1.0"}, etag='"2"')
        for name in githubs:
            await daemon.told_of("resolved", name)
        assert await daemon.end() == 0
    finally:
        if daemon.process is not None:
            await daemon.kill()
    assert {outcome for (outcome,) in daemon.sql("SELECT outcome FROM observation_log")} == {
        "good",
        "limited",
    }
    assert all("wants to be left alone until" in each for name in githubs for each in daemon.sentences(name))
    record_property("times", daemon.looks("limited"))
    record_property("figure", daemon.sentences("graphql")[0])
    # What has not changed is asked for on condition, which costs nothing of the quota.
    asked = githubs["rest"].asked
    assert {request.headers.get("If-None-Match", "")[:2] for request in asked[1:]} >= {"W/"}
    assert githubs["rest"].left["core"] > QUOTA - len(asked) / 2


TOKEN = '[credentials.ours]\nenv = "TOKEN"\n'


def github_target(name: str, github: GitHub, site: Site) -> str:
    releases = GITHUB_TARGETS[name].format(repo=github.repo, api=github.api_url, web=github.web_url)
    return GITHUB_TARGET.format(name=name, metadata=site.url("/latest.json"), releases=releases)


async def limited(daemon: Watching, githubs: Mapping[str, GitHub], limit: Limit) -> None:
    """Let this limit stand until each target has met it, then let all be read again."""
    meets = [name for name in githubs if name != "feed" or not limit.is_quota]
    before = {name: daemon.looks("limited", name) for name in meets}
    for github in githubs.values():
        github.meet(limit, timedelta(seconds=2))
    await daemon.until(
        lambda: all(daemon.looks("limited", name) > before[name] for name in meets), f"{limit} is met", 120
    )
    for github in githubs.values():
        github.relax()
    again = {name: daemon.looks("good", name, "releases") for name in githubs}
    await daemon.until(
        lambda: all(daemon.looks("good", name, "releases") > again[name] for name in githubs),
        "all is read",
        120,
    )
