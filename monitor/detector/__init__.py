"""The detector: `step(previous, observation, now, rules)` gives the next state and what follows from it.

It is a pure function of what it is given; a daemon, a demo and a backtest drive the same one.
"""

from monitor.detector.blindness import blindness, sight
from monitor.detector.mending import latest_look
from monitor.detector.moving import adopted, dropped, reconfigured, renamed, resumed
from monitor.detector.outcome import Ask, Step, is_firing, numbered
from monitor.detector.quiet import touched
from monitor.detector.stepping import step, together

__all__ = [
    "Ask",
    "Step",
    "adopted",
    "blindness",
    "dropped",
    "is_firing",
    "latest_look",
    "numbered",
    "reconfigured",
    "renamed",
    "resumed",
    "sight",
    "step",
    "together",
    "touched",
]
