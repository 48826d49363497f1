"""The fetcher's cache over the table `http_cache`, and its limits over `limits`.

Both are answered from memory or by a reader, never by waiting for the writer.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from monitor.errors import StoreError
from monitor.model import Document
from monitor.store.ledger import Ledger
from monitor.store.reader import Reader
from monitor.store.writer import Writer

log = logging.getLogger(__name__)

# The poller holds the very same bytes for as long as they are what a side last said.
MOST_HELD = 32 * 1024 * 1024
LARGEST_HELD = 1024 * 1024
KEEP_FOR = timedelta(days=30)


class StoredCache:
    """Documents by key; one that cannot be read is as good as none, and costs one full answer."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader
        self._held: OrderedDict[str, Document] = OrderedDict()
        self._held_bytes = 0
        self._dropped: set[str] = set()
        self._used: set[str] = set()

    def get(self, key: str) -> Document | None:
        """Return what was last put under this key."""
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        elif key not in self._dropped:
            held = self._read(key)
        if held is not None:
            self._used.add(key)
        return held

    def put(self, key: str, document: Document) -> None:
        """Keep this in place of what was there."""
        self._dropped.discard(key)
        self._hold(key, document)
        self._post(partial(Ledger.put_document, key=key, document=document))

    def drop(self, key: str) -> None:
        """Forget this key; one that is not there is no error."""
        self._let_go(key)
        self._used.discard(key)
        self._dropped.add(key)
        self._post(partial(Ledger.drop_document, key=key))

    async def sweep(self) -> int:
        """Forget what nobody has asked for in a month; returns how many went."""
        used, self._used = self._used, set()
        return await self._writer.submit(partial(Ledger.sweep, used=used, keep_for=KEEP_FOR))

    def _read(self, key: str) -> Document | None:
        try:
            document = self._reader.document(key)
        except StoreError as error:
            log.warning("the cache cannot be read: %s", error)
            return None
        if document is not None:
            self._hold(key, document)
        return document

    def _post(self, job: Callable[[Ledger], object]) -> None:
        try:
            self._writer.post(job)
        except StoreError as error:
            log.warning("the cache cannot be written: %s", error)

    def _hold(self, key: str, document: Document) -> None:
        self._let_go(key)
        size = len(document.body)
        if size > LARGEST_HELD:
            return
        self._held[key] = document
        self._held_bytes += size
        while self._held_bytes > MOST_HELD:
            _, oldest = self._held.popitem(last=False)
            self._held_bytes -= len(oldest.body)

    def _let_go(self, key: str) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            self._held_bytes -= len(held.body)


class StoredLimits:
    """Until when each host is to be left alone."""

    def __init__(self, writer: Writer, known: dict[str, datetime]) -> None:
        self._writer = writer
        self._until = known

    @property
    def known(self) -> dict[str, datetime]:
        """Until when each host was last held, also when that is past."""
        return dict(self._until)

    def until(self, host: str) -> datetime | None:
        """Return what was last held, also when it is past."""
        return self._until.get(host)

    def hold(self, host: str, until_at: datetime) -> None:
        """Keep this in place of what was there."""
        self._until[host] = until_at
        try:
            self._writer.post(partial(Ledger.hold, host=host, until_at=until_at))
        except StoreError as error:
            log.warning("a limit cannot be written: %s", error)
