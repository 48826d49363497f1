"""`tagdrift notify test` sends a real message, says what came of it, and hurries what waits."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import tagdrift
from tests.conftest import ManualClock
from tests.outbox import Outbox
from tests.servers.site import Site

CANARY = "canary5ecret"


async def notify_test(
    folder: Path, receivers: dict[str, str], *arguments: str, database: str = "tagdrift.db"
) -> Result:
    """Run the command with these receivers; in a thread, for the servers are in this loop."""
    environ = {f"RECEIVER_{name}": url for name, url in receivers.items()}
    tables = [f'[receivers.{name}]\nurl = {{ env = "RECEIVER_{name}" }}' for name in receivers]
    config = folder / "config.toml"
    config.write_text("\n".join([f'[daemon]\ndatabase = "{folder / database}"', *tables]))
    line = ["notify", "test", "--config", str(config), *arguments]
    return await asyncio.to_thread(CliRunner().invoke, tagdrift, line, env=environ)


def url_of(site: Site, name: str) -> str:
    return f"json://{CANARY}:{CANARY}@127.0.0.1:{site.port}/{name}"


async def test_each_receiver_gets_a_message_and_a_line(tmp_path: Path, site: Site) -> None:
    site.answer("/ops", "ok")
    site.answer("/chat", f"no {CANARY} here", status=404)
    done = await notify_test(tmp_path, {"ops": url_of(site, "ops"), "chat": url_of(site, "chat")})
    assert done.exit_code == 1, done.output
    assert done.stdout.splitlines() == [
        "ops: delivered",
        (
            "chat: not delivered: 127.0.0.1 answered 404 Not Found: no **** here; "
            "it is not likely to mend by itself"
        ),
    ]
    assert json.loads(site.asked("/ops")[0].body)["title"] == "[tagdrift] a test"
    assert CANARY not in done.output


async def test_one_receiver_may_be_named_and_machines_may_read_it(tmp_path: Path, site: Site) -> None:
    site.answer("/chat", "wait", status=429, headers={"Retry-After": "30"})
    urls = {"ops": url_of(site, "ops"), "chat": url_of(site, "chat")}
    done = await notify_test(tmp_path, urls, "chat", "--format", "json")
    assert done.exit_code == 1, done.output
    assert json.loads(done.stdout)["receivers"] == [
        {
            "receiver": "chat",
            "delivered": False,
            "sentence": "127.0.0.1 answered 429 Too Many Requests, asking to wait 30 s",
            "looks_final": False,
            "retry_after_for": 30.0,
        }
    ]
    assert not site.asked("/ops")


async def test_what_waits_for_a_receiver_that_takes_it_is_due_at_once(
    tmp_path: Path, site: Site, outbox: Outbox, clock: ManualClock
) -> None:
    site.answer("/ops", "ok")
    await outbox.add("ops", 17)
    await outbox.add("chat", 17)
    far = clock.now().replace(year=2090)

    def wait(ledger) -> None:
        ledger.claim(clock.now(), ["ops", "chat"])
        ledger.mark_failed([1, 2], clock.now(), "no", far)

    await outbox.store.writer.submit(wait)
    done = await notify_test(tmp_path, {"ops": url_of(site, "ops")}, "ops", database=outbox.path.name)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    ops, chat = outbox.rows()
    assert ops.next_at < far
    assert chat.next_at == far


async def test_a_database_that_is_none_spoils_only_the_hurry(tmp_path: Path, site: Site) -> None:
    site.answer("/ops", "ok")
    (tmp_path / "tagdrift.db").write_text("this is no database, whatever its name says")
    done = await notify_test(tmp_path, {"ops": url_of(site, "ops")})
    assert done.exit_code == 0, done.output
    assert "ops: delivered" in done.stdout
    assert "not sent any sooner" in done.stderr


@pytest.mark.parametrize(
    ("receivers", "arguments", "status", "sentence"),
    [
        pytest.param({}, [], 1, "no receivers are configured", id="none"),
        pytest.param(
            {"ops": "json://localhost"}, ["opps"], 2, "There is no receiver 'opps'; there is ops.", id="typo"
        ),
    ],
)
async def test_what_cannot_be_tried_is_said(
    tmp_path: Path, receivers: dict[str, str], arguments: list[str], status: int, sentence: str
) -> None:
    done = await notify_test(tmp_path, receivers, *arguments)
    assert done.exit_code == status
    assert sentence in done.stderr
