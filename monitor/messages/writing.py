"""Put title and facts together."""

from __future__ import annotations

from monitor.messages.facts import evidence, held, links, quiet, stretch, when
from monitor.messages.letter import Letter
from monitor.messages.titles import title
from monitor.model import TellReason

OVER = frozenset({TellReason.RESOLVED, TellReason.DROPPED})


def write(letter: Letter) -> tuple[str, str]:
    """Return title and body as plain text; together they are under 2,000 characters."""
    lines = (stretch, links) if letter.reason in OVER else (when, held, evidence, links, quiet)
    body = "\n".join(text for line in lines if (text := line(letter)))
    return title(letter), body
