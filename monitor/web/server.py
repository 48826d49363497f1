"""The server: doors, guards and limits, on one address."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from contextlib import suppress
from importlib import import_module
from pkgutil import iter_modules

from aiohttp import web

from monitor.config import DaemonConfig
from monitor.config.loopback import is_loopback
from monitor.errors import ConfigError
from monitor.web import doors
from monitor.web.connections import Connections
from monitor.web.face import FACE, Face
from monitor.web.guards import guards
from monitor.web.hands import Hands
from monitor.web.pages import KEPT

log = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
MOST_HEADERS = 64
LONGEST_HEADER = 8190
BACKLOG = 256


class Server:
    """Serves the pages of one house, on one address."""

    def __init__(self, hands: Hands, connections: Connections | None = None) -> None:
        self._hands = hands
        self._connections = Connections() if connections is None else connections
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self._watching: asyncio.Task[None] | None = None
        self._face: Face | None = None

    @property
    def port(self) -> int:
        """The port it listens on, 0 where it does not."""
        sockets = self._listening.sockets if self._listening is not None else ()
        return int(sockets[0].getsockname()[1]) if sockets else 0

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigError: the address can be reached from elsewhere, and no proxy is said to be in front.
            OSError: the address cannot be had.
        """
        host, port = address_of(self._hands.settings)
        self._face = Face(self._hands)
        app = application(self._face, self._connections)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=60.0,
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
            max_headers=MOST_HEADERS,
            auto_decompress=False,
            logger=_silent(),
            lingering_time=1.0,
        )
        await self._runner.setup()
        try:
            server = self._runner.server
            assert server is not None  # noqa: S101  (for the type alone: setup has made it)
            self._listening = await asyncio.get_running_loop().create_server(
                self._connections.guarded(server), host, port, backlog=BACKLOG
            )
        except OSError:
            await self.stop()
            raise
        self._watching = asyncio.create_task(self._connections.watch())

    async def stop(self) -> None:
        """Answer nobody any more."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        if self._listening is not None:
            self._listening.close()
        if self._face is not None:
            await self._face.live.stop()
            self._face.hurry.stop()
        if self._runner is not None:
            await self._runner.shutdown()
            if self._runner.server is not None:
                await self._runner.server.shutdown(1.0)
            await self._runner.cleanup()
        self._listening = self._watching = self._runner = self._face = None


def _silent() -> logging.Logger:
    """Return a logger for what aiohttp says of requests that are none: anybody could fill the log."""
    silent = logging.getLogger(f"{__name__}.requests")
    silent.setLevel(logging.CRITICAL)
    return silent


def address_of(settings: DaemonConfig) -> tuple[str, int]:
    """Return where to listen.

    Raises:
        ConfigError: it can be reached from elsewhere, and no proxy is said to be in front.
    """
    host, _, port = settings.listen.rpartition(":")
    if not is_loopback(host) and not settings.trusted_proxies:
        raise ConfigError(
            (f"daemon.listen: {host} can be reached from elsewhere, and trusted_proxies is empty",)
        )
    return host.strip("[]"), int(port)


def application(face: Face, connections: Connections) -> web.Application:
    """Return the application with every door there is."""
    app = web.Application(middlewares=guards(connections), client_max_size=MOST_BYTES)
    app[FACE] = face
    app[KEPT] = OrderedDict()
    for module in iter_modules(doors.__path__):
        app.add_routes(import_module(f"{doors.__name__}.{module.name}").ROUTES)
    return app
