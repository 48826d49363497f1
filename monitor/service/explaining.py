"""What `check` says of a target: one line, an explanation, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from monitor.messages import instant, legible, safe_link, span
from monitor.model import Alert, AlertState, Observation, Reading, Rules, Side
from monitor.service.checking import Checked, Verdict
from monitor.status import Judgement, judge

WORDS = {Verdict.IN_STEP: "in step", Verdict.PAST: "BEHIND", Verdict.UNKNOWN: "could not tell"}
MOST_SHOWN = 5
# A sentence with an address in it, which is to be copied: whoever prints it to a terminal escapes it.
LONGEST = 300


def line(one: Checked) -> str:
    """Return the one line."""
    return f"{one.target.name}: {state_word(one)}: {sentence(one)}"


def state_word(one: Checked) -> str:
    """Return the state in a word or two."""
    worst = _worst(one)
    if one.verdict is Verdict.PAST and worst is not None:
        return worst.check.value
    if one.verdict is Verdict.IN_STEP and worst is not None and worst.state is AlertState.PENDING:
        return "pending"
    return "malformed" if one.verdict is Verdict.PAST else WORDS[one.verdict]


def sentence(one: Checked) -> str:
    """Return what is so, in words."""
    worst = _worst(one)
    parts = [legible(failure.sentence, LONGEST) for failure in one.failures.values()]
    if worst is not None:
        parts.insert(0, _of_alert(worst, one.at))
    if not parts:
        now = _judged(one)
        names, newest = legible(now.named or "nothing"), legible(now.newest or "none")
        parts.append(f"names {names}, newest release {newest}")
    return "; ".join(parts)


def explained(one: Checked) -> Iterator[str]:
    """Yield what was asked, what came, what was read of it, and what follows."""
    for side, request, document in one.exchanges:
        cached = (
            f", served from a cache, age {span(document.cache_age_for)}"
            if document.cache_age_for is not None
            else ""
        )
        method = "GET" if request.body is None else "POST"
        yield (
            f"{side.value}: {method} {safe_link(request.url) or 'an address that is not shown'}: "
            f"HTTP {document.status}, {len(document.body):,} bytes{cached}"
        )
    for side, observation in one.observations.items():
        yield from (f"{side.value}: {text}" for text in _read(observation))
    yield from _concluded(one)


def as_json(one: Checked) -> dict[str, Any]:
    """Return it for machines; instants as `2024-02-26T03:18:47Z`."""
    judged = _judged(one)
    return {
        "target": one.target.name,
        "state": state_word(one),
        "status": int(one.verdict),
        "named": judged.named,
        "newest": judged.newest,
        "sentence": sentence(one),
        "alerts": [_alert_json(alert) for alert in one.alerts],
        "sides": {side.value: _side_json(observation) for side, observation in one.observations.items()},
    }


def _judged(one: Checked) -> Judgement:
    rules = Rules(target=one.target.name, policy=one.target.policy, interval=one.target.interval)
    return judge(one.state, rules)


def _worst(one: Checked) -> Alert | None:
    order = sorted(one.alerts, key=lambda alert: (alert.state is not AlertState.FIRING, alert.check.value))
    return order[0] if order else None


def _of_alert(alert: Alert, at: datetime) -> str:
    told = alert.finding.sentence if alert.finding is not None else alert.sentence
    if alert.state is AlertState.PENDING:
        return f"{legible(told, LONGEST)}; would fire at {instant(alert.fires_at, at)}"
    return f"{legible(told, LONGEST)} (for {span(at - alert.since)})"


def _read(observation: Observation) -> Iterator[str]:
    outcome = observation.outcome
    if not isinstance(outcome, Reading):
        yield f"{outcome.reason.value}: {legible(outcome.sentence, LONGEST)}"
        return
    texts = [legible(release.version or release.tag) for release in outcome.releases]
    shown = ", ".join(texts[:MOST_SHOWN]) + (
        f" and {len(texts) - MOST_SHOWN} more" if len(texts) > MOST_SHOWN else ""
    )
    whole = "complete" if outcome.is_complete else f"the newest {outcome.newest} only"
    dated = sum(release.published_at is not None for release in outcome.releases)
    yield f"{len(texts)} read ({whole}, {dated} with their publication): {shown or 'nothing'}"
    if observation.side is Side.RELEASES and any(release.prerelease is None for release in outcome.releases):
        yield "this source cannot tell pre-releases; a version's own mark is gone by"
    yield from (f"left out: {legible(reason, LONGEST)}" for reason in outcome.left_out)


def _concluded(one: Checked) -> Iterator[str]:
    scheme = one.state.scheme or one.target.policy.scheme
    yield f"ordered by {scheme}"
    missing = _judged(one).missing
    if missing:
        yield f"missing: {', '.join(legible(tag) for tag in missing[:MOST_SHOWN])}"
    for alert in one.alerts:
        since = f"{instant(alert.since, one.at)}, {alert.since_is.value}"
        yield f"{alert.check.value} ({alert.state.value}): since {since}"
    yield f"conclusion: {state_word(one)}"


def _alert_json(alert: Alert) -> dict[str, Any]:
    return {
        "check": alert.check.value,
        "state": alert.state.value,
        "since": _z(alert.since),
        "since_is": alert.since_is.value,
        "fires_at": _z(alert.fires_at),
        "sentence": alert.finding.sentence if alert.finding else alert.sentence,
    }


def _side_json(observation: Observation) -> dict[str, Any]:
    outcome, got = observation.outcome, observation.got
    age = got.cache_age_for
    shown: dict[str, Any] = {
        "at": _z(observation.at),
        "http_status": got.status,
        "cache_age": None if age is None else age.total_seconds(),
    }
    if isinstance(outcome, Reading):
        return shown | {"outcome": "reading", "read": len(outcome.releases), "newest_only": outcome.newest}
    return shown | {"outcome": outcome.reason.value, "sentence": outcome.sentence}


def _z(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
