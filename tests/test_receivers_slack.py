"""Slack, through the unmodified plugin, under Slack's own names: a proxy leads to a server of ours."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import trustme

from monitor.receivers import Delivered, Outcome, Refused
from monitor.receivers.delivery import CHILD
from monitor.receivers.outcome import Report, judge
from tests.servers.site import Answer, Site

TOKENS = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
WEBHOOK = f"slack://{TOKENS}?footer=no&image=no"
BOT = "slack://xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d/%23ops"


@pytest.fixture
async def slack(open_site: Callable[..., Awaitable[Site]], certified: Callable[..., object]) -> Site:
    """A server that has a certificate for Slack's names."""
    return await open_site(tls=certified("hooks.slack.com", "slack.com"))


@pytest.fixture
async def proxy(slack: Site) -> AsyncIterator[str]:
    """The address of a proxy that leads every name to `slack`."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        there, back = await asyncio.open_connection("127.0.0.1", slack.port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.fixture
def send(proxy: str, authority: trustme.CA, tmp_path: Path) -> Callable[[str], Awaitable[Outcome]]:
    """Deliver one message from a child that has this proxy and this authority in its environment."""
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    environment = {"PATH": os.environ["PATH"], "HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": str(trusted)}

    async def sent(url: str) -> Outcome:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(CHILD)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps({"url": url, "title": "a & <b>", "body": "b"}).encode() + b"\n")
        line = await asyncio.wait_for(child.stdout.readline(), 60)
        await child.wait()
        return judge(msgspec.json.decode(line, type=Report))

    return sent


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(Answer(body=b"ok"), Delivered(), id="ok"),
        pytest.param(
            Answer(status=404, body=b"no_service"),
            Refused(sentence="hooks.slack.com answered 404 Not Found: no_service", looks_final=True),
            id="no_service",
        ),
        pytest.param(
            Answer(status=403, body=b"invalid_token"),
            Refused(sentence="hooks.slack.com answered 403 Forbidden: invalid_token", looks_final=True),
            id="invalid_token",
        ),
        pytest.param(
            Answer(status=429, body=b"rate_limited", headers={"Retry-After": "30"}),
            Refused(
                sentence="hooks.slack.com answered 429 Too Many Requests, asking to wait 30 s",
                retry_after_for=timedelta(seconds=30),
            ),
            id="rate_limited",
        ),
        pytest.param(
            Answer(body=b"<html>sign in</html>", headers={"Content-Type": "text/html"}),
            Refused(sentence="hooks.slack.com answered 200 OK with a web page; is something in between?"),
            id="a sign-in page",
        ),
    ],
)
async def test_a_webhook_is_judged(
    slack: Site, send: Callable[[str], Awaitable[Outcome]], answer: Answer, expected: Outcome
) -> None:
    slack.script(f"/services/{TOKENS}", answer)
    assert await send(WEBHOOK) == expected
    assert len(slack.asked(f"/services/{TOKENS}")) == 1


@pytest.mark.fault(
    "Slack: an error inside a success",
    how="200 with ok false, under Slack's own name",
    promise="a refusal with Slack's word, and no secret in it",
)
@pytest.mark.parametrize("address", [WEBHOOK, f"{WEBHOOK}&blocks=yes"])
async def test_a_phone_shows_the_title_before_the_message_is_opened(
    slack: Site, send: Callable[[str], Awaitable[Outcome]], address: str
) -> None:
    slack.answer(f"/services/{TOKENS}", "ok")
    assert await send(address) == Delivered()
    (attachment,) = json.loads(slack.requests[0].body)["attachments"]
    assert attachment["fallback"] == "a &amp; &lt;b&gt;"


async def test_an_error_in_a_success_of_the_api_is_a_refusal(
    slack: Site, send: Callable[[str], Awaitable[Outcome]]
) -> None:
    slack.answer("/api/chat.postMessage", {"ok": False, "error": "not_in_channel", "token": "xoxb-s3cret"})
    assert await send(BOT) == Refused(
        sentence="slack.com answered 200 OK but did not accept the message: not_in_channel", looks_final=True
    )
