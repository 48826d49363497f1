"""Sources as they are served: nginx, git behind nginx, and a proxy in between. A daemon looks at each."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from tests.real.network import Network, network
from tests.real.watching import watching
from tests.real.webservers import Nginx, nginx, tinyproxy
from tests.servers.repositories import QUIET

pytestmark = pytest.mark.real

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
            await daemon.more_looks("good", 4)
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
    names = {"files.test": (FILES,), "other.test": (FILES,)}
    with (
        tinyproxy(inner, PROXY) as proxy,
        inner.naming(names),
        nginx(inner, certificate=bundle) as files,
    ):
        through = {"https_proxy": proxy.url, "http_proxy": proxy.url, "no_proxy": "127.0.0.1"}
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
            await daemon.more_looks("unreachable", 6)
            assert daemon.alerts() == [("all targets", "blind")]
            sentences = {name: daemon.sentences(name) for name in bases}
            proxy.start()
            for name in bases:
                await daemon.told_of("behind", name)
            assert await daemon.end() == 0
    for name, base in bases.items():
        # One look may have been under way when it ended.
        down = [each for each in sentences[name] if "could not be reached (connection refused)" in each]
        assert down
        assert all(f"the proxy {PROXY}:{proxy.port} for {base}/" in each for each in down)
        record_property("figure", down[0])
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
