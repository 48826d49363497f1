"""Text that came from outside, made harmless in any chat: it is shown, and it does nothing.

Tags, metadata values and links are written by whoever can publish there. Receivers render HTML, Markdown and
mentions each in their own way, so what means something to one of them becomes a sign that looks like it.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

ELLIPSIS = "…"
SLASH = "\N{DIVISION SLASH}"
LONGEST = 80
LONGEST_LINK = 200
# HTML and Slack's <!here> need angle brackets; Markdown needs its own marks; Discord's spoilers need bars.
LOOKALIKES = str.maketrans(
    {
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "*": "\N{ASTERISK OPERATOR}",
        "|": "\N{BROKEN BAR}",
    }
)
# A mention begins a word: `@here` is one, the @ of `cli@2.27.0` is not.
MENTION = re.compile(r"(?<![^\W_])@(?=\w)")
# Only what RFC 3986 allows in a URL, without the brackets and quotes that Markdown or HTML take as their own.
LINK = re.compile(r"https?://[A-Za-z0-9.\-:]+(?:[/?#][A-Za-z0-9\-._~:/?#@!$&()+,;=%]*)?", re.IGNORECASE)


def clean(text: str, most: int = LONGEST) -> str:
    """Return the text on one line, without anything a receiver could act on, cut with an ellipsis.

    Control characters, bidi overrides, invisible marks and lone surrogates show as U+FFFD.
    """
    shown = _on_one_line(text, most).translate(LOOKALIKES)
    shown = shown.replace("](", "] (").replace("://", f":{SLASH}{SLASH}")
    shown = MENTION.sub("\N{FULLWIDTH COMMERCIAL AT}", shown)
    return cut(shown, most)


def legible(text: str, most: int = LONGEST) -> str:
    """Return the text as `clean` does, but with every visible sign as it is: for pages, which escape it."""
    return cut(_on_one_line(text, most), most)


def _on_one_line(text: str, most: int) -> str:
    # Cut first, too: a hostile text of megabytes is not worth a pass over all of it.
    return " ".join("".join(map(_visible, cut(text, most * 4))).split())


def cut(text: str, most: int) -> str:
    """Return at most so many characters of it, the last of them an ellipsis where it was longer."""
    return text if len(text) <= most else text[: most - 1] + ELLIPSIS


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace() or category in {"Zl", "Zp"}:
        return " "
    return "\N{REPLACEMENT CHARACTER}" if category in {"Cc", "Cf", "Cs", "Co", "Cn"} else character


def safe_link(url: str | None) -> str | None:
    """Return an http or https address that is safe to print, or None where this is not one."""
    if url is None or len(url) > LONGEST_LINK or not LINK.fullmatch(url):
        return None
    # Discord sees an @everyone in an address too; %40 means the same to the server.
    return url.replace("@", "%40") if urlsplit(url).hostname else None
