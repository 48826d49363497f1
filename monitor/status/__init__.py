"""The one picture: how everything stands now, as one value.

Page, API, metrics, badge, feed and command line are all rendered from it, so that they cannot disagree.
"""

from monitor.status.judging import Judgement, judge
from monitor.status.ordering import worst_first
from monitor.status.picture import picture
from monitor.status.rendering import to_json
from monitor.status.values import (
    AckStatus,
    AlertStatus,
    Daemon,
    NextEvent,
    Receiver,
    SideStatus,
    SilenceStatus,
    Status,
    TargetStatus,
    ToldStatus,
)
from monitor.status.words import Look, Word

__all__ = [
    "AckStatus",
    "AlertStatus",
    "Daemon",
    "Judgement",
    "Look",
    "NextEvent",
    "Receiver",
    "SideStatus",
    "SilenceStatus",
    "Status",
    "TargetStatus",
    "ToldStatus",
    "Word",
    "judge",
    "picture",
    "to_json",
    "worst_first",
]
