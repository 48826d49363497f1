"""How names are resolved: by the system, each in a thread that keeps nobody waiting."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from monitor.fetcher import Fetcher
from monitor.fetcher.names import Info, Names, ask_the_system
from monitor.model import Request
from tests.servers.site import Site

LINK_LOCAL: Info = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 0, 3))


@pytest.fixture
def hanging() -> Iterator[Callable[..., list[Info]]]:
    """A lookup that says nothing of names that begin with `lame`, until the test ends."""
    ends = threading.Event()

    def lookup(host: str, port: int, family: socket.AddressFamily) -> list[Info]:
        if host.startswith("lame"):
            ends.wait(120)
        return list(ask_the_system("127.0.0.1", port, family))

    yield lookup
    ends.set()


async def test_a_name_is_asked_of_the_system(site: Site, open_fetcher: Callable[..., Fetcher]) -> None:
    site.answer("/m", "document")
    document = await open_fetcher(resolver=Names()).fetch(Request(url=site.url("/m", host="localhost")))
    assert document.body == b"document"


async def test_names_that_hang_keep_no_other_waiting(
    site: Site, open_fetcher: Callable[..., Fetcher], hanging: Callable[..., list[Info]]
) -> None:
    site.answer("/m", "document")
    fetcher = open_fetcher(resolver=Names(hanging))
    lame = [
        asyncio.create_task(fetcher.fetch(Request(url=site.url("/m", host=f"lame-{number}.test"))))
        for number in range(29)
    ]
    await asyncio.sleep(0)
    document = await fetcher.fetch(Request(url=site.url("/m", host="sound.test")))
    assert document.body == b"document"
    assert not any(task.done() for task in lame)
    for task in lame:
        task.cancel()
    await asyncio.gather(*lame, return_exceptions=True)


@pytest.mark.parametrize(
    "error", [socket.gaierror(socket.EAI_NONAME, "no"), UnicodeError("a label is too long")]
)
async def test_what_the_system_says_against_a_name_is_raised(error: Exception) -> None:
    def refuse(*_: object) -> list[Info]:
        raise error

    with pytest.raises(type(error)):
        await Names(refuse).resolve("gone.test", 80)


async def test_an_address_that_needs_its_interface_keeps_it() -> None:
    (found,) = await Names(lambda *_: [LINK_LOCAL]).resolve("near.test", 80)
    assert (found["host"], found["port"], found["family"]) == ("fe80::1%3", 80, socket.AF_INET6)


async def test_an_answer_that_comes_when_nobody_waits_any_more_is_dropped() -> None:
    goes_on, came = threading.Event(), threading.Event()

    def late(*_: object) -> list[Info]:
        goes_on.wait(60)
        came.set()
        return [LINK_LOCAL]

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await Names(late).resolve("late.test", 80)
    goes_on.set()
    await asyncio.to_thread(came.wait, 60)
    await asyncio.sleep(0)


ENDING = """
import asyncio, sys, time
from monitor.fetcher.names import Names

async def main():
    try:
        async with asyncio.timeout(0.2):
            await Names(lambda *_: time.sleep(3600)).resolve("lame.test", 80)
    except TimeoutError:
        print("given up")

asyncio.run(main())
"""


def test_a_process_ends_without_waiting_for_a_name() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDING], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "given up\n", "")
