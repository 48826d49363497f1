"""Fixtures that more than one test file uses: a clock moved by hand, and where things lie."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    import trustme

    from monitor.fetcher import Fetcher
    from monitor.notifier import Notifier
    from monitor.store import Store
    from tests.facing import Facing
    from tests.housing import Housing
    from tests.outbox import Outbox
    from tests.real.installed import Installed
    from tests.servers.site import Site

START = datetime(2024, 10, 16, 12, 0, tzinfo=UTC)

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"
"""Real histories, which lie beside the project and are no part of it."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not REAL_DATA.is_dir():
        terminalreporter.write_line(f"{REAL_DATA} is not there: the tests of real histories showed nothing")


class ManualClock:
    """A clock that moves only when told to; `sleep` moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self.elapsed = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, wait_for: timedelta) -> None:
        self.advance(wait_for)
        await asyncio.sleep(0)

    def advance(self, by: timedelta) -> None:
        self.at += by
        self.elapsed += by.total_seconds()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


# --- loopback servers, and the real fetcher to ask them (tests/servers/site.py says how to script one) ---


@pytest.fixture
async def open_site() -> AsyncIterator[Callable[..., Awaitable[Site]]]:
    """Open scriptable HTTP servers: `await open_site()`, `await open_site(host="localhost", tls=…)`."""
    from tests.servers.site import Site

    async with AsyncExitStack() as stack:

        async def opened(**how: Any) -> Site:
            site = await Site(**how).open()
            stack.push_async_callback(site.close)
            return site

        yield opened


@pytest.fixture
async def site(open_site: Callable[..., Awaitable[Site]]) -> Site:
    """One scriptable HTTP server on 127.0.0.1."""
    return await open_site()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority of our own."""
    import trustme

    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a client trusts that trusts only `authority`."""
    import ssl

    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def certified(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """Make a server's TLS context: `certified("localhost")`; other arguments are trustme's `issue_cert`'s."""
    import ssl

    def context_of(*names: str, **how: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names, **how).configure_cert(context)
        return context

    return context_of


@pytest.fixture
async def tls_site(
    open_site: Callable[..., Awaitable[Site]], certified: Callable[..., ssl.SSLContext]
) -> Site:
    """One scriptable HTTPS server, certified by `authority` for localhost and 127.0.0.1."""
    return await open_site(host="localhost", tls=certified("localhost", "127.0.0.1"))


@pytest.fixture
async def open_fetcher(clock: ManualClock) -> AsyncIterator[Callable[..., Fetcher]]:
    """Make real fetchers, by default on the test's clock with nothing cached.

    `tls` and `resolver` are `open_session`'s, the rest is `Fetcher`'s.
    """
    from monitor.fetcher import Fetcher, MemoryCache, MemoryLimits, Proxies, open_session

    async with AsyncExitStack() as stack:

        def opened(*, tls: ssl.SSLContext | None = None, resolver: Any = None, **how: Any) -> Fetcher:
            session = open_session(tls=tls, resolver=resolver)
            stack.push_async_callback(session.close)
            parts: dict[str, Any] = {
                "clock": clock,
                "credentials": {},
                "cache": MemoryCache(),
                "limits": MemoryLimits(),
                "proxies": Proxies({}),
                "deadline_for": timedelta(seconds=5),
            }
            return Fetcher(session, **(parts | how))

        yield opened


@pytest.fixture
async def fetcher(open_fetcher: Callable[..., Fetcher]) -> Fetcher:
    """One real fetcher on the test's clock."""
    return open_fetcher()


# --- a machine with a real systemd (tests/real), for tests marked `real` ---


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and installed once."""
    from tests.real.installed import installation

    return installation(tmp_path_factory.mktemp("installation"))


@pytest.fixture
def box(tmp_path: Path, installation: Path) -> Iterator[Installed]:
    """A machine of its own for each test, with tagdrift installed and configured, and not started."""
    from tests.real.installed import installed

    with installed(tmp_path / "box", installation) as box:
        yield box


# --- the whole daemon on a clock moved by hand (tests/housing.py) --------------------------------


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a thousand commits there do not wait for a disk."""
    import tempfile

    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="tagdrift-") as folder:
        yield Path(folder)


@pytest.fixture
async def housing(quick_path: Path, site: Site, clock: ManualClock) -> AsyncIterator[Housing]:
    """The real daemon, not yet open: change what it looks at, then `await housing.open()`."""
    from tests.housing import Housing

    housing = Housing(quick_path, site, clock)
    yield housing
    await housing.close()


@pytest.fixture
async def facing(housing: Housing) -> AsyncIterator[Facing]:
    """The pages of `housing`, not yet open: set what `[daemon]` says, then `await facing.open()`."""
    from tests.facing import Facing

    facing = Facing(housing)
    yield facing
    await facing.close()


# --- a real database ----------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where `store` has its file."""
    return tmp_path / "tagdrift.db"


@pytest.fixture
def store(database: Path, clock: ManualClock) -> Iterator[Store]:
    """An empty store on the test's clock."""
    from monitor.store import Store

    store = Store.open(database, clock=clock)
    yield store
    store.close()


# --- the outbox of a real store -----------------------------------------------------------------


@pytest.fixture
def outbox(tmp_path: Path, clock: ManualClock) -> Iterator[Outbox]:
    """An empty outbox on the test's clock; `await outbox.add("ops", 17)` queues a message about alert 17."""
    from tests.outbox import Outbox

    box = Outbox(tmp_path, clock)
    yield box
    box.store.close()


@pytest.fixture
def notifier(outbox: Outbox, site: Site, clock: ManualClock) -> Callable[..., Notifier]:
    """Make notifiers whose receivers are paths of `site`: `notifier("ops", "chat")`; the rest is `Pace`'s."""
    from monitor.notifier import Notifier, Pace
    from tests.outbox import urls_of

    def made(*names: str, chance: Callable[[], float] = lambda: 0.5, **pace: Any) -> Notifier:
        return Notifier(outbox.store, urls_of(site, *names), clock, Pace(**pace), chance=chance)

    return made
