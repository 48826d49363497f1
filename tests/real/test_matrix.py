"""Matrix, from a drift to what is read in the room: the daemon as a process, and a real Synapse."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.real.homeserver import NAME, Homeserver, homeserver
from tests.real.telling import Telling, telling
from tests.servers.site import Site

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

MANY = [f"late-{number:02}" for number in range(1, 50)]
# An account that is limited has used this up by entering the room.
MESSAGE_EVERY = 20
# All are told of one drift, and `token` of all 50.
ROUTES = """
[targets.widget]
labels = { told = "all" }

[[routes]]
receivers = ["token"]

[[routes]]
receivers = ["password", "slow", "encrypted", "mistyped", "stranger"]
labels = { told = "all" }
"""
TITLE = "[behind] widget: widget.json names 1.0.0; 1.1.0 is out"


@dataclass(frozen=True, kw_only=True)
class Chat:
    """The daemon, the homeserver it tells, the rooms by the receivers that lead there, and all there were."""

    daemon: Telling
    server: Homeserver
    rooms: dict[str, str]
    rooms_before: set[str]

    def read(self, name: str, beginning: str = "[behind]") -> list[str]:
        """Return what is to be read in the room of this receiver, oldest first."""
        said = [event["content"]["body"] for event in self.server.messages(self.rooms[name])]
        return [text for text in said if text.startswith(beginning)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    with homeserver(tmp_path_factory.mktemp("homeserver"), message_every=MESSAGE_EVERY) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chat(server: Homeserver, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chat]:
    """One drift that is told to all rooms, and 49 more for one of them."""
    bot, slow = server.register("bot"), server.register("slow")
    server.unlimit("bot")
    encryption = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    rooms = {
        "token": server.create_room("by-token"),
        "password": server.create_room("by-password", room_version="11"),
        "slow": server.create_room("slow"),
        "encrypted": server.create_room("encrypted", initial_state=[encryption]),
    }

    def url(login: str, room: str) -> str:
        # A server on a loaded machine is no fault: the plugin would wait for 4 s.
        return f"matrix://{login}@{server.host}/{quote(room, safe='')}?cto=60&rto=60"

    addresses = {
        "token": url(bot, rooms["token"]),
        "password": url("bot:bot", f"#by-password:{NAME}"),
        "slow": url(slow, rooms["slow"]),
        "encrypted": url(bot, rooms["encrypted"]),
        "mistyped": url(bot, f"#by-tokn:{NAME}"),
        "stranger": url("bott:bot", f"#by-password:{NAME}"),
    }
    before = server.rooms()
    async with AsyncExitStack() as stack:
        site = await Site().open()
        stack.push_async_callback(site.close)
        folder = tmp_path_factory.mktemp("chat")
        daemon = await stack.enter_async_context(telling(folder, site, addresses, interval="5m"))
        daemon.configure("widget", *MANY, more=ROUTES)
        for name in ("widget", *MANY):
            daemon.publish(name, named="1.0.0")
        await daemon.start(within=180)
        yield Chat(daemon=daemon, server=server, rooms=rooms, rooms_before=before)


@pytest.mark.fault(
    "a Matrix room, told with a token and with a password",
    how="Synapse; a room of version 12 by its id, and an older one by its alias",
    promise="a drift is read there once, as it was written, and every login is ended",
)
@pytest.mark.parametrize("name", ["token", "password"])
async def test_a_drift_is_read_in_the_room(chat: Chat, name: str) -> None:
    told = (TITLE, "delivered", 1, "")
    await chat.daemon.until(lambda: told in chat.daemon.rows(name), "a message", within=300)
    (text,) = [text for text in chat.read(name) if text.startswith(TITLE)]
    title, since, looked, links, quiet = text.splitlines()
    assert title == TITLE
    assert since.startswith("since ")
    assert looked.startswith("Confirmed ")
    assert links == f"metadata {chat.daemon.site.url('/widget.json')}"
    assert quiet.startswith("Quiet: tagdrift ack ")


async def test_every_login_is_ended(chat: Chat) -> None:
    await chat.daemon.until_told("password")
    path = f"/_synapse/admin/v2/users/@bot:{NAME}/devices"
    await chat.daemon.until(
        lambda: chat.server.get(path, chat.server.admin)["total"] == 1, "a logout", within=120
    )


@pytest.mark.fault(
    "50 messages in a row for one Matrix room",
    how="50 drifts at once, told with one token",
    promise="all are read back through the client API, each once and in order",
)
async def test_fifty_messages_in_a_row_are_all_read_in_order(
    chat: Chat, record_property: Callable[[str, object], None]
) -> None:
    await chat.daemon.until(lambda: len(chat.daemon.rows("token")) == 50, "50 messages", within=120)
    await chat.daemon.until_told("token", within=300)
    written = [title for title, *_ in chat.daemon.rows("token")]
    assert [text.splitlines()[0] for text in chat.read("token")] == written
    record_property("times", len(written))


@pytest.mark.fault(
    "an encrypted Matrix room",
    how="Synapse, a room with m.room.encryption",
    promise="refused with a sentence; nothing is said there in the open, and the others hear of it",
)
async def test_an_encrypted_room_is_refused_and_nothing_is_said_in_the_open(chat: Chat) -> None:
    refusal = "the Matrix room is encrypted, and this message would not be"
    assert await chat.daemon.refusal("encrypted") == refusal
    assert chat.server.messages(chat.rooms["encrypted"]) == []
    await _others_hear(chat, "encrypted", refusal)


@pytest.mark.fault(
    "a mistyped alias of a Matrix room",
    how="Synapse, which would create it",
    promise="reported and not created; the others hear of it",
)
async def test_a_mistyped_alias_is_reported_and_no_room_is_made(chat: Chat) -> None:
    refusal = "the Matrix room alias does not exist, and is not created"
    assert await chat.daemon.refusal("mistyped") == refusal
    assert not chat.server.knows_alias(f"#by-tokn:{NAME}")
    assert chat.server.rooms() == chat.rooms_before
    await _others_hear(chat, "mistyped", refusal)


@pytest.mark.fault(
    "a mistyped login at a Matrix server",
    how="Synapse, which would make an account of it",
    promise="reported in the server's words, and no account is made; the others hear of it",
)
async def test_a_mistyped_login_is_reported_and_no_account_is_made(chat: Chat) -> None:
    refusal = "127.0.0.1 answered 403 Forbidden: Invalid username or password"
    assert await chat.daemon.refusal("stranger") == refusal
    assert chat.server.knows_account("bot")
    assert not chat.server.knows_account("bott")
    await _others_hear(chat, "stranger", refusal)


async def _others_hear(chat: Chat, name: str, refusal: str) -> None:
    title = f"[tagdrift] the receiver {name} takes no messages"
    await chat.daemon.until(lambda: bool(chat.read("password", title)), f"a word about {name}", within=300)
    (text,) = chat.read("password", title)
    assert refusal in text


@pytest.mark.fault(
    "429 from a Matrix server",
    how=f"Synapse, which lets the account send a message in {MESSAGE_EVERY} s",
    promise="the wait is handed back, not slept; nothing is asked before, and then it is delivered once",
)
async def test_a_wait_that_the_server_asks_for_is_handed_back_and_obeyed(
    chat: Chat, record_property: Callable[[str, object], None]
) -> None:
    await chat.daemon.says("receiver slow: 127.0.0.1 answered 429 Too Many Requests", within=120)
    log = "\n".join(chat.daemon.lines)
    (asked,) = re.findall(r"receiver slow: .* asking to wait ([0-9.]+) s; tried again", log)
    await chat.daemon.until_told("slow")
    assert [row[1:3] for row in chat.daemon.rows("slow")] == [("delivered", 2)]
    ((waited,),) = chat.daemon.sql(
        "SELECT (last_attempt_at - first_attempt_at) / 1e6 FROM deliveries "
        "JOIN receivers ON receivers.id = receiver_id WHERE name = 'slow'"
    )
    assert waited >= float(asked)
    assert len(chat.read("slow")) == 1
    record_property("figure", f"asked for {asked} s, tried again after {waited:.1f} s")
