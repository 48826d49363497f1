"""Hand a message over from a process of its own, and end that process whatever it does."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from monitor.receivers import Delivered, Refused, Tone, check_address, check_addresses, deliver
from monitor.receivers.delivery import CHILD
from tests.processes import children_of
from tests.servers.receivers import Hanging, drip, hang
from tests.servers.site import Site

SOON = timedelta(seconds=20)
CANARY = "canary5ecret"


def hook(site: Site, path: str = "/hook") -> str:
    return f"json://127.0.0.1:{site.port}{path}"


async def test_a_message_arrives_as_it_was_written(site: Site) -> None:
    site.answer("/hook", "ok")
    body = "since 15:40 UTC · <!here> *bold* &amp; <b>\n:smile: \\n ünïcödé 🦉"
    outcome = await deliver(hook(site), "[behind] x: y", body, deadline_for=SOON, tone=Tone.WARNING)
    assert outcome == Delivered()
    got = json.loads(site.asked("/hook")[0].body)
    assert (got["title"], got["message"], got["type"]) == ("[behind] x: y", body, "warning")


async def test_a_long_message_is_one_message_that_ends_with_an_ellipsis(site: Site) -> None:
    site.answer("/hook", "ok")
    assert await deliver(hook(site), "t" * 9000, "b" * 90_000, deadline_for=SOON) == Delivered()
    (asked,) = site.requests
    got = json.loads(asked.body)
    assert len(got["message"]) == 3000
    assert got["message"].endswith("b…")
    assert len(got["title"]) <= 3000


async def test_receivers_that_never_end_their_answer_are_left_at_the_deadline(site: Site) -> None:
    site.script("/hang", hang)
    site.script("/drip", drip)
    before, short = children_of(os.getpid()), timedelta(seconds=8)
    outcomes = await asyncio.gather(
        *(
            deliver(hook(site, path), "t", "b", deadline_for=short)
            for path in ("/hang?rto=60", "/drip?rto=60")
        )
    )
    assert outcomes == [Refused(sentence="gave no answer within 8 s")] * 2
    assert len(site.requests) == 2
    assert children_of(os.getpid()) == before


async def test_a_cancelled_delivery_leaves_no_process(site: Site) -> None:
    hanging = Hanging()
    site.script("/hook", hanging)
    before = children_of(os.getpid())
    delivery = asyncio.create_task(deliver(hook(site), "t", "b", deadline_for=SOON))
    await hanging.arrived.wait()
    (child,) = children_of(os.getpid()) - before
    assert os.getpgid(child) == child
    delivery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivery
    assert children_of(os.getpid()) == before


async def test_a_child_that_is_killed_is_a_refusal(site: Site) -> None:
    hanging = Hanging()
    site.script("/hook", hanging)
    before = children_of(os.getpid())
    delivery = asyncio.create_task(deliver(hook(site), "t", "b", deadline_for=SOON))
    await hanging.arrived.wait()
    (child,) = children_of(os.getpid()) - before
    os.kill(child, signal.SIGKILL)
    assert await delivery == Refused(sentence="the delivery process ended without a report")


def test_a_child_inherits_no_secret_and_cannot_refuse_to_die() -> None:
    script = """
import asyncio, datetime, os, pathlib, signal, socket
from monitor.receivers import deliver
from tests.processes import children_of

async def main():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"json://127.0.0.1:{server.getsockname()[1]}"
        delivery = asyncio.create_task(deliver(url, "t", "b", deadline_for=datetime.timedelta(seconds=9)))
        (await asyncio.to_thread(server.accept))[0].recv(1)
        for child in children_of(os.getpid()):
            print(pathlib.Path(f"/proc/{child}/environ").read_text().count("OPS_URL"))
        delivery.cancel()
        await asyncio.wait([delivery])
    print(children_of(os.getpid()))

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "OPS_URL": f"json://{CANARY}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "0\nset()\n"


def test_without_descriptors_a_delivery_is_a_refusal() -> None:
    script = """
import asyncio, datetime, os, resource
from monitor.receivers import deliver
resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))
held = [os.dup(0) for _ in range(12 - 4 - len(os.listdir("/proc/self/fd")))]
print(asyncio.run(deliver("json://localhost", "t", "b", deadline_for=datetime.timedelta(seconds=9))).sentence)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "the delivery process could not be started: Too many open files\n"


def test_without_room_for_a_thread_a_delivery_is_a_refusal() -> None:
    # asyncio waits for a child in a thread of its own where the kernel or Python knows no better way.
    script = """
import asyncio, datetime, resource
from monitor.receivers import deliver
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 2**20, size + 2**20))
print(asyncio.run(deliver("json://localhost:9", "t", "b", deadline_for=datetime.timedelta(seconds=9))))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Refused(")


async def test_the_secret_is_in_no_argument_and_no_environment_of_any_process(site: Site) -> None:
    seen: list[bytes] = []

    async def look_around(request: web.BaseRequest) -> web.StreamResponse:
        for pid in children_of(os.getpid()):
            seen.append((Path("/proc") / str(pid) / "cmdline").read_bytes())
            seen.append((Path("/proc") / str(pid) / "environ").read_bytes())
        return web.Response(text="ok")

    site.script(f"/{CANARY}", look_around)
    address = f"json://user:{CANARY}@127.0.0.1:{site.port}/{CANARY}?+X-Token={CANARY}"
    assert await deliver(address, "t", "b", deadline_for=SOON) == Delivered()
    assert site.requests[0].headers["X-Token"] == CANARY
    assert any(str(CHILD).encode() in text for text in seen)
    assert not [text for text in seen if CANARY.encode() in text]


async def test_a_child_whose_parent_is_gone_ends_itself(site: Site) -> None:
    hanging = Hanging()
    site.script("/hook", hanging)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(CHILD)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps({"url": hook(site), "title": "t", "body": "b"}).encode() + b"\n")
    await hanging.arrived.wait()
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 60) == -signal.SIGKILL


async def test_what_is_no_address_is_refused_for_good() -> None:
    outcome = await deliver(f"nonsense://{CANARY}", "t", "b", deadline_for=SOON)
    assert outcome == Refused(sentence="not an address Apprise understands", looks_final=True)


def test_addresses_are_checked_without_sending_anything() -> None:
    found = check_addresses(
        {
            "good": "json://localhost/x",
            "bad": f"nonsense://{CANARY}",
            "one": "mailto://localhost?from=a@example.com&to=b@example.com",
            "two": "mailto://localhost?from=a@example.com&to=b@example.com,c@example.com",
        }
    )
    assert found == {
        "bad": "not an address Apprise understands",
        "two": "it names 2 mail recipients; give each its own receiver",
    }


def test_no_address_needs_no_process() -> None:
    assert check_addresses({}) == {}


def test_one_address_is_checked_alike() -> None:
    assert check_address("json://localhost/x") is None


def test_neither_room_imports_apprise_or_requests() -> None:
    script = "import sys, monitor.receivers, monitor.notifier; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"apprise", "requests", "urllib3", "aiohttp", "sqlalchemy"} & {*done.stdout.split()}
