"""What is sent: a row's own message, one that names several, and what we say of ourselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.messages import clean
from monitor.model import Notification, Severity, TellReason
from monitor.receivers import Tone

# Within what every receiver takes in one piece.
ROOM = 2800
LINE = 250
IN_BRIEF = 10
WORDS = {
    TellReason.FIRST: "firing",
    TellReason.REPEAT: "still firing",
    TellReason.ESCALATED: "now critical",
    TellReason.RESOLVED: "resolved",
    TellReason.DROPPED: "no longer watched",
}
OVER = frozenset({TellReason.RESOLVED, TellReason.DROPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one delivery carries, as plain text."""

    title: str
    body: str
    tone: Tone


def worded(notifications: Sequence[Notification]) -> Message:
    """Return the one message that says all this."""
    if len(notifications) == 1:
        return Message(title=notifications[0].title, body=notifications[0].body, tone=tone(notifications))
    counted = Counter(notification.reason for notification in notifications)
    kinds = ", ".join(f"{counted[reason]} {word}" for reason, word in WORDS.items() if counted[reason])
    return Message(
        title=f"[tagdrift] {len(notifications)} alerts: {kinds}",
        body=_named(notifications),
        tone=tone(notifications),
    )


def in_brief(notifications: Sequence[Notification]) -> str:
    """Return what this tells, for the log: `alert 17 of widget: still firing`."""
    named = [f"alert {one.alert_id} of {one.target}: {WORDS[one.reason]}" for one in notifications[:IN_BRIEF]]
    left = len(notifications) - len(named)
    return ", ".join([*named, *([f"and {left} more"] if left else [])])


def own_fault(sentence: str) -> Message:
    """Return what is told when something is wrong with ourselves."""
    return Message(
        title="[tagdrift] something is wrong with tagdrift itself",
        body=f"{clean(sentence, LINE)}\nUntil it is mended alerts may come late. Told once an hour at most.",
        tone=Tone.FAILURE,
    )


def refusing(name: str, sentence: str) -> Message:
    """Return what the others are told of a receiver whose refusal no retry is likely to mend."""
    return Message(
        title=f"[tagdrift] the receiver {name} takes no messages",
        body=f"{clean(sentence, LINE)}\nTried hourly, later daily. Once mended: tagdrift notify test {name}",
        tone=Tone.WARNING,
    )


def tone(notifications: Sequence[Notification]) -> Tone:
    """Return the colour of the worst of them."""
    going_on = [notification for notification in notifications if notification.reason not in OVER]
    if not going_on:
        return Tone.SUCCESS
    if any(notification.severity is Severity.CRITICAL for notification in going_on):
        return Tone.FAILURE
    return Tone.WARNING


def _named(notifications: Sequence[Notification]) -> str:
    """Return two lines each; one where two do not fit; and a count of what even then has no room."""
    titles = [notification.title[:LINE] for notification in notifications]
    seconds = [notification.body.strip().split("\n", 1)[0][:LINE] for notification in notifications]
    whole = "\n".join(
        f"{title}\n  {second}" if second else title for title, second in zip(titles, seconds, strict=True)
    )
    if len(whole) <= ROOM:
        return whole
    kept, used = 0, 0
    for title in titles:
        used += len(title) + 1
        if used > ROOM:
            break
        kept += 1
    left = len(titles) - kept
    return "\n".join([*titles[:kept], *([f"and {left} more: tagdrift alerts"] if left else [])])
