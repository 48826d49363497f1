"""Nothing from outside is believed, rendered as it came, or allowed to hold the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from monitor.config import DaemonConfig
from monitor.errors import ConfigError
from monitor.web.doors.session import ours
from monitor.web.peers import bare_host, names_of
from monitor.web.server import address_of
from tests.facing import TOKEN, Facing, bearer

HOSTILE = "1.1<script>alert(1)</script>\"'&"
OLD = {"1.0": "2024-10-01T00:00:00Z"}
PAGES = ("/", "/targets/project", "/targets/project?range=day", "/alerts/1", "/alerts", "/deliveries")


@pytest.fixture
async def open_face(facing: Facing) -> Facing:
    """Pages of a project that is in step."""
    facing.housing.says("project", named="1.0", releases=OLD)
    await facing.open()
    return facing


async def test_a_tag_that_is_a_script_is_shown_and_does_nothing(facing: Facing) -> None:
    facing.housing.policy = 'threshold = "0"\nscheme = "published"'
    facing.housing.says("project", named="1.0", releases=OLD)
    await facing.open()
    await facing.housing.pass_for(minutes=6)
    facing.housing.says("project", releases={**OLD, HOSTILE: "2024-10-16T12:01:00Z"})
    await facing.housing.pass_for(minutes=30)
    for path in PAGES:
        answer = await facing.get(path)
        assert answer.status == 200, path
        assert "<script>alert" not in answer.text
    assert "1.1&lt;script&gt;alert(1)&lt;/script&gt;" in (await facing.get("/")).text
    for path in ("/badge/project.svg", "/feed.atom", "/metrics"):
        answer = await facing.get(path)
        assert answer.status == 200
        assert "<script>" not in answer.text


async def test_every_answer_forbids_scripts_of_others_frames_and_guessing(open_face: Facing) -> None:
    for path in ("/", "/nothing", "/api/v1/status", "/badge/project.svg", "/healthz"):
        headers = (await open_face.get(path)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Server"] == "tagdrift"


async def test_no_page_holds_style_or_script_of_its_own(open_face: Facing) -> None:
    for path in ("/", "/targets/project", "/silences", "/login"):
        text = (await open_face.get(path)).text
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick" not in text
        assert text.count("<script") == text.count("<script src=")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "[::1].evil", "localhost@evil"]
)
async def test_a_name_that_is_not_ours_is_turned_away(open_face: Facing, host: str) -> None:
    assert (await open_face.ask("GET", "/", headers={"Host": host})).status == 421


@pytest.mark.parametrize(
    "host", ["localhost:1", "127.0.0.1", "[::1]:8470", "drift.example.", "DRIFT.example:443"]
)
async def test_names_that_are_ours_are_answered(open_face: Facing, host: str) -> None:
    open_face.configure(hosts=("drift.example",))
    assert (await open_face.ask("GET", "/", headers={"Host": host})).status == 200


def test_the_name_of_the_public_address_is_ours() -> None:
    settings = DaemonConfig(
        database=None, public_url="https://drift.example:8443/x", hosts=("Other.Example",)
    )  # type: ignore[arg-type]
    assert {"drift.example", "other.example", "localhost"} <= names_of(settings)
    assert bare_host("[::1]:80") == "[::1]"


def test_an_address_that_others_can_reach_takes_a_proxy() -> None:
    settings: Any = {"database": None, "listen": "0.0.0.0:80"}
    with pytest.raises(ConfigError, match="can be reached from elsewhere"):
        address_of(DaemonConfig(**settings))
    assert address_of(DaemonConfig(**settings, trusted_proxies=("10.0.0.1",))) == ("0.0.0.0", 80)


async def test_forwarded_headers_are_believed_of_a_trusted_proxy_alone(open_face: Facing) -> None:
    forwarded = {"X-Forwarded-Host": "drift.example", "X-Forwarded-Proto": "https"}
    open_face.configure(hosts=("drift.example",), trusted_proxies=("10.0.0.1",))
    answer = await open_face.ask("POST", "/login", data={"token": TOKEN}, headers=forwarded)
    assert "Secure" not in str(answer.headers["Set-Cookie"])
    open_face.configure(trusted_proxies=("127.0.0.0/8",))
    answer = await open_face.ask("POST", "/login", data={"token": TOKEN}, headers=forwarded)
    assert "Secure" in str(answer.headers["Set-Cookie"])
    evil = {"X-Forwarded-Host": "evil.example"}
    assert (await open_face.ask("GET", "/", headers=evil)).status == 421


# --- who may write -------------------------------------------------------------------------------

WRITES = [
    ("PUT", "/api/v1/alerts/1/ack"),
    ("DELETE", "/api/v1/alerts/1/ack"),
    ("POST", "/api/v1/silences"),
    ("DELETE", "/api/v1/silences/1"),
    ("POST", "/api/v1/targets/project/look"),
    ("POST", "/hooks/look/project"),
    ("POST", "/hooks/github"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_nothing_is_written_without_the_token(open_face: Facing, method: str, path: str) -> None:
    assert (await open_face.ask(method, path)).status == 401
    assert (await open_face.ask(method, path, headers=bearer("not-the-token"))).status == 401
    open_face.configure(token=None)
    assert (await open_face.ask(method, path, headers=bearer())).status == 403


FORMS = (
    "/alerts/1/ack",
    "/alerts/1/unack",
    "/silences",
    "/silences/1/end",
    "/logout",
    "/targets/project/look",
)


@pytest.mark.parametrize("path", FORMS)
async def test_no_form_is_taken_without_a_session_and_its_token(open_face: Facing, path: str) -> None:
    assert (await open_face.post(path, {"csrf": "x"})).status == 401
    csrf = await open_face.log_in()
    assert (await open_face.post(path, {"csrf": csrf + "x"})).status == 403
    assert (await open_face.post(path, {})).status == 403
    assert (await open_face.post(path, {"csrf": csrf}, Origin="https://evil.example")).status == 403
    assert (await open_face.post(path, {"csrf": csrf}, Sec_Fetch_Site="cross-site")).status == 403
    assert (await open_face.ask("POST", path, json={"csrf": csrf})).status == 415


async def test_the_cookie_is_kept_from_scripts_and_other_sites(open_face: Facing) -> None:
    answer = await open_face.post("/login", {"token": TOKEN})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie


async def test_wrong_tokens_are_counted(open_face: Facing) -> None:
    for _ in range(10):
        assert (await open_face.post("/login", {"token": "wrong"})).status == 401
    answer = await open_face.post("/login", {"token": TOKEN})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert (await open_face.ask("POST", "/api/v1/targets/project/look", headers=bearer())).status == 429
    open_face.housing.clock.advance(timedelta(seconds=31))
    assert (await open_face.post("/login", {"token": TOKEN})).status == 303


async def test_a_session_ends_with_its_time_and_with_its_token(open_face: Facing) -> None:
    csrf = await open_face.log_in()
    open_face.configure(token="another-token-altogether")
    assert (await open_face.post("/targets/project/look", {"csrf": csrf})).status == 401
    open_face.configure(token=TOKEN)
    assert (await open_face.post("/targets/project/look", {"csrf": csrf})).status == 303
    open_face.housing.clock.advance(timedelta(hours=13))
    assert (await open_face.post("/targets/project/look", {"csrf": csrf})).status == 401


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("/targets/x?range=day", "/targets/x?range=day", id="a page of ours"),
        pytest.param("//evil.example", "/", id="another host"),
        pytest.param("/\\evil.example", "/", id="another host for some browsers"),
        pytest.param("https://evil.example", "/", id="an address"),
        pytest.param("/x\r\nSet-Cookie: a=b", "/", id="a header"),
    ],
)
def test_nobody_is_sent_elsewhere_after_logging_in(address: str, shown: str) -> None:
    assert ours(address) == shown


# --- public ----------------------------------------------------------------------------------------


async def test_public_pages_show_neither_actions_nor_configuration(open_face: Facing) -> None:
    open_face.configure(public=True)
    for path in (
        "/",
        "/targets/project",
        "/badge/project.svg",
        "/feed.atom",
        "/api/v1/targets/project/latest",
    ):
        text = (await open_face.get(path)).text
        for hidden in ("<button>Look", "[targets.project]", "/login", "ops", str(open_face.housing.path)):
            assert hidden not in text, path
    for path in (
        "/deliveries",
        "/silences",
        "/login",
        "/alerts",
        "/api/v1/status",
        "/api/v1/deliveries",
        "/metrics",
    ):
        assert (await open_face.get(path)).status == 404, path
    assert (await open_face.post("/login", {"token": TOKEN})).status == 404
    assert (await open_face.ask("GET", "/metrics", headers=bearer())).status == 200
    assert (await open_face.ask("GET", "/metrics", headers=bearer("wrong"))).status == 401
