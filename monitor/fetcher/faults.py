"""What went wrong, as a `Failure` with a sentence: the one place where the exceptions of the network end.

No text of a server or of an exception goes into a sentence: either may hold what must not be shown.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from http import HTTPStatus

import aiohttp
from aiohttp import http_exceptions

from monitor.fetcher.body import BodyError
from monitor.fetcher.guard import Passage
from monitor.model import Failure, Reason

CAUGHT = (aiohttp.ClientError, http_exceptions.HttpProcessingError, BodyError, OSError, ValueError)
"""All that a hostile server has been seen to raise; `TimeoutError` is an `OSError`."""

# More likely ours than the server's: no route, no address, no descriptors, a local firewall.
_LOCAL = frozenset({
    errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE,
    errno.ENOBUFS, errno.EACCES, errno.EPERM,
})  # fmt: skip

# OpenSSL's X509_V_ERR_* numbers.
_CERTIFICATE = {
    9: "its TLS certificate is not valid yet (is the clock of this machine right?)",
    10: "its TLS certificate has expired (or the clock of this machine is wrong)",
    18: "its TLS certificate is self-signed and not trusted here",
    19: "its TLS certificate comes from a certificate authority that is not trusted here",
    20: "its TLS certificate comes from a certificate authority that is not trusted here",
    21: "its TLS certificate comes from a certificate authority that is not trusted here",
    62: "its TLS certificate is for another host",
    64: "its TLS certificate is for another address",
}

_PARSING: tuple[tuple[type[Exception], str], ...] = (
    (http_exceptions.LineTooLong, "a header line over the 8,190 bytes that are allowed"),
    (http_exceptions.BadStatusLine, "a status line that is not HTTP"),
    (http_exceptions.InvalidHeader, "a header that is not HTTP"),
    (http_exceptions.TransferEncodingError, "a chunked body that breaks the rules of HTTP"),
    (http_exceptions.ContentLengthError, "less than its head announced"),
)


class Again(Enum):
    """Whether another attempt may go better."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One attempt that gave no document."""

    failure: Failure
    again: Again = Again.NO


def trouble(
    reason: Reason,
    sentence: str,
    *,
    answered: bool = True,
    is_local: bool = False,
    retry_at: datetime | None = None,
    again: Again = Again.NO,
) -> Trouble:
    """Return a trouble; the shortest way to write one."""
    failure = Failure(
        reason=reason, sentence=sentence, answered=answered, is_local=is_local, retry_at=retry_at
    )
    return Trouble(failure=failure, again=again)


def of_error(error: Exception, where: str, *, passage: Passage, answered: bool) -> Trouble:
    """Return what an exception of `CAUGHT` means for an operator; `answered` is whether a head had come."""
    if passage.blocked is not None and not passage.is_connected and passage.dialled == 0:
        return _blocked(where, passage.blocked)
    if isinstance(error, BodyError):
        return trouble(Reason.MALFORMED, f"{where}: its body {error}")
    if isinstance(error, TimeoutError):
        sentence = f"{where} {_unconnected(passage)} in time"
        return trouble(Reason.UNREACHABLE, sentence, answered=answered, again=Again.YES)
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return _of_tls(error, where, answered=answered)
    if isinstance(error, OSError):
        return _of_os_error(error, where, passage=passage, answered=answered)
    return _of_protocol(error, where, passage=passage, answered=answered)


def of_deadline(where: str, *, passage: Passage, answered: bool, seconds: float) -> Trouble:
    """Return what it means that the deadline struck, going by how far the request had come."""
    if answered:
        sentence = f"{where} gave no whole answer within {seconds:g} s"
    elif passage.is_connected:
        sentence = f"{where} accepted the connection and gave no answer within {seconds:g} s"
    elif passage.dialled > 0:
        sentence = f"{where} {_unconnected(passage)} within {seconds:g} s"
    else:
        where = _named(where, passage)
        sentence = f"{where}: its name was not resolved within {seconds:g} s (no answer from DNS)"
        return trouble(Reason.UNREACHABLE, sentence, answered=False, is_local=True)
    return trouble(Reason.UNREACHABLE, sentence, answered=answered)


def _named(where: str, passage: Passage) -> str:
    """Return whose name is asked for: behind a proxy only the proxy's own is."""
    return where if passage.proxy is None else f"the proxy {passage.proxy} for {where}"


def _unconnected(passage: Passage) -> str:
    """Return what is said where no connection came about: a tunnel that does not may be either's fault."""
    if passage.proxy is None:
        return "did not accept a connection"
    return f"could not be reached through the proxy {passage.proxy}"


