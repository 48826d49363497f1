"""The ways in which the path to a host is broken, for `tests.real.breaking` to break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from tests.real.network import LAME

DAY = timedelta(days=1)
SILENT = "accepted the connection and gave no answer within 5 s"


class Seen(Enum):
    """Whether what is at a host can be seen while the path there is broken."""

    NEVER = "never"
    BY_CHANCE = "by chance"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A way to break the path to one host; `words` and `how` are for people, `says` is what is recorded.

    `rules` are nft's, with the host's addresses to be filled in. `certificate` makes it a host of TLS, and is
    what it shows: `issue_cert`'s arguments, a `name` that is not its own, an authority that is a `stranger`.
    Looks get through as `seen` says.
    """

    name: str
    words: str
    how: str
    says: str = ""
    rules: tuple[str, ...] = ()
    is_lost: bool = False
    domain: str = "test"
    certificate: Mapping[str, Any] | None = None
    seen: Seen = Seen.NEVER

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
        seen=Seen.BY_CHANCE,
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
        seen=Seen.ALWAYS,
    ),
    Fault(
        name="silent",
        words="a connection on which no data come",
        how="nft drops every packet from there that carries data",
        says=SILENT,
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
BREAKING = tuple(fault for fault in FAULTS if fault.seen is Seen.NEVER)
