"""The parent's side of a delivery: start the child, give it its task, and end it at the deadline."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec

from monitor.receivers.masking import mask, secrets_of
from monitor.receivers.outcome import Outcome, Refused, Report, Tone, judge

CHILD = Path(__file__).with_name("child.py")
# A child that has reported may end its login; it gets this long.
LEAVE_WITHIN = 3.0
CHECK_WITHIN = 30.0

# All that a child needs of our environment: how to reach the network, and whom to trust there.
KEPT = frozenset(
    {"all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy"}
    | {"ALL_PROXY", "FTP_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}
    | {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE"}
    | {"LANG", "LC_ALL", "PATH", "TZ"}
)


async def deliver(
    url: str, title: str, body: str, *, deadline_for: timedelta, tone: Tone = Tone.INFO
) -> Outcome:
    """Hand over one message, as plain text; every failure is a `Refused`, and none raises.

    A cancelled delivery kills its child before it returns.
    """
    task = {"url": url, "title": title, "body": body, "tone": tone}
    try:
        line = await _run(task, deadline_for)
    except TimeoutError:
        return Refused(sentence=f"gave no answer within {deadline_for.total_seconds():g} s")
    except OSError as error:
        return Refused(sentence=f"the delivery process could not be started: {error.strerror}")
    except (MemoryError, RuntimeError) as error:
        # No room for it, or for the thread in which asyncio waits for it.
        return Refused(sentence=f"the delivery process could not be started: {str(error) or 'no memory'}")
    try:
        outcome = judge(msgspec.json.decode(line, type=Report))
    except msgspec.MsgspecError:
        return Refused(sentence="the delivery process ended without a report")
    if isinstance(outcome, Refused):
        return replace(outcome, sentence=_shown(outcome.sentence, url))
    return outcome


async def _run(task: Mapping[str, object], deadline_for: timedelta) -> bytes:
    child = await asyncio.create_subprocess_exec(
        *_command(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(deadline_for.total_seconds()):
            line = await _converse(child, task)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_WITHIN):
                await child.wait()
        return line
    finally:
        await _end(child)


async def _converse(child: asyncio.subprocess.Process, task: Mapping[str, object]) -> bytes:
    if child.stdin is None or child.stdout is None:
        raise OSError("no pipes")  # pragma: no cover - they were asked for
    with contextlib.suppress(ConnectionError):
        child.stdin.write(json.dumps(task).encode() + b"\n")
        # It stays open: its end tells the child that we are gone.
        await child.stdin.drain()
    try:
        return await child.stdout.readline()
    except ValueError:
        return b""


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    if child.stdin is not None:
        child.stdin.close()
    # Killed processes are gone in milliseconds; one stuck in the kernel must not hold us.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_WITHIN):
            await child.wait()


def check_addresses(urls: Mapping[str, str]) -> dict[str, str]:
    """Return a sentence, without the URL, for each of these named URLs that cannot be a receiver's.

    One child answers for all of them; nothing is sent.
    """
    if not urls:
        return {}
    try:
        done = subprocess.run(  # noqa: S603 our own file by our own interpreter
            _command(),
            input=json.dumps({"check": dict(urls)}).encode() + b"\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=CHECK_WITHIN,
            check=False,
        )
        found = msgspec.json.decode(done.stdout, type=dict[str, str | None])
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError):
        return dict.fromkeys(urls, "Apprise could not be asked whether it understands this address")
    return {name: _shown(text, urls[name]) for name, text in found.items() if text}


def check_address(url: str) -> str | None:
    """Return why this URL cannot be a receiver's, in a sentence without it; None where all is well."""
    return check_addresses({"it": url}).get("it")


def _shown(sentence: str, url: str) -> str:
    """Return it without the secrets, and without what a receiver could do to a terminal."""
    masked = mask(sentence, secrets_of(url))
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in masked
    )


def _command() -> list[str]:
    return [sys.executable, "-I", str(CHILD)]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in KEPT}
