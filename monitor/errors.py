"""One tree of errors; `str(error)` is a sentence for an operator: where, what was found, what is right."""

from __future__ import annotations


class TagdriftError(Exception):
    """Anything that tagdrift raises on purpose."""


class ParseError(TagdriftError):
    """A document, version, duration or pattern is not of the form it should have."""


class ConfigError(TagdriftError):
    """The configuration cannot be used; `problems` has one sentence each, with its TOML path."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class FetchError(TagdriftError):
    """No usable answer came; `reason` and the rest become a `Failure`."""


class StoreError(TagdriftError):
    """The database refused, is damaged, or is not ours: our own fault, never the target's."""


class DatabaseDamaged(StoreError):  # noqa: N818 the word says what is so
    """The file is damaged, emptied, replaced or older than what we remember of it."""


class DatabaseBusy(StoreError):  # noqa: N818 the word says what is so
    """Another daemon holds this database."""


class DeliveryError(TagdriftError):
    """A receiver cannot be used at all: its URL is not one that Apprise understands."""
