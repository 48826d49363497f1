"""What an answer's head says, made into a `Document`; nothing in it is trusted to be storable text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import aiohttp
from yarl import URL

from monitor.model import Document

_LONGEST_VALIDATOR = 1024
_MOST_LINK_HEADERS = 4
_LONGEST_AGE = timedelta(days=3650)


def document_of(response: aiohttp.ClientResponse, body: bytes, *, attempts: int, received: int) -> Document:
    """Return the document that a 200 brought."""
    headers = response.headers
    return Document(
        # The query stays out: behind a redirect it is often a signature, which must not reach the database.
        url=str(response.url.with_query(None)),
        body=body,
        content_type=_plain(headers.get("Content-Type")) or "",
        etag=_plain(headers.get("ETag")),
        last_modified=_plain(headers.get("Last-Modified")),
        cache_age_for=_age(headers),
        links=_links(response) if "Link" in headers else {},
        received=received,
        attempts=attempts,
    )


def renewed(cached: Document, response: aiohttp.ClientResponse, *, attempts: int) -> Document:
    """Return the cached document as what a 304 stands for."""
    return Document(
        url=cached.url,
        body=cached.body,
        content_type=cached.content_type,
        etag=cached.etag,
        last_modified=cached.last_modified,
        cache_age_for=_age(response.headers),
        links=cached.links,
        unchanged=True,
        attempts=attempts,
    )


def validators_of(document: Document) -> dict[str, str]:
    """Return the headers that make a request conditional on this document (RFC 9110, 13.1)."""
    validators = {}
    if document.etag is not None:
        validators["If-None-Match"] = document.etag
    if document.last_modified is not None:
        validators["If-Modified-Since"] = document.last_modified
    return validators


def _plain(header: str | None) -> str | None:
    """Return a header that can be sent back and stored: printable ASCII of sensible length, else None."""
    if header and len(header) <= _LONGEST_VALIDATOR and header.isascii() and header.isprintable():
        return header
    return None


def _age(headers: Mapping[str, str]) -> timedelta | None:
    """Return what a shared cache added (RFC 9111, 5.1)."""
    age = headers.get("Age")
    if age is None or not (age.isascii() and age.isdigit()):
        return None
    return min(timedelta(seconds=int(age[:9])), _LONGEST_AGE)


def _links(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Return the `Link` headers' addresses by relation (RFC 8288), absolute and without userinfo.

    aiohttp's own `links` takes seconds over a header that was written to be slow; this takes one pass.
    """
    links: dict[str, str] = {}
    for part in "".join(response.headers.getall("Link")[:_MOST_LINK_HEADERS]).split("<")[1:]:
        target, _, parameters = part.partition(">")
        url = _absolute(response.url, target)
        if url is not None:
            links |= dict.fromkeys(_relations(parameters), url)
    return links


def _absolute(of: URL, target: str) -> str | None:
    try:
        url = of.join(URL(target))
    except ValueError:
        return None
    return str(url.with_user(None)) if url.scheme in {"http", "https"} and url.host else None


def _relations(parameters: str) -> list[str]:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "rel":
            return [word for word in value.strip(' \t,"').lower().split() if _plain(word)]
    return []
