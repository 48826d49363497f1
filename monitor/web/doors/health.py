"""Whether we live, and whether we are ready to be relied on."""

from __future__ import annotations

import logging

from aiohttp import web

from monitor import __version__
from monitor.errors import StoreError
from monitor.status import Status
from monitor.web.face import face_of

log = logging.getLogger(__name__)

STALLED_SECONDS = 60


async def alive(request: web.Request) -> web.Response:
    """Return 200 while the house is woken as it should be; a restart mends no database."""
    try:
        status = await face_of(request).status()
    except StoreError:
        return web.json_response({"status": "alive", "version": __version__})
    last = status.daemon.last_tick_at
    seconds = 0.0 if last is None else (status.generated_at - last).total_seconds()
    if seconds > STALLED_SECONDS:
        return web.json_response({"status": "stalled", "last_tick_seconds_ago": int(seconds)}, status=503)
    return web.json_response({"status": "alive", "version": status.version})


async def ready(request: web.Request) -> web.Response:
    """Return 200 once everything was looked at, and while we can write and send."""
    try:
        found = checks(await face_of(request).status())
    except StoreError as error:
        log.warning("%s", error)
        found = {"can_read": False}
    is_ready = all(found.values())
    return web.json_response({"status": "ready" if is_ready else "not ready", "checks": found},
                             status=200 if is_ready else 503)  # fmt: skip


def checks(status: Status) -> dict[str, bool]:
    """Return what must hold, by name."""
    return {
        "can_read": True,
        "has_looked": status.daemon.has_looked,
        "can_write": not any("database" in fault for fault in status.daemon.faults),
        "can_send": all(receiver.failing_since is None for receiver in status.receivers),
        "can_see": status.daemon.blind_since is None,
    }


ROUTES = [web.get("/healthz", alive), web.get("/readyz", ready)]
