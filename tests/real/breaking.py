"""One daemon, and a broken path to each of its hosts: what it records, and what it tells when all is well.

Each fault has two targets on a host of its own: one whose drift has been told before, and one that is in
step. While the faults stand, the first mends itself and the second falls behind. Nobody can see that, so
nothing may be told of it; once the faults are gone, both are.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from tests.real.broken_paths import BREAKING, FAULTS, Seen
from tests.real.network import InnerSite, Network, network
from tests.real.running import LATE, TARGET
from tests.real.watching import CHAT, Watching

HEALTHY = "healthy"
SIDES = ("metadata", "releases")
MORE_LOOKS = 2


class Certificates:
    """What a TLS server shows, by the name that it is asked for."""

    def __init__(self, trusted: Path) -> None:
        self._own, self._stranger = trustme.CA(), trustme.CA()
        self._own.cert_pem.write_to_path(str(trusted))
        self._shown: dict[str | None, ssl.SSLContext] = {}
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.sni_callback = self._choose  # type: ignore[assignment]

    def show(
        self,
        host: str,
        *,
        name: str | None = None,
        stranger: bool = False,
        not_before: timedelta | None = None,
        not_after: timedelta | None = None,
    ) -> None:
        """Show this host's certificate from now on; instants are given as from now."""
        now = datetime.now(UTC)
        issued = (self._stranger if stranger else self._own).issue_cert(
            name or host,
            not_before=None if not_before is None else now + not_before,
            not_after=None if not_after is None else now + not_after,
        )
        self._shown[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(self._shown[host])

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = self._shown[name]


@dataclass
class Broken(Watching):
    """The daemon in its network. What it told while the faults stood is in `during`."""

    hosts: dict[str, str] = field(default_factory=dict)
    during: list[str] = field(default_factory=list)

    def publish(self, name: str, *, named: str) -> None:
        """As everywhere, but the one that is late is asked over kept connections, the other over new ones.

        Where names or certificates are at fault, both are: only a new connection needs them.
        """
        now = datetime.now(UTC)
        rows = [{"tag": tag, "at": (now - ago).isoformat()} for tag, ago in LATE.items()]
        base = self.hosts[name]
        closes = name.endswith("sound") or base.startswith("https:") or "lame" in base
        headers = {"Connection": "close"} if closes else {}
        self.site.answer(f"/{name}.json", {"tag": named}, etag=f'"{named}"', headers=headers)
        self.site.answer(f"/{name}-releases.json", rows, etag='"1"', headers=headers)

    def failed(self) -> dict[tuple[str, str], int]:
        """Return how many looks have failed, by target and side."""
        query = "SELECT target, side, count(*) FROM observation_log WHERE outcome <> 'good' GROUP BY 1, 2"
        return {(target, side): count for target, side, count in self.sql(query)}

    def is_told(self, word: str, name: str) -> bool:
        """Whether the chat was told this word of this target."""
        return any(word in title.split("]")[0] and f"] {name}:" in title for title in self.told[CHAT])


@asynccontextmanager
async def played(folder: Path) -> AsyncIterator[Broken]:
    """Play it all; the daemon has ended when this is given."""
    with ExitStack() as stack:
        inner = stack.enter_context(network(folder / "network"))
        inner.gain(*(address for fault in FAULTS for address in fault.addresses()))
        stack.enter_context(inner.naming({fault.host: fault.addresses() for fault in FAULTS}))
        certificates = Certificates(folder / "authority.pem")
        site = await InnerSite(inner, certificates.context).open()
        broken = Broken(
            folder,
            site,
            environ={"SSL_CERT_FILE": str(folder / "authority.pem")},
            wrapper=inner.wrapper(folder),
            hosts={name: fault.base for fault in FAULTS for name in fault.targets}
            | {HEALTHY: "http://127.0.0.1"},
        )
        try:
            await _play(broken, inner, certificates)
            yield broken
        finally:
            if broken.process is not None:
                await broken.kill()
            await site.close()


async def _play(broken: Broken, inner: Network, certificates: Certificates) -> None:
    _mend(inner, certificates, lost=False)
    _change(broken, late="1.0.0", sound="1.1.0")
    broken.watch("".join(TARGET.format(name=name, base=base) for name, base in broken.hosts.items()))
    await broken.start()
    await broken.until(
        lambda: all(broken.is_told("behind", fault.targets[0]) for fault in FAULTS), "all that are late", 120
    )
    _break(inner, certificates)
    await _fail(broken, 1)
    _change(broken, late="1.1.0", sound="1.0.0")
    await _fail(broken, MORE_LOOKS)
    seen = [fault.targets for fault in FAULTS if fault.seen is Seen.ALWAYS]
    await broken.until(
        lambda: broken.is_told("behind", HEALTHY) and all(_is_over(broken, *targets) for targets in seen),
        "what can be seen is told",
        120,
    )
    broken.during = list(broken.told[CHAT])
    _mend(inner, certificates, lost=True)
    # A second look that was lost is made again after 100 s.
    await broken.until(
        lambda: all(_is_over(broken, *fault.targets) for fault in FAULTS), "all of it is told", 300
    )
    assert await broken.end() == 0


def _break(inner: Network, certificates: Certificates) -> None:
    for fault in FAULTS:
        *six, four = fault.addresses()
        inner.drop(*(rule.format(four=four, six="".join(six)) for rule in fault.rules))
        if fault.is_lost:
            inner.lose(four)
        if fault.certificate is not None:
            certificates.show(fault.host, **fault.certificate)


def _mend(inner: Network, certificates: Certificates, *, lost: bool) -> None:
    inner.heal()
    for fault in FAULTS:
        if fault.is_lost and lost:
            inner.gain(*fault.addresses())
        if fault.certificate is not None:
            certificates.show(fault.host)


def _change(broken: Broken, *, late: str, sound: str) -> None:
    for fault in FAULTS:
        broken.publish(fault.targets[0], named=late)
        broken.publish(fault.targets[1], named=sound)
    broken.publish(HEALTHY, named=sound)


async def _fail(broken: Broken, more: int) -> None:
    """Wait until this many looks more have failed at each side that is broken."""
    before = broken.failed()
    sides = [
        (name, side) for fault in BREAKING for name in fault.targets for side in ("metadata", "releases")
    ]

    def have() -> bool:
        failed = broken.failed()
        return all(failed.get(side, 0) >= before.get(side, 0) + more for side in sides)

    await broken.until(have, "looks fail wherever it is broken", 120)


def _is_over(broken: Broken, late: str, sound: str) -> bool:
    return broken.is_told("resolved", late) and broken.is_told("behind", sound)
