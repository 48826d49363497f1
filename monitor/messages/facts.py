"""The facts below the title, one function a line; an empty line is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor.messages.cleaning import clean, cut, safe_link
from monitor.messages.letter import Letter
from monitor.messages.spans import instant, moment, span
from monitor.model import AlertState, BehindReason, CheckName, Evidence, SinceClock, TellReason

MOST_NAMED = 5
# Title, sentences, lists and links at their longest still make less than the 2,000 characters of a chat.
LONGEST_SENTENCE = 220
LONGEST_LIST = 120
SEPARATOR = " · "
PROVENANCE: Mapping[SinceClock, str] = {
    SinceClock.PUBLISHED: "published",
    SinceClock.TAGGED: "tagged",
    SinceClock.COMMITTED: "committed, a lower bound",
    SinceClock.FIRST_SEEN: "first seen",
}


def when(letter: Letter) -> str:
    """Return since when it is wrong, how that is known, and how much is missing."""
    since = letter.finding.since
    began = f"{_since(letter)} {instant(since, letter.now)}"
    how = _how(letter, letter.now - since)
    if letter.alert.check is CheckName.BEHIND:
        return joined([f"{began} ({how}).", _count(letter), *_more(letter)])
    return joined([f"{began} ({how}): {sentence(letter.finding.sentence)}", *_more(letter)])


def stretch(letter: Letter) -> str:
    """Return from when until when it was wrong, of an alert that is over."""
    alert = letter.alert
    until = alert.resolved_at or letter.now
    began = f"{instant(alert.since, letter.now)} until {instant(until, letter.now)}"
    fired = "" if alert.fired_at is None else f"Fired {instant(alert.fired_at, letter.now)}."
    return joined([f"from {began} ({_how(letter, until - alert.since)}).", fired, *_was(letter)])


def evidence(letter: Letter) -> str:
    """Return what the second look showed, and what else drifts."""
    known = letter.alert.evidence
    looked = "" if known is None else _looked(known, letter.now)
    others = tuple(name for name in letter.drifting if name != letter.alert.target)
    return joined([looked, f"Also drifting: {several(others) or 'nothing'}."])


def held(letter: Letter) -> str:
    """Return why it goes on although nothing is missing any more."""
    reason = letter.alert.held
    return "" if reason is None else f"Held: {sentence(reason)}"


def links(letter: Letter) -> str:
    """Return where a person sees for themselves; what is no http(s) address is left out."""
    finding = letter.finding
    page = None
    if letter.public_url is not None and letter.alert.id is not None:
        page = f"{letter.public_url.rstrip('/')}/alerts/{letter.alert.id}"
    named = {
        "metadata": finding.metadata_link or letter.metadata_link,
        "release": finding.release_link,
        "page": page,
    }
    return SEPARATOR.join(f"{name} {url}" for name, given in named.items() if (url := safe_link(given)))


def quiet(letter: Letter) -> str:
    """Return what to type so that it is not told again."""
    return f"Quiet: tagdrift ack {letter.alert.id}"


def several(texts: Sequence[str]) -> str:
    """Return the first few, and how many more there are."""
    shown = cut(", ".join(clean(text) for text in texts[:MOST_NAMED]), LONGEST_LIST)
    left = len(texts) - MOST_NAMED
    return f"{shown} and {left} more" if left > 0 else shown


def sentence(text: str) -> str:
    """Return somebody else's sentence as one of ours: clean, and with a full stop."""
    shown = clean(text, LONGEST_SENTENCE)
    return shown if not shown or shown.endswith((".", "…", "?", "!")) else f"{shown}."


def joined(parts: Sequence[str]) -> str:
    """Return the parts that say something as one line."""
    return " ".join(part for part in parts if part)


def _since(letter: Letter) -> str:
    if letter.alert.check is CheckName.UNREACHABLE:
        return "not read since"
    return "at least since" if letter.finding.since_is is SinceClock.FIRST_SEEN else "since"


def _how(letter: Letter, length: timedelta) -> str:
    """Return how long it lasted, and how its beginning is known: a publisher's word, or our own clock."""
    since_is = letter.finding.since_is
    if letter.alert.check is CheckName.UNREACHABLE:
        return span(length)
    if since_is is SinceClock.PUBLISHED and letter.published_by is not None:
        return f"{span(length)}, published by {clean(letter.published_by)}"
    return f"{span(length)}, {PROVENANCE[since_is]}"


def _more(letter: Letter) -> list[str]:
    alert, finding = letter.alert, letter.finding
    said = []
    if finding.reason == BehindReason.REGRESSED:
        said.append("The metadata went back: it had named a newer one.")
    if letter.news:
        said.append(f"New since the last message: {several(letter.news)}.")
    if letter.reason is TellReason.ESCALATED and alert.fired_at is not None:
        said.append(f"It has fired for {span(letter.now - alert.fired_at)}.")
    return said


def _count(letter: Letter) -> str:
    missing = letter.finding.missing
    if not missing:
        return ""
    count = f"{len(missing)} or more" if letter.finding.missing_is_at_least else f"{len(missing)}"
    noun = "release" if count == "1" else "releases"
    names = f": {several(missing)}" if len(missing) > 1 else ""
    return f"{count} {noun} missing{names}."


def _was(letter: Letter) -> list[str]:
    alert = letter.alert
    if alert.check is not CheckName.BEHIND:
        said = [f"Reason: {sentence(alert.sentence)}"]
    else:
        named = clean(alert.named or "") or "nothing"
        newest = clean(alert.newest or "") or "a newer release"
        said = [f"It named {named} while {newest} was out."]
    if letter.replaces_first:
        said.append("It was over before this could be sent.")
    if alert.state is AlertState.DROPPED:
        said.append("The target was taken out of the configuration; nothing more is told of it.")
    return said


def _looked(known: Evidence, now: datetime) -> str:
    if not known.confirmed:
        return _not_confirmed(known, now)
    cached = ""
    if known.cache_age_for is not None and known.cache_age_for > timedelta(0):
        cached = f", served from a cache, age {int(known.cache_age_for.total_seconds())} s"
    return f"Confirmed {moment(known.at, now)}{cached}."


def _not_confirmed(known: Evidence, now: datetime) -> str:
    looks = {"metadata": known.metadata_read_at, "releases": known.releases_read_at}
    read = [f"{moment(at, now)} ({side})" for side, at in looks.items() if at is not None]
    return f"Not confirmed; last read at {' and '.join(read)}." if read else "Not confirmed."
