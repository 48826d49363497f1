"""What a receiver says becomes a sentence, a time to wait, and whether trying again soon makes sense.

The child's half runs here in this process, against real servers: one process each would cost seconds.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from aiosmtpd.smtp import AuthResult

from monitor.receivers import Delivered, Outcome, Refused, child
from monitor.receivers.outcome import Report, judge
from tests.servers.receivers import MailServer, reset
from tests.servers.site import Answer, Site


async def outcome_of(url: str) -> Outcome:
    task = {"url": url, "title": "title", "body": "body"}
    report = await asyncio.to_thread(child.deliver, task)
    return judge(msgspec.json.decode(msgspec.json.encode(report), type=Report))


def hook(site: Site) -> str:
    return f"json://127.0.0.1:{site.port}/hook"


JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(Answer(status=200, body=b"ok"), Delivered(), id="ok"),
        pytest.param(Answer(status=204), Delivered(), id="no content"),
        pytest.param(
            Answer(status=404, body=b"no_service"),
            Refused(sentence="127.0.0.1 answered 404 Not Found: no_service", looks_final=True),
            id="an unknown webhook",
        ),
        pytest.param(
            Answer(status=401, body=b'{"message": "Unauthorized"}', headers=JSON),
            Refused(
                sentence='127.0.0.1 answered 401 Unauthorized: {"message": "Unauthorized"}', looks_final=True
            ),
            id="wrong credentials",
        ),
        pytest.param(
            Answer(status=403, body=b'{"errcode": "M_FORBIDDEN", "error": "not\\ninvited"}', headers=JSON),
            Refused(sentence="127.0.0.1 answered 403 Forbidden: not invited", looks_final=True),
            id="an error that is told in words",
        ),
        pytest.param(
            Answer(status=500, body=b"boom \n\x00 " + b"x" * 9000),
            Refused(sentence="127.0.0.1 answered 500 Internal Server Error: boom \x00 " + "x" * 193),
            id="a failure with a long text",
        ),
        pytest.param(
            Answer(status=503, headers={"Retry-After": "120"}),
            Refused(
                sentence="127.0.0.1 answered 503 Service Unavailable", retry_after_for=timedelta(seconds=120)
            ),
            id="busy, with a time",
        ),
        pytest.param(
            Answer(status=429, body=b"rate_limited", headers={"Retry-After": "30"}),
            Refused(
                sentence="127.0.0.1 answered 429 Too Many Requests, asking to wait 30 s",
                retry_after_for=timedelta(seconds=30),
            ),
            id="limited, with seconds",
        ),
        pytest.param(
            Answer(
                status=429,
                headers={
                    "Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT",
                    "Date": "Fri, 31 Dec 1999 23:59:49 GMT",
                },
            ),
            Refused(
                sentence="127.0.0.1 answered 429 Too Many Requests, asking to wait 10 s",
                retry_after_for=timedelta(seconds=10),
            ),
            id="limited, with a date against the answer's own",
        ),
        pytest.param(
            Answer(status=429, body=b'{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}', headers=JSON),
            Refused(
                sentence="127.0.0.1 answered 429 Too Many Requests, asking to wait 2.5 s",
                retry_after_for=timedelta(seconds=2.5),
            ),
            id="limited, with milliseconds as Matrix has them",
        ),
        pytest.param(
            Answer(status=429, headers={"Retry-After": "soon"}),
            Refused(sentence="127.0.0.1 answered 429 Too Many Requests"),
            id="limited, with nonsense",
        ),
        pytest.param(
            Answer(status=403, body=b"<html>sign in</html>", headers=HTML),
            Refused(sentence="127.0.0.1 answered 403 Forbidden with a web page; is something in between?"),
            id="a web page is not the receiver's word, and not final",
        ),
        pytest.param(
            Answer(status=302, headers={"Location": "http://portal.example/in?token=abcdefgh"}),
            Refused(
                sentence="127.0.0.1 answered 302 Found, sending us on to portal.example; "
                "is something in between?"
            ),
            id="a sign-in page behind a redirect is no success",
        ),
        pytest.param(
            Answer(status=599), Refused(sentence="127.0.0.1 answered 599"), id="a status without a name"
        ),
    ],
)
async def test_an_answer_is_judged(site: Site, answer: Answer, expected: Outcome) -> None:
    site.script("/hook", answer)
    assert await outcome_of(hook(site)) == expected


async def test_a_message_taken_before_the_connection_breaks_counts_as_refused(site: Site) -> None:
    site.script("/hook", reset)
    outcome = await outcome_of(hook(site))
    assert isinstance(outcome, Refused)
    assert outcome.sentence.startswith("could not be delivered: ")
    assert not outcome.looks_final
    assert len(site.requests) == 1


async def test_a_closed_port_is_named_by_its_reason_and_not_by_its_address(site: Site) -> None:
    await site.drop()
    assert await outcome_of(hook(site)) == Refused(sentence="could not be delivered: Connection refused")


async def test_a_certificate_that_is_not_ours_to_trust_is_named(tls_site: Site) -> None:
    tls_site.answer("/hook", "ok")
    outcome = await outcome_of(f"jsons://localhost:{tls_site.port}/hook")
    assert isinstance(outcome, Refused)
    assert outcome.sentence.startswith("could not be delivered: its certificate is not valid: ")
    assert not tls_site.requests


async def test_failure_cannot_be_called_optional_nor_repeated_by_the_address(site: Site) -> None:
    site.answer("/hook", "no", status=500)
    outcome = await outcome_of(f"{hook(site)}?optional=yes&retry=3")
    assert isinstance(outcome, Refused)
    assert len(site.requests) == 1


# --- mail ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        pytest.param({}, Delivered(), id="ok"),
        pytest.param(
            {"rcpt": "451 4.3.0 try later"},
            Refused(sentence="the mail server answered 451 4.3.0 try later"),
            id="not now",
        ),
        pytest.param(
            {"rcpt": "550 5.1.1 no such user"},
            Refused(sentence="the mail server answered 550 5.1.1 no such user", looks_final=True),
            id="an unknown recipient",
        ),
        pytest.param(
            {"data": "554 5.7.1 looks like spam"},
            Refused(sentence="the mail server answered 554 5.7.1 looks like spam", looks_final=True),
            id="a refused text",
        ),
        pytest.param(
            {"resets": True},
            Refused(sentence="could not be delivered: Connection unexpectedly closed"),
            id="taken, then reset",
        ),
    ],
)
async def test_a_mail_server_is_judged(server: dict[str, Any], expected: Outcome) -> None:
    mail = await MailServer(**server).open()
    try:
        url = f"mailto://127.0.0.1:{mail.port}?from=tagdrift@example.com&to=ops@example.com"
        assert await outcome_of(url) == expected
    finally:
        await mail.close()


async def test_a_wrong_password_is_final() -> None:
    def refuse(*login: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    mail = await MailServer(smtp={"auth_require_tls": False, "authenticator": refuse}).open()
    try:
        url = f"mailto://bot:passw0rd@127.0.0.1:{mail.port}?from=bot@example.com&to=ops@example.com"
        outcome = await outcome_of(url)
    finally:
        await mail.close()
    assert isinstance(outcome, Refused)
    assert outcome.sentence.startswith("the mail server answered 535 ")
    assert outcome.looks_final


async def test_a_mail_server_that_offers_no_encryption_is_named_and_sees_no_password() -> None:
    mail = await MailServer().open()
    try:
        url = (
            f"mailtos://bot:passw0rd@127.0.0.1:{mail.port}?mode=starttls&from=b@example.com&to=o@example.com"
        )
        outcome = await outcome_of(url)
    finally:
        await mail.close()
    assert outcome == Refused(sentence="could not be delivered: STARTTLS extension not supported by server.")


async def test_a_mail_is_plain_text_as_it_was_written_and_asks_for_no_automatic_answer() -> None:
    mail = await MailServer().open()
    try:
        await outcome_of(f"mailto://127.0.0.1:{mail.port}?from=tagdrift@example.com&to=ops@example.com")
    finally:
        await mail.close()
    (got,) = mail.got
    assert (got["Subject"], got["To"], got.get_content_type()) == ("title", "ops@example.com", "text/plain")
    assert got.get_payload().strip() == "body"
    # RFC 3834, 5: nobody's "I am on holiday" comes back.
    assert got["Auto-Submitted"] == "auto-generated"
