"""Matrix, through the unmodified plugin: nothing is created, nobody sleeps, every login is ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from monitor.receivers import Delivered, Refused, child, deliver
from tests.servers.receivers import MatrixServer

SOON = timedelta(seconds=20)


@pytest.fixture
async def matrix() -> AsyncIterator[MatrixServer]:
    server = await MatrixServer().open()
    yield server
    await server.close()


def room(matrix: MatrixServer, name: str, login: str = "syt_t0ken") -> str:
    return f"matrix://{login}@127.0.0.1:{matrix.port}/{name}"


async def test_messages_in_a_row_all_arrive_with_a_token(matrix: MatrixServer) -> None:
    for number in range(2):
        outcome = await deliver(room(matrix, "%21abc%3Ahs.test"), f"t{number}", "b", deadline_for=SOON)
        assert outcome == Delivered()
    assert matrix.messages == ["t0\nb", "t1\nb"]


async def test_a_room_that_encrypts_is_refused_and_gets_nothing_in_the_open(matrix: MatrixServer) -> None:
    matrix.encrypts = True
    outcome = await deliver(room(matrix, "%21abc%3Ahs.test"), "t", "b", deadline_for=SOON)
    assert outcome == Refused(
        sentence="the Matrix room is encrypted, and this message would not be", looks_final=True
    )
    assert not matrix.messages


async def test_nothing_is_sent_while_it_is_not_known_whether_the_room_encrypts(matrix: MatrixServer) -> None:
    matrix.encrypts = None
    outcome = await deliver(room(matrix, "%21abc%3Ahs.test"), "t", "b", deadline_for=SOON)
    assert isinstance(outcome, Refused)
    assert outcome.sentence.startswith("127.0.0.1 answered 500 Internal Server Error")
    assert not outcome.looks_final
    assert not matrix.messages


async def test_a_room_whose_id_names_no_server_is_told(matrix: MatrixServer) -> None:
    assert await deliver(room(matrix, "%21new"), "t", "b", deadline_for=SOON) == Delivered()


async def test_a_login_by_password_is_ended(matrix: MatrixServer) -> None:
    url = room(matrix, "%23ops%3Ahs.test", "bot:passw0rd")
    assert await deliver(url, "t", "b", deadline_for=SOON) == Delivered()
    assert (len(matrix.messages), matrix.logins, matrix.logouts) == (1, 1, 1)


async def test_a_mistyped_alias_is_reported_and_not_created(matrix: MatrixServer) -> None:
    outcome = await deliver(room(matrix, "%23opps%3Ahs.test", "bot:passw0rd"), "t", "b", deadline_for=SOON)
    assert outcome == Refused(
        sentence="the Matrix room alias does not exist, and is not created", looks_final=True
    )
    assert not matrix.created
    assert not matrix.messages


async def test_a_login_that_is_refused_makes_no_account(matrix: MatrixServer) -> None:
    url = room(matrix, "%23ops%3Ahs.test", "bot:passwOrd")
    assert await deliver(url, "t", "b", deadline_for=SOON) == Refused(
        sentence="127.0.0.1 answered 403 Forbidden: Invalid username or password", looks_final=True
    )
    assert not matrix.registered
    assert not matrix.messages


async def test_a_long_wait_is_handed_back_and_not_slept(matrix: MatrixServer) -> None:
    matrix.limited_for = 329.5
    outcome = await deliver(room(matrix, "%21abc%3Ahs.test"), "t", "b", deadline_for=SOON)
    assert outcome == Refused(
        sentence="127.0.0.1 answered 429 Too Many Requests, asking to wait 329.5 s",
        retry_after_for=timedelta(seconds=329.5),
    )


async def test_a_room_that_is_none_is_final(matrix: MatrixServer) -> None:
    outcome = await deliver(room(matrix, "%21gone%3Ahs.test"), "t", "b", deadline_for=SOON)
    assert isinstance(outcome, Refused)
    assert outcome.looks_final


def test_no_keys_are_made_and_nothing_is_slept_between_the_requests_of_one_message() -> None:
    url = "matrixs://syt_t0ken@127.0.0.1/%21abc%3Ahs.test?autoverify=yes"
    child.beside("plugins.py")["load_only"](url)
    service, _ = child.build(url)
    assert (service.e2ee, service.autoverify, service.request_rate_per_sec) == (False, False, 0)
