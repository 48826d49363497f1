"""Slack, from a drift to the webhook: the daemon in a network of its own, where Slack's names are ours."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import trustme
from aiohttp import web

from tests.real.network import InnerSite, network
from tests.real.telling import Telling, telling
from tests.servers.receivers import drip, hang

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

ASKED_FOR = 20
# The first drift is told to those that have their moods, the second to those that never take anything.
ROUTES = """
[targets.widget]
labels = { told = "first" }

[targets.gadget]
labels = { told = "second" }

[[routes]]
receivers = ["ok", "limited", "hanging", "dripping", "portal"]
labels = { told = "first" }

[[routes]]
receivers = ["ok", "unknown", "forbidden"]
labels = { told = "second" }
"""
TITLE = "[behind] {}: {}.json went back to 1.0.0; 1.1.0 is out"
Answering = Callable[[web.BaseRequest], Any]


async def ok(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text="ok")


async def no_service(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=404, text="no_service")


async def invalid_token(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=403, text="invalid_token")


async def rate_limited(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=429, text="rate_limited", headers={"Retry-After": str(ASKED_FOR)})


async def sign_in(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(
        text="<html><form>Welcome to our wireless network</form></html>", content_type="text/html"
    )


# What each answers to its first message, if that is not "ok"; and what it is of Slack's that answers.
FIRST = {"limited": rate_limited, "hanging": hang, "dripping": drip, "portal": sign_in}
ALWAYS = {"unknown": no_service, "forbidden": invalid_token}
NAMES = ("ok", *FIRST, *ALWAYS)
SECRET = "TIiajkdnlazkcOXrIdevi7F"


def tokens(name: str) -> str:
    return f"T1JJ3T3L2/A1BRTD4J{NAMES.index(name)}/{SECRET}{NAMES.index(name)}"


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A message as it came to a webhook, and when by the steady clock."""

    at: float
    webhook: str
    payload: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.payload["attachments"][0]["title"])

    @property
    def text(self) -> str:
        return str(self.payload["attachments"][0]["text"])


@dataclass(kw_only=True)
class Slack:
    """The daemon, and what came to Slack, in order."""

    daemon: Telling
    heard: list[Heard] = field(default_factory=list)

    def listens(self, name: str) -> Answering:
        async def webhook(request: web.BaseRequest) -> web.StreamResponse:
            payload = json.loads(await request.read())
            is_first = not self.of(name)
            self.heard.append(Heard(at=time.monotonic(), webhook=name, payload=payload))
            answer = ALWAYS.get(name) or (FIRST.get(name, ok) if is_first else ok)
            return await answer(request)

        return webhook

    def of(self, name: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.webhook == name]

    def drifts(self, name: str) -> list[Heard]:
        return [heard for heard in self.of(name) if heard.title.startswith("[behind]")]


def certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.slack.com", "slack.com").configure_cert(context)
    return context


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def slack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Slack]:
    """Two drifts, the second as soon as one webhook has asked for time."""
    authority, folder = trustme.CA(), tmp_path_factory.mktemp("slack")
    async with AsyncExitStack() as stack:
        inside = stack.enter_context(network(folder / "network"))
        with (folder / "network" / "hosts").open("a") as hosts:
            hosts.write("127.0.0.1 hooks.slack.com slack.com\n")
        site = InnerSite(inside, certified(authority))
        await site.open()
        stack.push_async_callback(site.close)
        # A server on a loaded machine is no fault: but for one that hangs the plugin waits longer than 4 s.
        patient = {name: "" if name == "hanging" else "?cto=60&rto=60" for name in NAMES}
        addresses = {name: f"slack://{tokens(name)}{patient[name]}" for name in NAMES}
        daemon = await stack.enter_async_context(
            telling(folder, site, addresses, wrapper=inside.wrapper(folder))
        )
        slack = Slack(daemon=daemon)
        for name in NAMES:
            site.script(f"/services/{tokens(name)}", slack.listens(name))
        daemon.trust(authority)
        daemon.configure("widget", "gadget", more=ROUTES)
        daemon.publish("gadget", named="1.1.0")
        await daemon.drift("widget")
        await daemon.says("receiver limited: hooks.slack.com answered 429", within=120)
        daemon.publish("gadget", named="1.0.0")
        yield slack


async def refused_once_and_then_told(slack: Slack, name: str) -> str:
    """Wait until a webhook has the first drift by its second attempt; return why it had refused the first."""
    await slack.daemon.until_told(name)
    assert [row[:3] for row in slack.daemon.rows(name)] == [(TITLE.format(*["widget"] * 2), "delivered", 2)]
    assert len(slack.drifts(name)) == 2
    return slack.daemon.said_of(name)[0]


