"""`malformed`: the metadata was fetched and yields no version; or no scheme fits what a side says."""

from __future__ import annotations

from datetime import datetime

from monitor.checks.policy import in_force_from
from monitor.model import CheckName, Finding, Rules, Severity, Side, SinceClock, TargetState


def check(state: TargetState, now: datetime, rules: Rules) -> tuple[Finding, ...]:
    """Return one finding for each side whose last answer could not be used."""
    findings = []
    for side in Side:
        remembered = state.side(side)
        if remembered.malformed_at is None:
            continue
        findings.append(
            Finding(
                check=CheckName.MALFORMED,
                target=state.target,
                since=remembered.malformed_at,
                since_is=SinceClock.FIRST_SEEN,
                fires_at=in_force_from(remembered.malformed_at + rules.policy.malformed_grace, rules, now),
                severity=Severity.WARNING,
                sentence=remembered.malformed or "the answer yields no version",
                side=side,
                metadata_link=state.metadata.link,
            )
        )
    return tuple(findings)
