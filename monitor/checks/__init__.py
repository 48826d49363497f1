"""Checks: what can be wrong with a target now. One file a check, found by its name in `CheckName`.

A check is a function `check(state, now, rules)` that returns its findings: none, one, or one a side. It
judges what is remembered; whether a look may begin or end an alert is the detector's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module

from monitor.model import CheckName, Finding, Rules, TargetState

Check = Callable[[TargetState, datetime, Rules], tuple[Finding, ...]]
# Of all targets at once, from the last look at each host: `checks.blind`.
OF_ALL = frozenset({CheckName.BLIND})


@cache
def checks() -> Mapping[CheckName, Check]:
    """Return the checks of one target, in the order in which they are shown."""
    return {name: import_module(f"{__name__}.{name.value}").check for name in CheckName if name not in OF_ALL}
