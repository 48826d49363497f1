"""A network of the test's own: a namespace with loopback, addresses, names, and a firewall that breaks them.

Processes enter it by `wrapper`; the servers stay in the test's process, on sockets that were made in there.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from tests.real.machine import until
from tests.servers.site import Site

NEEDED = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "nft": "nftables",
    "dnsmasq": "dnsmasq-base",
}
CLONE_NEWNET = 0x40000000
RESOLVER, LAME = "127.0.0.53", "198.51.100.53"
"""The name server that everybody asks, and the one that it asks for names below `lame.test`."""

# In namespaces of its own: loopback, names by our own server, and a table for what is to be broken.
BECOME = """
set -eu
ip link set lo up
mount --bind "$1/hosts" /etc/hosts
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
nft add table inet broken
nft 'add chain inet broken in { type filter hook input priority 0; }'
echo ready
exec sleep infinity
"""


def require(programs: Mapping[str, str]) -> None:
    """Fail where a program is missing; `programs` has the Debian package of each."""
    missing = {package for program, package in programs.items() if _which(program) is None}
    assert not missing, (
        f"this needs {', '.join(sorted(missing))}: apt-get install {' '.join(sorted(missing))}"
    )


def _which(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The namespaces, which live as long as the process `leader`."""

    leader: int
    folder: Path

    def wrapper(self, folder: Path) -> tuple[str, ...]:
        """Return what a command is put behind, so that it runs in there, in this folder."""
        enter = ("nsenter", "-t", str(self.leader), "--net", "--mount", f"--wd={folder}")
        return ("setpriv", "--pdeathsig", "KILL", *enter)

    def run(self, *command: str) -> str:
        """Run a command in there, and return what it said."""
        whole = [*self.wrapper(self.folder), *command]
        done = subprocess.run(whole, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    # --- addresses and names ---------------------------------------------------------------------

    def gain(self, *addresses: str) -> None:
        """Let this machine have these addresses, on its loopback."""
        for address in addresses:
            self.run("ip", "address", "add", f"{address}/{128 if ':' in address else 32}", "dev", "lo")

    def lose(self, address: str) -> None:
        """Let nothing lead there any more."""
        self.run("ip", "address", "del", f"{address}/32", "dev", "lo")

    @contextmanager
    def naming(self, hosts: Mapping[str, tuple[str, ...]]) -> Iterator[None]:
        """Answer for these names; those that end in `lame.test` by way of a second server."""
        self.gain(LAME)
        records = [f"--host-record={name},{','.join(found)}" for name, found in hosts.items()]
        lame = [record for record in records if "lame.test," in record]
        sound = [record for record in records if record not in lame]
        with (
            self.running("dnsmasq", *_dnsmasq(LAME), *lame),
            self.running("dnsmasq", *_dnsmasq(RESOLVER), f"--server=/lame.test/{LAME}", *sound),
        ):
            for name in hosts:
                until(lambda name=name: self._resolves(name), f"an answer for {name}", within=60)  # type: ignore[misc]
            yield

    def _resolves(self, name: str) -> bool:
        whole = [*self.wrapper(self.folder), "getent", "ahosts", name]
        return subprocess.run(whole, capture_output=True, check=False).returncode == 0

    @contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a server in there until the end of the block."""
        with (self.folder / f"{Path(command[0]).name}.log").open("ab") as log:
            whole = [*self.wrapper(self.folder), *command]
            process = subprocess.Popen(whole, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    # --- what is broken --------------------------------------------------------------------------

    def drop(self, *rules: str) -> None:
        """Break what comes in: each rule is nft's, without its table and chain."""
        for rule in rules:
            self.run("nft", "add", "rule", "inet", "broken", "in", *rule.split())

    def heal(self) -> None:
        """Let everything pass."""
        self.run("nft", "flush", "chain", "inet", "broken", "in")

    # --- servers ---------------------------------------------------------------------------------

    def socket(self, port: int) -> socket.socket:
        """Return a socket that listens in there, on every address of either kind."""

        def made() -> socket.socket:
            listening = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("::", port))
            listening.listen(128)
            return listening

        return self._inside(made)

    def _inside(self, make: Callable[[], socket.socket]) -> socket.socket:
        """Call this in a thread of its own, which enters the namespace: a socket stays where it was made."""
        found: list[socket.socket] = []

        def enter() -> None:
            with Path(f"/proc/{self.leader}/ns/net").open() as namespace:
                assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) == 0
            found.append(make())

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        assert found, "a socket could not be made in the namespace"
        return found[0]


def _dnsmasq(address: str) -> list[str]:
    quiet = [
        "--no-daemon",
        "--conf-file=/dev/null",
        "--no-hosts",
        "--no-resolv",
        "--pid-file=",
        "--user=root",
    ]
    return [*quiet, f"--listen-address={address}", "--bind-interfaces", "--local=/test/"]


class InnerSite(Site):
    """A site in the network, on one port, and with `tls` on 443 too. Start it by `open`, as any other."""

    def __init__(self, network: Network, tls: ssl.SSLContext | None = None, *, port: int = 80) -> None:
        super().__init__()
        self.port = port
        self._network = network
        self._certified = tls

    async def listen(self) -> None:
        """Accept connections."""
        assert self._runner is not None
        ports: dict[int, ssl.SSLContext | None] = {self.port: None}
        if self._certified is not None:
            ports[443] = self._certified
        for port, tls in ports.items():
            await web.SockSite(self._runner, self._network.socket(port), ssl_context=tls).start()


@contextmanager
def network(folder: Path, *, resolv: str = "") -> Iterator[Network]:
    """Make one; `resolv` are more lines of its /etc/resolv.conf. All in it is killed at the end."""
    require(NEEDED)
    assert os.geteuid() == 0, "a network namespace needs root"
    folder.mkdir(parents=True)
    (folder / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    (folder / "resolv.conf").write_text(f"nameserver {RESOLVER}\n{resolv}")
    (folder / "nsswitch.conf").write_text("hosts: files dns\n")
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--propagation=private"]
    leader = subprocess.Popen(
        [*command, "sh", "-c", BECOME, "sh", str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert leader.stdout is not None
        assert leader.stdout.readline() == "ready\n", "the namespaces could not be made"
        yield Network(leader=leader.pid, folder=folder)
    finally:
        leader.kill()
        leader.wait()
        if leader.stdout is not None:
            leader.stdout.close()