def phrase(status: int) -> str:
    """Return "404 Not Found" in our words, not the server's."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _blocked(where: str, address: str) -> Trouble:
    sentence = (
        f"{where} is at {address}, an address of this machine or its network that the configured URL "
        "does not stand for; it was not asked"
    )
    return trouble(Reason.REFUSED, sentence, answered=False)


def _of_tls(error: Exception, where: str, *, answered: bool) -> Trouble:
    if not isinstance(error, aiohttp.ClientConnectorCertificateError):
        sentence = f"{where}: TLS could not be agreed on (does this port speak TLS?)"
        return trouble(Reason.UNREACHABLE, sentence, answered=answered, again=Again.YES)
    code = getattr(error.certificate_error, "verify_code", 0)
    what = _CERTIFICATE.get(code, "its TLS certificate could not be verified")
    return trouble(Reason.UNREACHABLE, f"{where}: {what}", answered=answered)


def _of_os_error(error: OSError, where: str, *, passage: Passage, answered: bool) -> Trouble:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, socket.gaierror):
        where = _named(where, passage)
        sentence = f"{where}: its name could not be resolved ({_why_unresolved(cause)})"
        return trouble(Reason.UNREACHABLE, sentence, answered=answered, is_local=True, again=Again.YES)
    is_proxy = isinstance(error, aiohttp.ClientProxyConnectionError)
    where = _named(where, passage) if is_proxy else where
    # asyncio gives no number with a connection that is dropped in the TLS handshake.
    number = cause.errno or (errno.ECONNRESET if isinstance(cause, ConnectionResetError) else None)
    why = os.strerror(number).lower() if number else "the connection failed"
    is_local = number in _LOCAL or is_proxy
    sentence = f"{where} {_broken(passage, answered=answered, is_proxy=is_proxy)} ({why})"
    return trouble(Reason.UNREACHABLE, sentence, answered=answered, is_local=is_local, again=Again.YES)


def _broken(passage: Passage, *, answered: bool, is_proxy: bool) -> str:
    if answered or passage.is_connected:
        return "cut the connection"
    return "could not be reached" if is_proxy or passage.proxy is None else _unconnected(passage)


def _why_unresolved(error: socket.gaierror) -> str:
    if error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}:
        return "no such name"
    return "no answer from DNS" if error.errno == socket.EAI_AGAIN else "DNS failed"


def _of_protocol(error: Exception, where: str, *, passage: Passage, answered: bool) -> Trouble:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        if error.status >= 500:
            sentence = f"{where}: its proxy could not connect to it ({phrase(error.status)})"
            return trouble(Reason.UNREACHABLE, sentence, answered=answered, again=Again.YES)
        sentence = f"{where}: its proxy refused to connect ({phrase(error.status)})"
        return trouble(Reason.REFUSED, sentence, answered=answered)
    if isinstance(error, aiohttp.ClientConnectionError):
        how = "without an answer" if isinstance(error, aiohttp.ServerDisconnectedError) else "half-way"
        sentence = f"{where} closed the connection {how}"
        if passage.proxy is not None and not passage.is_connected:
            sentence = f"{where} {_unconnected(passage)} (the connection was closed)"
        return trouble(Reason.UNREACHABLE, sentence, answered=answered, again=Again.YES)
    what = _unparsed(error)
    if isinstance(error, aiohttp.ClientPayloadError):
        return _of_payload(error, where, what)
    if what is None and not answered and isinstance(error, ValueError):
        return trouble(Reason.REFUSED, f"{where} is not an address that can be asked", answered=False)
    # aiohttp reports what it cannot parse as status 400, whatever the server said.
    return trouble(Reason.MALFORMED, f"{where} answered with {what or 'something that is not HTTP'}")


def _unparsed(error: BaseException | None) -> str | None:
    """Return what could not be parsed; the parser's own exception may be wrapped twice."""
    while error is not None:
        for kind, text in _PARSING:
            if isinstance(error, kind):
                return text
        error = error.__cause__
    return None


def _of_payload(error: aiohttp.ClientPayloadError, where: str, what: str | None) -> Trouble:
    is_cut = "Not enough data" in f"{error} {error.__cause__}"
    if is_cut or isinstance(error.__cause__, OSError):
        sentence = f"{where} cut its answer short"
        return trouble(Reason.UNREACHABLE, sentence, again=Again.YES)
    return trouble(Reason.MALFORMED, f"{where} answered with {what or 'a body that cannot be read'}")
