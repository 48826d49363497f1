"""Which targets are behind at the moment, as messages name them."""

from __future__ import annotations

from monitor.model import TargetState
from monitor.poller import is_behind


class Drifting:
    """Their names, in the order in which they fell behind."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def note(self, state: TargetState) -> None:
        """Take a target as it is now."""
        if is_behind(state):
            self._names[state.target] = None
        else:
            self.forget(state.target)

    def forget(self, name: str) -> None:
        """Leave out a target that is not watched any more."""
        self._names.pop(name, None)

    def but(self, name: str) -> tuple[str, ...]:
        """Return all but this one."""
        return tuple(each for each in self._names if each != name)