async def test_a_drift_is_what_a_person_reads_in_the_channel(slack: Slack) -> None:
    told_once = ("delivered", 1)
    await slack.daemon.until(
        lambda: [row[1:3] for row in slack.daemon.rows("ok")] == [told_once] * 2, "both drifts", within=120
    )
    widget, gadget = slack.drifts("ok")
    assert [widget.title, gadget.title] == [TITLE.format(name, name) for name in ("widget", "gadget")]
    since, looked, links, quiet = widget.text.splitlines()
    assert since.startswith("since ")
    assert looked.startswith("Confirmed ")
    assert links == f"metadata {slack.daemon.site.url('/widget.json')}"
    assert quiet == "Quiet: tagdrift ack 1"
    assert widget.payload["mrkdwn"] is False
    # What a phone shows of it.
    assert widget.payload["attachments"][0]["fallback"] == widget.title


@pytest.mark.fault(
    "429 from Slack",
    how=f"a TLS server under Slack's own names asks for {ASKED_FOR} s",
    promise="nothing at all is sent there before, and then it is delivered once",
)
async def test_the_time_that_slack_asks_for_is_obeyed(
    slack: Slack, record_property: Callable[[str, object], None]
) -> None:
    refusal = await refused_once_and_then_told(slack, "limited")
    assert refusal == f"hooks.slack.com answered 429 Too Many Requests, asking to wait {ASKED_FOR} s"
    first, second = slack.of("limited")[:2]
    assert second.at - first.at >= ASKED_FOR
    assert second.title == first.title
    record_property("figure", f"asked for {ASKED_FOR} s, tried again after {second.at - first.at:.1f} s")


@pytest.mark.fault(
    "a webhook that Slack does not know, or whose token is not valid",
    how="404 no_service, and 403 invalid_token",
    promise="stands as undelivered with Slack's word, is tried hourly, and the others hear of it",
)
@pytest.mark.parametrize(
    ("name", "refusal"),
    [("unknown", "404 Not Found: no_service"), ("forbidden", "403 Forbidden: invalid_token")],
)
async def test_what_slack_will_never_take_stands_there_and_the_others_hear_of_it(
    slack: Slack, name: str, refusal: str
) -> None:
    assert await slack.daemon.refusal(name) == f"hooks.slack.com answered {refusal}"
    title = f"[tagdrift] the receiver {name} takes no messages"

    def told() -> list[Heard]:
        return [heard for heard in slack.of("ok") if heard.title == title]

    await slack.daemon.until(lambda: bool(told()), f"a word about {name}", within=120)
    assert told()[0].text.splitlines()[0] == f"hooks.slack.com answered {refusal}"
    assert [row[1:3] for row in slack.daemon.rows(name)] == [("queued", 1)]
    listed = await slack.daemon.command("deliveries", "--receiver", name, "--config", "config.toml")
    assert refusal in listed


@pytest.mark.fault(
    "Slack hangs, or answers a byte now and then",
    how="the server takes the message and says nothing, or goes on saying something for ever",
    promise="left at a deadline and delivered by the second attempt; the others do not wait for it",
)
@pytest.mark.parametrize(
    ("name", "refusal"),
    [("hanging", "could not be delivered: time-out"), ("dripping", "gave no answer within 30 s")],
)
async def test_an_answer_that_does_not_end_is_left(slack: Slack, name: str, refusal: str) -> None:
    assert await refused_once_and_then_told(slack, name) == refusal
    log = "\n".join(slack.daemon.lines)
    assert log.index("receiver ok: told of alert 1") < log.index(f"receiver {name}: told of alert 1")


@pytest.mark.fault(
    "a sign-in page in front of Slack",
    how="200 with a web page",
    promise="not taken for a delivery, and delivered once the page is gone",
)
async def test_a_sign_in_page_is_no_delivery(slack: Slack) -> None:
    refusal = await refused_once_and_then_told(slack, "portal")
    assert refusal == "hooks.slack.com answered 200 OK with a web page; is something in between?"


async def test_no_token_is_in_the_log_or_in_the_database(slack: Slack) -> None:
    await slack.daemon.until_told("dripping")
    assert SECRET not in "\n".join(slack.daemon.lines)
    for file in slack.daemon.database.parent.iterdir():
        assert SECRET.encode() not in file.read_bytes(), file
