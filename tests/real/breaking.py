"""One daemon, and a broken path to each of its hosts: what it records, and what it tells when all is well.

Each fault has two targets on a host of its own: one whose drift has been told before, and one that is in
step. While the faults stand, the first mends itself and the second falls behind. Nobody can see that, so
nothing may be told of it; once the faults are gone, both are.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

from monitor.model import Failure
from monitor.store.reader import Reader
from tests.real.network import LAME, InnerSite, Network, network
from tests.real.running import CONFIG, LATE, RECEIVER, TARGET, Running

DAY = timedelta(days=1)
CHAT = "chat"
HEALTHY = "healthy"
SIDES = ("metadata", "releases")
MORE_LOOKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A way to break the path to one host; `words` and `how` are for people, `says` is what is recorded.

    `rules` are nft's, with the host's addresses to be filled in. `certificate` makes it a host of TLS, and is
    what it shows: `issue_cert`'s arguments, a `name` that is not its own, an authority that is a `stranger`.
    Looks get through a fault that `is_passed`, sooner or later.
    """

    name: str
    words: str
    how: str
    says: str = ""
    rules: tuple[str, ...] = ()
    is_lost: bool = False
    domain: str = "test"
    certificate: Mapping[str, Any] | None = None
    is_passed: bool = False

    @property
    def host(self) -> str:
        """The host that is broken."""
        return f"{self.name}.{self.domain}"

    @property
    def base(self) -> str:
        """The address of what is watched there."""
        return f"{'http' if self.certificate is None else 'https'}://{self.host}"

    @property
    def targets(self) -> tuple[str, str]:
        """The target that was late before, and the one that becomes so."""
        return f"{self.name}-late", f"{self.name}-sound"

    def addresses(self) -> tuple[str, ...]:
        """Return the host's own addresses, IPv6 before IPv4 where it has both."""
        number = 1 + [fault.name for fault in FAULTS].index(self.name)
        four = f"198.51.100.{number}"
        return (f"2001:db8::{number}", four) if "{six}" in "".join(self.rules) else (four,)


FAULTS = (
    Fault(
        name="loss",
        words="30 % of all packets are lost",
        how="nft drops 30 of 100 packets that go there",
        rules=("ip daddr {four} numgen random mod 100 < 30 drop",),
        is_passed=True,
    ),
    Fault(
        name="blackhole",
        words="a host that answers nothing at all",
        how="nft drops all that goes there",
        says="did not accept a connection",
        rules=("ip daddr {four} drop",),
    ),
    Fault(
        name="reset",
        words="connections that are reset",
        how="nft answers each request with a TCP reset",
        says="cut the connection (connection reset by peer)",
        rules=("ip daddr {four} ct state established meta length > 60 reject with tcp reset",),
    ),
    Fault(
        name="no-route",
        words="no route to the host",
        how="its address is taken away, and nothing else leads there",
        says="could not be reached (network is unreachable)",
        is_lost=True,
    ),
    Fault(
        name="names",
        words="DNS does not answer",
        how="nft drops all that goes to the name server of its domain",
        says="its name was not resolved within 5 s (no answer from DNS)",
        domain="lame.test",
        rules=(f"ip daddr {LAME} udp dport 53 drop",),
    ),
    Fault(
        name="six",
        words="IPv6 that hangs, where IPv4 works",
        how="the name has both addresses, and nft drops all that goes to the first, IPv6",
        rules=("ip6 daddr {six} drop",),
        is_passed=True,
    ),
    Fault(
        name="silent",
        words="a connection on which no data come",
        how="nft drops every packet from there that carries data",
        says="gave no whole answer within 5 s",
        rules=("ip saddr {four} tcp sport 80 meta length > 60 drop",),
    ),
    Fault(
        name="expired",
        words="a TLS certificate that has expired",
        how="a server on port 443 shows one",
        says="its TLS certificate has expired (or the clock of this machine is wrong)",
        certificate={"not_before": -9 * DAY, "not_after": -DAY},
    ),
    Fault(
        name="not-yet",
        words="a TLS certificate that is not valid yet",
        how="a server on port 443 shows one",
        says="its TLS certificate is not valid yet (is the clock of this machine right?)",
        certificate={"not_before": DAY, "not_after": 9 * DAY},
    ),
    Fault(
        name="wrong-host",
        words="a TLS certificate for another host",
        how="a server on port 443 shows one",
        says="its TLS certificate is for another host",
        certificate={"name": "other.test"},
    ),
    Fault(
        name="unknown",
        words="a TLS certificate of an unknown authority",
        how="a server on port 443 shows one",
        says="its TLS certificate comes from a certificate authority that is not trusted here",
        certificate={"stranger": True},
    ),
)
BREAKING = tuple(fault for fault in FAULTS if not fault.is_passed)


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
class Broken(Running):
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

    def configure(self, *names: str) -> Path:
        """Write the configuration: each target at its own host."""
        (self.folder / "data").mkdir(exist_ok=True)
        text = CONFIG.format(folder=self.folder, daemon=self.daemon)
        text += RECEIVER.format(name=CHAT, port=self.site.port)
        self.told[CHAT] = []
        self.site.script(f"/{CHAT}", self._receive)
        path = self.folder / "config.toml"
        path.write_text(text + "".join(TARGET.format(name=name, base=self.hosts[name]) for name in names))
        return path

    def failed(self) -> dict[tuple[str, str], int]:
        """Return how many looks have failed, by target and side."""
        query = "SELECT target, side, count(*) FROM observation_log WHERE outcome <> 'good' GROUP BY 1, 2"
        return {(target, side): count for target, side, count in self.sql(query)}

    def sentences(self, name: str) -> list[str]:
        """Return what was recorded of this target's failed looks."""
        reader = Reader(self.database)
        try:
            return [
                each.outcome.sentence for each in reader.history(name) if isinstance(each.outcome, Failure)
            ]
        finally:
            reader.close()

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
            receivers=(CHAT,),
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
    broken.configure(*broken.hosts)
    await broken.start()
    await broken.until(
        lambda: all(broken.is_told("behind", fault.targets[0]) for fault in FAULTS), "all that are late", 120
    )
    _break(inner, certificates)
    await _fail(broken, 1)
    _change(broken, late="1.1.0", sound="1.0.0")
    await _fail(broken, MORE_LOOKS)
    await broken.until(lambda: broken.is_told("behind", HEALTHY), "what can be seen is told", 120)
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
