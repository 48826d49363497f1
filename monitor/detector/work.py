"""What a step has come to so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from monitor.model import Event, Rules, Side, TargetState


@dataclass(slots=True, kw_only=True)
class Work:
    """One step in the making; lives inside `together` and nowhere else.

    `good` are the sides of which a good look came, `failed` those of which a look as a second look was not.
    `is_settled` is false if a change of scheme keeps this step from judging. `is_named_anew` is whether the
    metadata names other versions than at the look before, `is_listed_anew` likewise; `changed` are the tags
    whose releases are not as the last board has them.
    """

    state: TargetState
    now: datetime
    rules: Rules
    good: set[Side] = field(default_factory=set)
    failed: set[Side] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    asks: dict[Side, bool] = field(default_factory=dict)
    is_settled: bool = True
    is_named_anew: bool = False
    is_listed_anew: bool = False
    changed: dict[str, None] = field(default_factory=dict)

    def ask(self, side: Side, *, confirm: bool = False) -> None:
        """Want a look at this side; one for confirmation serves any other purpose too."""
        self.asks[side] = self.asks.get(side, False) or confirm
