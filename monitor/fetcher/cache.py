"""Where the last good document of each request is kept, so that a 304 can be answered from it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Protocol

from monitor.model import Document, Request


class Cache(Protocol):
    """Documents by key; the store has one that survives a restart. A lost entry costs one full answer."""

    def get(self, key: str) -> Document | None:
        """Return what was last put under this key."""
        ...

    def put(self, key: str, document: Document) -> None:
        """Keep this in place of what was there."""
        ...

    def drop(self, key: str) -> None:
        """Forget this key; one that is not there is no error."""
        ...


class MemoryCache:
    """A cache that ends with the process."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def get(self, key: str) -> Document | None:
        """Return what was last put under this key."""
        return self._documents.get(key)

    def put(self, key: str, document: Document) -> None:
        """Keep this in place of what was there."""
        self._documents[key] = document

    def drop(self, key: str) -> None:
        """Forget this key; one that is not there is no error."""
        self._documents.pop(key, None)


def key_of(request: Request, secret: str) -> str:
    """Return the cache key: a digest, so that neither a token nor a URL's password can be read from it.

    ETags depend on the token, answers on `Accept`, the other headers and the body: all are part of it.
    """
    digest = blake2b(digest_size=16)
    parts = [request.url, request.accept, secret, *(f"{k}:{v}" for k, v in sorted(request.headers.items()))]
    for part in parts:
        digest.update(part.encode("utf-8", "replace") + b"\0")
    digest.update(b"POST" + request.body if request.body is not None else b"GET")
    return digest.hexdigest()


def differs(cached: Document, fresh: Document) -> bool:
    """Whether a 200 is worth writing: a server that ignores validators must not cost a write each look."""
    return (
        cached.etag != fresh.etag
        or cached.last_modified != fresh.last_modified
        or cached.url != fresh.url
        or cached.body != fresh.body
    )
