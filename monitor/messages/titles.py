"""The first line: which check, which target, what is wrong or no longer is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.messages.cleaning import clean, cut
from monitor.messages.letter import Letter
from monitor.model import BehindReason, CheckName, Severity, Side, TellReason

LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a check says while it fires and once it is over; `{it}` is the side that it is about."""

    firing: str
    over: str


WORDS: Mapping[CheckName, Words] = {
    CheckName.BEHIND: Words(
        firing="{metadata} names {named}; {newest} is out", over="{metadata} is in step with the releases"
    ),
    CheckName.UNLISTED: Words(
        firing="{metadata} names {named}, which is not out",
        over="{metadata} no longer names what is not out",
    ),
    CheckName.MALFORMED: Words(firing="{it} cannot be used", over="{it} can be used again"),
    CheckName.UNREACHABLE: Words(firing="{it} cannot be read", over="{it} can be read again"),
    CheckName.AMBIGUOUS: Words(
        firing="the place of {odd} among the releases is not clear",
        over="the place of {odd} among the releases no longer matters",
    ),
    CheckName.BLIND: Words(
        firing="no configured host answers",
        over="the configured hosts answer again",
    ),
}
WENT_BACK = "{metadata} went back to {named}; {newest} is out"


def title(letter: Letter) -> str:
    """Return `[behind] name: what`, on one line."""
    return cut(f"[{MARKS[letter.reason](letter)}] {clean(letter.alert.target)}: {_what(letter)}", LONGEST)


def _what(letter: Letter) -> str:
    check = letter.alert.check
    if letter.reason is TellReason.DROPPED:
        return f"it was {check}"
    words = WORDS[check].over if letter.reason is TellReason.RESOLVED else WORDS[check].firing
    if words == WORDS[CheckName.BEHIND].firing and letter.finding.reason == BehindReason.REGRESSED:
        words = WENT_BACK
    return words.format(**_names(letter))


def _names(letter: Letter) -> Mapping[str, str]:
    finding = letter.finding
    metadata = clean(letter.metadata_name)
    named = clean(finding.named or "") or "nothing"
    newest = clean(finding.newest or "") or "a newer release"
    return {
        "metadata": metadata,
        "named": named,
        "newest": newest,
        "odd": newest if named == "nothing" else named,
        "it": "the list of releases" if finding.side is Side.RELEASES else metadata,
    }


def _first(letter: Letter) -> str:
    check = letter.alert.check
    return f"{check}, critical" if letter.alert.severity is Severity.CRITICAL else f"{check}"


def _resolved(letter: Letter) -> str:
    return f"{letter.alert.check}, resolved" if letter.replaces_first else "resolved"


MARKS: Mapping[TellReason, Callable[[Letter], str]] = {
    TellReason.FIRST: _first,
    TellReason.REPEAT: lambda letter: f"still {_first(letter)}",
    TellReason.ESCALATED: lambda letter: f"{letter.alert.check}, now critical",
    TellReason.RESOLVED: _resolved,
    TellReason.DROPPED: lambda _: "no longer watched",
}
