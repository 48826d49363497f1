"""The section [daemon]."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monitor.config.durations import written
from monitor.config.ground import Ground
from monitor.config.loopback import is_loopback
from monitor.config.tables import DaemonTable, validated
from monitor.config.values import DaemonConfig
from monitor.sources.addresses import problem_with

STATE = Path("/var/lib/tagdrift")
SHORTEST_TOKEN = 16
# The shortest that each span may be: what is less would be a flood, or no span at all.
LEAST = {
    "interval": timedelta(seconds=1),
    "deadline_for": timedelta(seconds=1),
    "keep_observations": timedelta(hours=1),
    "give_up_after": timedelta(minutes=1),
}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")


def read_daemon(value: Any, environ: Mapping[str, str], ground: Ground) -> DaemonConfig:
    """Return what concerns the process; the defaults where the section is wrong, which is noted."""
    table = validated(DaemonTable, value, ("daemon",), ground.problems)
    if table is None:
        return DaemonConfig(database=database_of(None, environ, ground.folder))
    _check_spans(table, ground)
    _check_listen(table, value, ground)
    _check_lists(table, ground)
    return DaemonConfig(
        database=database_of(table.database, environ, ground.folder),
        public_url=_public_url(table.public_url, ground),
        heartbeat_url=_heartbeat_url(table.heartbeat_url, ground),
        interval=table.interval,
        jitter=table.jitter,
        deadline_for=table.deadline_for,
        keep_observations=table.keep_observations,
        group_over=table.group_over,
        give_up_after=table.give_up_after,
        listen=table.listen,
        public=table.public,
        trusted_proxies=table.trusted_proxies,
        hosts=table.hosts,
        token=_token(table.token, ground, "token"),
        hook_secret=_token(table.hook_secret, ground, "hook_secret"),
    )


def database_of(named: str | None, environ: Mapping[str, str], folder: Path) -> Path:
    """Return the one named, seen from the configuration's folder, else the one where systemd keeps state."""
    if named:
        return folder / named
    # systemd.exec(5): several directories are separated by colons.
    state = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return (Path(state) if state else STATE) / "tagdrift.db"


def _check_spans(table: DaemonTable, ground: Ground) -> None:
    for name, least in LEAST.items():
        if getattr(table, name) < least:
            ground.problems.add(("daemon", name), f"it is too short; want at least {written(least)}")
    if table.database == "":
        ground.problems.add(("daemon", "database"), "it is empty; want the path of a file")


def _check_listen(table: DaemonTable, value: Mapping[str, Any], ground: Ground) -> None:
    if not table.listen:
        return
    place = ("daemon", "listen")
    host, _, port = table.listen.rpartition(":")
    if not _HOST.fullmatch(host) or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        ground.problems.add(place, 'want host:port, like "127.0.0.1:8470", or "" to serve no pages')
    elif not is_loopback(host) and not value.get("trusted_proxies"):
        ground.problems.add(
            place,
            f"{host} can be reached from elsewhere; listen on 127.0.0.1, or put a proxy in front and name "
            'its address, like trusted_proxies = ["192.0.2.1"]',
        )


def _check_lists(table: DaemonTable, ground: Ground) -> None:
    for index, proxy in enumerate(table.trusted_proxies):
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            ground.problems.add(
                ("daemon", "trusted_proxies", index),
                "want an address or network, like 192.0.2.1 or 10.0.0.0/8",
            )
    for index, host in enumerate(table.hosts):
        if not _HOST.fullmatch(host):
            ground.problems.add(("daemon", "hosts", index), "want a host name without scheme, port and path")


def _public_url(url: str | None, ground: Ground) -> str | None:
    if url is None:
        return None
    problem = problem_with(url)
    if problem is None and urlsplit(url).query:
        problem = "has a query (?…)"
    if problem:
        ground.problems.add(("daemon", "public_url"), problem)
    return url.rstrip("/")


def _heartbeat_url(value: Any, ground: Ground) -> str | None:
    place = ("daemon", "heartbeat_url")
    url = value if isinstance(value, str) else _secret(value, place, ground)
    if url and (problem := problem_with(url)):
        ground.problems.add(place, problem)
    return url or None


def _token(value: Any, ground: Ground, key: str) -> str | None:
    token = _secret(value, ("daemon", key), ground)
    if token and len(token) < SHORTEST_TOKEN:
        ground.problems.add(("daemon", key), f"it is too short; want at least {SHORTEST_TOKEN} characters")
    return token or None


def _secret(value: Any, place: tuple[str, ...], ground: Ground) -> str | None:
    if value is None:
        return None
    reference = ground.secrets.reference(value, place)
    return None if reference is None else ground.secrets.fetch(reference, place)
