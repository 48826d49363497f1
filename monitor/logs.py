"""Where log lines go and what they must not hold.

Secrets are masked in the finished line, traceback included, so that it does not matter which library wrote it
or how it came by the text.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TextIO
from urllib.parse import quote, quote_plus

MASK = "****"
# Shorter values would blot out ordinary words, and keep nobody out.
SHORTEST = 4
# sd-daemon(3): a line's priority as journald reads it.
PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}
# At DEBUG these write whole webhooks and paths.
NEVER_AT_DEBUG = ("apprise", "urllib3")


class Secrets:
    """Every value that must not be seen; one that a reload replaces stays secret."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: tuple[str, ...] = ()
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Mask these from now on, also as they look in a URL or in JSON."""
        known = set(self._values)
        for value in values:
            known |= {value, value.strip(), quote(value, safe=""), quote(value), quote_plus(value)}
            known |= {json.dumps(value)[1:-1], repr(value)[1:-1]}
        # The longest first: a secret may hold another.
        self._values = tuple(sorted((text for text in known if len(text) >= SHORTEST), key=len, reverse=True))

    def mask(self, text: str) -> str:
        """Return the text with every secret blotted out."""
        for value in self._values:
            text = text.replace(value, MASK)
        return text


class Masking(logging.Formatter):
    """A line for people: instant in UTC, level, who, what."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished line, traceback included, without secrets."""
        return self._secrets.mask(super().format(record))


class Journal(Masking):
    """A line for journald, which knows the instant itself and reads the priority from a prefix."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__(secrets)
        self._style = logging.PercentStyle("%(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked text with the priority before each of its lines."""
        priority = next((PRIORITIES[level] for level in PRIORITIES if record.levelno >= level), 7)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def setup(level: int, secrets: Secrets, environ: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Send log lines, warnings and uncaught exceptions, masked, to this stream (standard error).

    Calling it again replaces what was set up before.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Journal(secrets) if is_journal(stream, environ) else Masking(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in NEVER_AT_DEBUG:
        logging.getLogger(name).setLevel(max(level, logging.INFO))
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether this stream goes to journald: $JOURNAL_STREAM is its device and inode (systemd.exec(5)).

    $INVOCATION_ID would be there for a redirected stream as well, whose readers want no prefixes.
    """
    try:
        at = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{at.st_dev}:{at.st_ino}"


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("monitor").critical("unexpected failure", exc_info=(kind, error, trace))


def _uncaught_in_thread(caught: threading.ExceptHookArgs) -> None:
    error = caught.exc_value or caught.exc_type()
    name = caught.thread.name if caught.thread else "?"
    logging.getLogger("monitor").critical(
        "unexpected failure in thread %s", name, exc_info=(caught.exc_type, error, caught.exc_traceback)
    )
