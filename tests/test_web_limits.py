"""A client that is slow, or sends too much, holds itself and nobody else."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import pytest

from monitor.web.connections import Connections
from monitor.web.limiting import Limiter
from tests.conftest import ManualClock
from tests.facing import Facing

OLD = {"1.0": "2024-10-01T00:00:00Z"}


@pytest.fixture
async def open_face(facing: Facing) -> Facing:
    """Pages of a project that is in step."""
    facing.housing.says("project", named="1.0", releases=OLD)
    await facing.open()
    return facing


async def test_a_body_that_is_too_large_is_refused(open_face: Facing) -> None:
    answer = await open_face.ask("POST", "/hooks/github", data=io.BytesIO(b"x" * 2_000_000))
    assert answer.status == 413


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", id="a long header"
        ),
        pytest.param(b"GET /" + b"y" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", id="a long address"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", id="many headers"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", id="TLS"),
    ],
)
async def test_a_head_that_is_too_large_or_none_is_refused(open_face: Facing, head: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", open_face.port)
    writer.write(head)
    assert (await reader.read(12)).endswith(b" 400")
    writer.close()
    assert (await open_face.get("/")).status == 200


async def heard_until_cut(reader: asyncio.StreamReader) -> bytes:
    """Return what came before the connection was cut."""
    try:
        async with asyncio.timeout(60):
            return await reader.read()
    except ConnectionError:
        return b""


async def test_a_client_that_never_ends_its_request_is_cut(facing: Facing) -> None:
    facing.connections = Connections()
    await facing.open()
    reader, writer = await asyncio.open_connection("127.0.0.1", facing.port)
    writer.write(b"GET / HTTP/1.1\r\n")
    assert (await facing.get("/healthz")).status == 200
    now = asyncio.get_running_loop().time()
    facing.connections.sweep(now + 9)
    assert facing.connections.cut == 0
    facing.connections.sweep(now + 11)
    assert await heard_until_cut(reader) == b""
    assert facing.connections.cut == 1
    writer.close()


async def test_a_client_that_takes_nothing_of_its_answer_is_cut(facing: Facing) -> None:
    facing.connections = Connections()
    facing.housing.targets = {f"p{number:03}": "" for number in range(200)}
    await facing.open()
    _, writer = await asyncio.open_connection("127.0.0.1", facing.port, limit=1)
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40)
    now = asyncio.get_running_loop().time()
    async with asyncio.timeout(60):
        while not facing.connections.cut:
            assert (await facing.get("/healthz")).status == 200
            now += 20
            facing.connections.sweep(now)
    writer.close()


async def test_one_connection_too_many_is_cut_and_the_others_go_on(facing: Facing) -> None:
    facing.connections = Connections(most=2)
    await facing.open()
    assert (await facing.get("/healthz")).status == 200
    _, first = await asyncio.open_connection("127.0.0.1", facing.port)
    reader, second = await asyncio.open_connection("127.0.0.1", facing.port)
    assert await heard_until_cut(reader) == b""
    assert (await facing.get("/healthz")).status == 200
    first.close()
    second.close()


def test_a_limiter_gives_back_with_time(clock: ManualClock) -> None:
    limiter = Limiter(clock, most=2, every=timedelta(seconds=10))
    assert [limiter.take("a"), limiter.take("a"), limiter.take("a"), limiter.take("b")] == [
        True,
        True,
        False,
        True,
    ]
    assert limiter.wait_for("a") == timedelta(seconds=10)
    clock.advance(timedelta(seconds=10))
    assert limiter.take("a")
