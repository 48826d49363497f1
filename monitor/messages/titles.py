"""The first line: which check, which target, what is wrong or no longer is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.messages.cleaning import clean
from monitor.messages.letter import Letter
from monitor.model import BehindReason, CheckName, Severity, Side, TellReason

LONGEST = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a check says while it fires and when it is over; `{it}` is the side that it is about."""

    firing: str
    over: str


WORDS: Mapping[CheckName, Words] = {
    CheckName.BEHIND: Words(
        firing="{metadata} names {named}; {newest} is out", over="{metadata} is in step with the releases"
    ),
    CheckName.UNLISTED: Words(
        firing="{metadata} names {named}, which is not a release that is out",
        over="what {metadata} names is out",
    ),
    CheckName.MALFORMED: Words(firing="{metadata} cannot be used", over="{metadata} can be used again"),
    CheckName.UNREACHABLE: Words(firing="{it} cannot be read", over="{it} can be read again"),
    CheckName.AMBIGUOUS: Words(
        firing="the place of {odd} among the releases is not clear",
        over="the place of {odd} among the releases no longer matters",
    ),
    CheckName.BLIND: Words(
        firing="none of the configured hosts answers; it looks like our own connection",
        over="the configured hosts answer again",
    ),
}
WENT_BACK = "{metadata} went back to {named}; {newest} is out"


def title(letter: Letter) -> str:
    """Return `[behind] name: what`, on one line."""
    name = "all targets" if letter.alert.check is CheckName.BLIND else clean(letter.alert.target)
    return clean_again(f"[{MARKS[letter.reason](letter)}] {name}: {_what(letter)}")


def clean_again(line: str) -> str:
    """Cut a line whose parts are clean already."""
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _what(letter: Letter) -> str:
    check = letter.alert.check
    if letter.reason is TellReason.DROPPED:
        return f"it was {check}"
    over = WORDS[check].over.format(**_names(letter))
    if letter.reason is not TellReason.RESOLVED:
        return firing(letter)
    return f"{firing(letter)}; meanwhile {over}" if letter.replaces_first else over


def firing(letter: Letter) -> str:
    """Return what is wrong, in a few words."""
    words = WORDS[letter.alert.check].firing
    if letter.alert.check is CheckName.BEHIND and letter.finding.reason == BehindReason.REGRESSED:
        words = WENT_BACK
    return words.format(**_names(letter))


def _names(letter: Letter) -> Mapping[str, str]:
    finding = letter.finding
    metadata = clean(letter.metadata_name)
    named = "nothing" if finding.named is None else clean(finding.named)
    newest = "a release" if finding.newest is None else clean(finding.newest)
    return {
        "metadata": metadata,
        "named": named,
        "newest": newest,
        "odd": newest if finding.named is None else named,
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
