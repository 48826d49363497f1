"""tagdrift on a machine of its own, installed as README says, with a site to watch and a chat to tell."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.real.machine import PREFIX, Machine, booted, install, until

PROJECT = Path(__file__).parent.parent.parent
SITE = Path(__file__).with_name("site.py")
SECRET = "a-canary-of-a-webhook-7391"
DROP_IN = "/etc/systemd/system/tagdrift.service.d/test.conf"
CONFIGURATION = "/etc/tagdrift/config.toml"
DATABASE = "/var/lib/tagdrift/tagdrift.db"
CREDENTIAL = "[Service]\nLoadCredential=chat:/etc/tagdrift/credentials/chat\n"
QUICK = f"{CREDENTIAL}RestartSec=100ms\n"

# README, "On a box, as a service": what follows the installation of the wheel.
INSTALL = f"""
ln -s {PREFIX}/bin/tagdrift /usr/local/bin/
systemd-sysusers {PREFIX}/lib/sysusers.d/tagdrift.conf
install -D -m 644 {PREFIX}/share/tagdrift/config.example.toml /etc/tagdrift/config.toml
"""
UNIT = f"{PREFIX}/lib/systemd/system/tagdrift.service"
ENABLE = f"systemctl enable --now {UNIT}"

CONFIG = """
[receivers.chat]
url = { credential = "chat" }

[policy]
threshold = "1h"
"""

TARGET = """
[targets.NAME.metadata]
kind = "json"
url = "http://127.0.0.1:8080/NAME.json"
path = "$.tag"

[targets.NAME.releases]
kind = "json"
url = "http://127.0.0.1:8080/NAME-releases.json"
path = "$[*].tag"
date_path = "$[*].at"
"""


@dataclass(kw_only=True)
class Installed:
    """The program as it stands on its machine; `folder` is what the site serves from and writes to."""

    machine: Machine
    folder: Path

    # --- what it watches and whom it tells -----------------------------------------------------

    def publish(self, name: str, versions: Mapping[str, timedelta], named: str) -> None:
        """Let the site have these releases, each published this long ago, and metadata that names one."""
        now = datetime.now(UTC)
        releases = [{"tag": tag, "at": (now - ago).isoformat()} for tag, ago in versions.items()]
        (self.folder / "www" / f"{name}.json").write_text(json.dumps({"tag": named}))
        (self.folder / "www" / f"{name}-releases.json").write_text(json.dumps(releases))

    def in_step(self, name: str) -> None:
        self.publish(name, {"1.0.0": timedelta(days=9), "1.1.0": timedelta(days=2)}, named="1.1.0")

    def drifting(self, name: str) -> None:
        self.publish(name, {"1.0.0": timedelta(days=9), "1.1.0": timedelta(days=2)}, named="1.0.0")

    def configure(self, *names: str, more: str = "") -> None:
        """Write the configuration; it is not in force before a start or a reload."""
        targets = "".join(TARGET.replace("NAME", name) for name in names)
        self.machine.write(CONFIGURATION, CONFIG + targets + more)

    @property
    def hold(self) -> Path:
        """The file that makes the site keep everybody waiting."""
        return self.folder / "hold"

    @property
    def asked(self) -> list[str]:
        """The paths that the site was asked for, in order."""
        return self._lines("asked")

    @property
    def received(self) -> list[str]:
        """The titles of what was told, in order."""
        return [json.loads(line)["title"] for line in self._lines("received")]

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    # --- the service ---------------------------------------------------------------------------

    def systemctl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.machine.run("systemctl", *arguments, check=check)

    def tagdrift(self, *arguments: str, user: str = "tagdrift", check: bool = True) -> str:
        """Return what a command prints to somebody on that machine."""
        return self.machine.run_as(user, "tagdrift", *arguments, check=check).stdout

    def sql(self, query: str, user: str = "tagdrift") -> list[dict[str, object]]:
        output = self.tagdrift("sql", "--database", DATABASE, "--format", "json", query, user=user)
        rows: list[dict[str, object]] = json.loads(output)["rows"]
        return rows

    def drop_in(self, text: str) -> None:
        """Change the unit, as `systemctl edit` would."""
        self.machine.write(DROP_IN, text)
        self.systemctl("daemon-reload")

    def show(self, name: str) -> str:
        """Return a property of the unit."""
        return self.systemctl("show", "tagdrift", "--property", name, "--value").stdout.strip()

    def kill(self, signal: str) -> None:
        """Send a signal to the daemon itself, not to its deliveries."""
        self.systemctl("kill", "--kill-whom=main", f"--signal={signal}", "tagdrift")

    def journal(self) -> list[dict[str, str]]:
        """Return the entries of the unit, oldest first."""
        output = self.machine.run("journalctl", "--unit=tagdrift", "--output=json", "--no-pager").stdout
        return [json.loads(line) for line in output.splitlines()]

    def said(self, text: str) -> bool:
        """Return whether the journal has this anywhere."""
        return any(text in str(entry.get("MESSAGE")) for entry in self.journal())

    def until_active_again(self, former: str, within: float = 60) -> float:
        """Wait for another process than this one to be ready; return the seconds that it took."""

        def is_back() -> bool:
            return self.show("ActiveState") == "active" and self.show("MainPID") not in {"0", former}

        return until(is_back, "a restart", within)


def installation(folder: Path) -> Path:
    """Build the wheel and install it where machines will find it."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(PROJECT)]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    install(folder / "tagdrift", wheel)
    return folder / "tagdrift"


@contextmanager
def installed(folder: Path, prefix: Path) -> Iterator[Installed]:
    """Boot a machine, follow README, configure one target that is in step; the service is not started."""
    folder.mkdir()
    (folder / "www").mkdir()
    with booted(folder / "machine", prefix) as machine:
        for line in INSTALL.strip().splitlines():
            machine.run(*line.split())
        machine.run("systemctl", "link", UNIT)
        machine.write("/etc/tagdrift/credentials/chat", f"json://127.0.0.1:8080/{SECRET}\n", mode=0o600)
        box = Installed(machine=machine, folder=folder)
        box.drop_in(CREDENTIAL)
        machine.beside(sys.executable, str(SITE), str(folder), "8080")
        box.in_step("sound")
        box.configure("sound")
        yield box
