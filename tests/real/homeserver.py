"""A real Matrix homeserver: Synapse on loopback, and as much of its client API as a test needs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote

from tests.real.machine import until

NAME = "hs.test"
SHARED_SECRET = "a-shared-secret"
HIGH = {"per_second": 1000, "burst_count": 1000}
MISSING = (
    "this needs Synapse: python3 -m venv synapse && synapse/bin/pip install 'matrix-synapse>=1.163,<2', "
    "then TAGDRIFT_SYNAPSE=synapse/bin"
)


@dataclass(frozen=True, kw_only=True)
class Homeserver:
    """A running server; whoever has no token is a stranger to it."""

    address: str
    admin: str = ""

    @property
    def host(self) -> str:
        """Its address as Apprise's URLs have it."""
        return self.address.removeprefix("http://")

    def ask(
        self, method: str, path: str, token: str = "", body: Mapping[str, Any] | None = None
    ) -> tuple[int, Any]:
        """Return status and document of an answer, also of a refusal."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data, method=method)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    def get(
        self, path: str, token: str = "", body: Mapping[str, Any] | None = None, method: str = "GET"
    ) -> Any:
        """Return the document of an answer that must be a success."""
        status, document = self.ask(method, path, token, body)
        assert status == 200, document
        return document

    def register(self, name: str, *, admin: bool = False) -> str:
        """Make an account whose password is its name, and return a token for it."""
        nonce = self.get("/_synapse/admin/v1/register")["nonce"]
        word = "admin" if admin else "notadmin"
        signed = "\0".join((nonce, name, name, word)).encode()
        account = {
            "nonce": nonce,
            "username": name,
            "password": name,
            "admin": admin,
            "mac": hmac.new(SHARED_SECRET.encode(), signed, hashlib.sha1).hexdigest(),
        }
        return str(self.get("/_synapse/admin/v1/register", body=account, method="POST")["access_token"])

    def unlimit(self, name: str) -> None:
        """Let this account send as fast as it likes."""
        path = f"/_synapse/admin/v1/users/@{name}:{NAME}/override_ratelimit"
        self.get(path, self.admin, {"messages_per_second": 0, "burst_count": 0}, "POST")

    def create_room(self, alias: str, **how: Any) -> str:
        """Make a room that everybody may join, and return its id."""
        room = {"preset": "public_chat", "room_alias_name": alias} | how
        return str(self.get("/_matrix/client/v3/createRoom", self.admin, room, "POST")["room_id"])

    def messages(self, room: str) -> list[dict[str, Any]]:
        """Return what was said in this room, oldest first, as its clients see it."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/messages?dir=f&limit=500"
        said = self.get(path, self.admin)["chunk"]
        return [event for event in said if event["type"] in {"m.room.message", "m.room.encrypted"}]

    def rooms(self) -> set[str]:
        """Return every room there is."""
        return {room["room_id"] for room in self.get("/_synapse/admin/v1/rooms", self.admin)["rooms"]}

    def knows_account(self, name: str) -> bool:
        """Return whether there is such an account."""
        status, _ = self.ask("GET", f"/_synapse/admin/v2/users/@{name}:{NAME}", self.admin)
        return status == 200

    def knows_alias(self, alias: str) -> bool:
        """Return whether an alias leads to a room."""
        status, _ = self.ask("GET", f"/_matrix/client/v3/directory/room/{quote(alias)}")
        return status == 200


@contextmanager
def homeserver(folder: Path, *, message_every: float) -> Iterator[Homeserver]:
    """Start one in which an account may send a message in so many seconds, unless it is unlimited."""
    commands = os.environ.get("TAGDRIFT_SYNAPSE", "")
    assert commands, MISSING
    python = Path(commands).absolute() / "python"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "homeserver.yaml"
    config.write_text(json.dumps(_configuration(folder, port, message_every)))
    command = ["setpriv", "--pdeathsig", "KILL", str(python)]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [*command, "-m", "synapse.app.homeserver", "--config-path", str(config)],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        server = Homeserver(address=f"http://127.0.0.1:{port}")
        until(lambda: _is_up(server, process, folder), "a homeserver that answers", within=120)
        server = Homeserver(address=server.address, admin=server.register("admin", admin=True))
        server.unlimit("admin")
        yield server
    finally:
        process.kill()
        process.wait()


def _is_up(server: Homeserver, process: subprocess.Popen[bytes], folder: Path) -> bool:
    assert process.poll() is None, (folder / "output").read_text()
    try:
        return server.ask("GET", "/_matrix/client/versions")[0] == 200
    except (URLError, ConnectionError):
        return False


def _configuration(folder: Path, port: int, message_every: float) -> dict[str, Any]:
    key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    (folder / "signing.key").write_text(f"ed25519 a_test {key}\n")
    logging = {"version": 1, "root": {"level": "WARNING"}}
    (folder / "log.yaml").write_text(json.dumps(logging))
    return {
        "server_name": NAME,
        "report_stats": False,
        "pid_file": str(folder / "pid"),
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "trusted_key_servers": [],
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"], "compress": False}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "registration_shared_secret": SHARED_SECRET,
        "macaroon_secret_key": secrets.token_hex(),
        "presence": {"enabled": False},
        "rc_message": {"per_second": 1 / message_every, "burst_count": 1},
        # A login that is refused could make an account here.
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "rc_registration": HIGH,
        "rc_login": {"address": HIGH, "account": HIGH, "failed_attempts": HIGH},
        "rc_joins": {"local": HIGH, "remote": HIGH},
    }
