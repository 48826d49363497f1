"""Who may change something: whoever shows the token, or a session that was begun with it."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from monitor.web.hands import Hands
from monitor.web.limiting import Limiter
from monitor.web.peers import bare_host, names_of
from monitor.web.problems import Problem

if TYPE_CHECKING:
    from monitor.config import DaemonConfig

COOKIE = "tagdrift_session"
LASTS_FOR = timedelta(hours=12)
MOST_SESSIONS = 1000
CLOSED = "nothing can be changed here: no token is configured; set [daemon] token, or use the command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who has shown the token `by` whose digest is kept; `csrf` is what their forms carry."""

    csrf: str
    by: bytes
    ends_at: float


class Access:
    """The token and the sessions; tries with a wrong token are counted for each address, and in all."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._tries = Limiter(hands.clock, most=10, every=timedelta(seconds=30))
        self._all_tries = Limiter(hands.clock, most=100, every=timedelta(seconds=1))

    @property
    def settings(self) -> DaemonConfig:
        """The configuration in force."""
        return self._hands.settings

    @property
    def is_possible(self) -> bool:
        """Whether anybody can log in at all."""
        return self.settings.token is not None and not self.settings.public

    # --- the token -----------------------------------------------------------------------------

    def check_token(self, shown: str, address: str) -> None:
        """Return where this is the token.

        Raises:
            Problem: it is not, there is none, or this address has tried too often.
        """
        self.check_tries(address)
        token = self.settings.token
        if token is None:
            raise Problem(403, CLOSED)
        if not compare_digest(digest(shown), digest(token)):
            self.failed(address)
            raise Problem(401, "this is not the token", {"WWW-Authenticate": 'Bearer realm="tagdrift"'})

    def check_tries(self, address: str) -> None:
        """Return where this address may try.

        Raises:
            Problem: it has tried too often, or all together have.
        """
        wait_for = max(self._tries.wait_for(address), self._all_tries.wait_for(""))
        if wait_for:
            seconds = str(int(wait_for.total_seconds()) + 1)
            raise Problem(429, f"too many wrong tries; come back in {seconds} s", {"Retry-After": seconds})

    def failed(self, address: str) -> None:
        """Count a wrong try."""
        self._tries.take(address)
        self._all_tries.take("")

    def check_bearer(self, request: web.BaseRequest, address: str) -> None:
        """Return where the request shows the token in its Authorization header.

        Raises:
            Problem: it does not.
        """
        shown = bearer_of(request)
        if shown is None:
            if self.settings.token is None:
                raise Problem(403, CLOSED)
            raise Problem(
                401,
                "this takes the token: Authorization: Bearer …",
                {"WWW-Authenticate": 'Bearer realm="tagdrift"'},
            )
        self.check_token(shown, address)

    # --- sessions ------------------------------------------------------------------------------

    def begin(self) -> str:
        """Return the name of a new session; who asks has shown the token."""
        name = secrets.token_urlsafe(32)
        self._sessions[name] = Session(
            csrf=secrets.token_urlsafe(32),
            by=digest(self.settings.token or ""),
            ends_at=self._hands.clock.monotonic() + LASTS_FOR.total_seconds(),
        )
        if len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return name

    def session_of(self, request: web.BaseRequest) -> Session | None:
        """Return the session of this request; it ends with its time, and with the token it was begun with."""
        session = self._sessions.get(request.cookies.get(COOKIE, ""))
        if session is None or not self.is_possible:
            return None
        is_over = session.ends_at <= self._hands.clock.monotonic()
        return None if is_over or session.by != digest(self.settings.token or "") else session

    def end(self, request: web.BaseRequest) -> None:
        """End the session of this request."""
        self._sessions.pop(request.cookies.get(COOKIE, ""), None)

    def check_form(self, request: web.BaseRequest, csrf: str) -> None:
        """Return where a form was sent from one of our own pages by somebody who is logged in.

        Raises:
            Problem: it was not.
        """
        check_origin(request, self.settings)
        session = self.session_of(request)
        if session is None:
            raise Problem(401, CLOSED if not self.is_possible else "log in first, and send it again")
        if not compare_digest(csrf.encode(), session.csrf.encode()):
            raise Problem(403, "the form was not ours, or is too old; open the page again")


def digest(text: str) -> bytes:
    """Return what two texts are compared by, of one length whatever theirs is."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=32).digest()


def bearer_of(request: web.BaseRequest) -> str | None:
    """Return the token that a request shows, None where it shows none."""
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    return shown.strip() if kind.lower() == "bearer" else None


def check_origin(request: web.BaseRequest, settings: DaemonConfig) -> None:
    """Return where a browser does not say that another site sends this.

    Raises:
        Problem: it does.
    """
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Problem(403, "another site may not send this")
    if origin is not None and bare_host(urlsplit(origin).netloc) not in names_of(settings):
        raise Problem(403, "another site may not send this")
