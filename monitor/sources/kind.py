"""What a source kind is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from monitor.errors import ParseError
from monitor.model import Dialogue, Failure


class Refusal(ParseError):  # noqa: N818  (a fact about the source, not a fault)
    """A well-formed answer that says why it gives nothing: not `malformed`, but the failure it tells of."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A way to learn versions, for either side. All of its functions are given a `spec` and do no I/O.

    `spec` is a frozen dataclass, built by name from the source's TOML table; a field's metadata has `help`,
    and `file` (its format) where the text is a path whose parsed content the configuration puts in its
    place. `problems` says what a type check cannot see, each sentence beginning with the key's name. `urls`
    are the addresses that will be asked, `credentials` the names of secrets. `label` is what messages call
    the source. `example` is the TOML of one side.
    """

    name: str
    summary: str
    spec: type[Any]
    read: Callable[[Any], Dialogue]
    example: str
    problems: Callable[[Any], tuple[str, ...]]
    urls: Callable[[Any], tuple[str, ...]]
    credentials: Callable[[Any], tuple[str, ...]]
    has_dates: Callable[[Any], bool]
    tells_prereleases: Callable[[Any], bool]
    label: Callable[[Any], str]
