"""Mail, from a drift to the mailbox: the daemon as a process, aiosmtpd, an authority of our own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from email.message import Message as Mail
from pathlib import Path

import pytest
import pytest_asyncio
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.real.telling import Telling, telling
from tests.servers.receivers import MailServer
from tests.servers.site import Site

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "canary5ecret-of-mail"
SENDER = "from=tagdrift@example.org"


@dataclass(kw_only=True)
class PostOffice(MailServer):
    """A mail server that has its moods: what it does with the first message to an address.

    That is a refusal in SMTP's words, `hang` once it has the message, or `reset` in place of an answer.
    """

    moods: dict[str, str] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    attempted: list[LoginPassword] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.moods.get(address, "")[:1].isdigit():
            return self.moods.pop(address)
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mood = self.moods.pop(envelope.rcpt_tos[0], "")
        if mood == "hang":
            await asyncio.Event().wait()
        self.sessions.append(session)
        answer = await super().handle_DATA(server, session, envelope)
        if mood == "reset":
            assert server.transport is not None
            server.transport.abort()
        return answer

    def login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, shown: LoginPassword
    ) -> AuthResult:
        self.attempted.append(shown)
        return AuthResult(success=(shown.login, shown.password) == (b"bot", PASSWORD.encode()))

    def mails(self, address: str) -> list[Mail]:
        """Return the mails to this address that were taken, oldest first."""
        return [mail for mail in self.got if mail["To"] == f"{address}@example.org"]


def certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@dataclass(frozen=True, kw_only=True)
class Post:
    """The daemon, and the servers it mails to."""

    daemon: Telling
    plain: PostOffice
    starttls: PostOffice
    tls: PostOffice
    unknown: PostOffice


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def post(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    """One drift that is told to all of them."""
    async with AsyncExitStack() as stack:

        async def opened(
            moods: dict[str, str] | None = None, tls: ssl.SSLContext | None = None, **smtp: object
        ) -> PostOffice:
            office = PostOffice(moods=moods or {})
            office.smtp = {"authenticator": office.login, "auth_require_tls": False} | smtp
            await office.open(ssl=tls)
            stack.push_async_callback(office.close)
            return office

        authority, stranger = trustme.CA(), trustme.CA()
        guarded = {"require_starttls": True, "auth_require_tls": True, "auth_required": True}
        plain = await opened(
            {
                "busy@example.org": "451 4.7.1 greylisted, try again later",
                "hanging@example.org": "hang",
                "cut@example.org": "reset",
            }
        )
        starttls = await opened(tls_context=certified(authority), **guarded)
        tls = await opened(tls=certified(authority))
        unknown = await opened(tls_context=certified(stranger), **guarded)
        secure = f"mode=starttls&{SENDER}&to=ops@example.org"
        addresses = {
            "plain": f"mailto://localhost:{plain.port}?{SENDER}&to=plain@example.org",
            "starttls": f"mailtos://bot:{PASSWORD}@localhost:{starttls.port}?{secure}",
            "tls": f"mailtos://localhost:{tls.port}?mode=ssl&{SENDER}&to=ops@example.org",
            "unknown": f"mailtos://bot:{PASSWORD}@localhost:{unknown.port}?{secure}",
            "stripped": f"mailtos://bot:{PASSWORD}@localhost:{plain.port}?{secure}",
            "busy": f"mailto://localhost:{plain.port}?{SENDER}&to=busy@example.org",
            "hanging": f"mailto://localhost:{plain.port}?{SENDER}&to=hanging@example.org",
            "cut": f"mailto://localhost:{plain.port}?{SENDER}&to=cut@example.org",
        }
        site = await Site().open()
        stack.push_async_callback(site.close)
        folder = tmp_path_factory.mktemp("post")
        daemon = await stack.enter_async_context(telling(folder, site, addresses))
        daemon.trust(authority)
        daemon.configure("widget")
        await daemon.drift("widget")
        yield Post(daemon=daemon, plain=plain, starttls=starttls, tls=tls, unknown=unknown)


def only(mails: list[Mail]) -> tuple[str, str]:
    """Return subject and text of the one mail there is."""
    (mail,) = mails
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return mail["Subject"], payload.decode()


@pytest.mark.fault(
    "mail over STARTTLS with a login, over implicit TLS, and in plain",
    how="aiosmtpd, with certificates of an authority that is trusted",
    promise="a drift arrives once, with the subject and the text that were written",
)
@pytest.mark.parametrize("name", ["plain", "starttls", "tls"])
async def test_a_drift_arrives_in_the_mailbox(post: Post, name: str) -> None:
    await post.daemon.until_told(name)
    office: PostOffice = getattr(post, name)
    subject, text = only(office.mails("plain" if name == "plain" else "ops"))
    assert subject == "[behind] widget: widget.json went back to 1.0.0; 1.1.0 is out"
    first, looked, links, quiet = text.rstrip().splitlines()
    assert first.startswith("since ")
    assert "1 release missing. The metadata went back" in first
    assert looked.startswith("Confirmed ")
    assert links == f"metadata {post.daemon.site.url('/widget.json')}"
    assert quiet == "Quiet: tagdrift ack 1"
    (mail,) = office.mails("plain" if name == "plain" else "ops")
    assert (mail["From"], mail["Auto-Submitted"]) == ("tagdrift@example.org", "auto-generated")
    assert mail.get_content_type() == "text/plain"
    assert [row[1:3] for row in post.daemon.rows(name)] == [("delivered", 1)]


async def test_a_login_goes_over_tls(post: Post) -> None:
    await post.daemon.until_told("starttls")
    (session,) = post.starttls.sessions
    assert session.authenticated
    assert session.ssl is not None


@pytest.mark.fault(
    "a mail server whose certificate nobody vouches for, or that offers no STARTTLS",
    how="aiosmtpd with a stranger's certificate, and one without any",
    promise="no login and no message is shown to it, and a sentence says why",
)
async def test_no_password_is_shown_to_a_server_that_is_not_known(post: Post) -> None:
    assert await post.daemon.refusal("unknown") == (
        "could not be delivered: its certificate is not valid: unable to get local issuer certificate"
    )
    assert "STARTTLS extension not supported" in await post.daemon.refusal("stripped")
    assert post.unknown.attempted == post.plain.attempted == []
    assert post.unknown.got == post.plain.mails("ops") == []
    assert PASSWORD not in "".join(post.daemon.lines)


@pytest.mark.fault(
    "451 from a mail server",
    how="aiosmtpd refuses the recipient once",
    promise="tried again and delivered once",
)
async def test_a_mail_that_is_refused_for_now_is_sent_again(post: Post) -> None:
    await post.daemon.until_told("busy")
    only(post.plain.mails("busy"))
    assert [row[1:3] for row in post.daemon.rows("busy")] == [("delivered", 2)]
    await post.daemon.says("receiver busy: the mail server answered 451 4.7.1 greylisted, try again later")


@pytest.mark.fault(
    "a mail server that hangs",
    how="aiosmtpd takes the text and never answers",
    promise="left at a deadline, and delivered by the second attempt; nobody else waits for it",
)
async def test_a_mail_server_that_hangs_is_left_and_asked_again(post: Post) -> None:
    await post.daemon.until_told("hanging")
    only(post.plain.mails("hanging"))
    assert [row[1:3] for row in post.daemon.rows("hanging")] == [("delivered", 2)]
    log = "\n".join(post.daemon.lines)
    assert log.index("receiver tls: told") < log.index("receiver hanging: could not be delivered: time-out")


@pytest.mark.fault(
    "a mail server that takes a message and cuts the connection",
    how="aiosmtpd takes the text once and resets before it answers",
    promise="at least once; one message for each attempt at most, and the attempts are shown",
)
async def test_a_mail_that_was_taken_without_a_word_is_sent_again(
    post: Post, record_property: Callable[[str, object], None]
) -> None:
    await post.daemon.until_told("cut")
    ((_, _, attempts, _),) = post.daemon.rows("cut")
    assert attempts == len(post.plain.mails("cut")) == 2
    await post.daemon.says("receiver cut: could not be delivered: Connection unexpectedly closed")
    record_property("figure", f"{attempts} mails of {attempts} attempts")


@pytest.mark.fault(
    "550 for one of two recipients",
    how="aiosmtpd knows only one of them",
    promise="the other is told once, and hears of the refused, which stands there with the server's word",
)
async def test_one_unknown_recipient_of_two_is_no_matter_for_the_other(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        office = PostOffice(moods={"gone@example.org": "550 5.1.1 no such user here"})
        await office.open()
        stack.push_async_callback(office.close)
        site = await Site().open()
        stack.push_async_callback(site.close)
        addresses = {
            name: f"mailto://localhost:{office.port}?{SENDER}&to={name}@example.org"
            for name in ("ops", "gone")
        }
        daemon = await stack.enter_async_context(telling(tmp_path, site, addresses))
        daemon.configure("widget")
        await daemon.drift("widget")
        assert await daemon.refusal("gone") == "the mail server answered 550 5.1.1 no such user here"
        await daemon.until(lambda: len(office.mails("ops")) == 2, "the drift, and a word on it", within=120)
        told = {mail["Subject"]: only([mail])[1] for mail in office.mails("ops")}
        assert set(told) == {
            "[behind] widget: widget.json went back to 1.0.0; 1.1.0 is out",
            "[tagdrift] the receiver gone takes no messages",
        }
        assert "550 5.1.1 no such user here" in told["[tagdrift] the receiver gone takes no messages"]
        await daemon.until_told("ops")
        assert [row[1:3] for row in daemon.rows("ops")] == [("delivered", 1)]
        assert [row[1:3] for row in daemon.rows("gone")] == [("queued", 1)]
        assert "550 5.1.1 no such user here" in await daemon.command("deliveries", "--config", "config.toml")
        assert "receiver gone: 1 waiting" in await daemon.command("status", "--config", "config.toml")
        assert await daemon.end() == 0
    assert office.mails("gone") == []
