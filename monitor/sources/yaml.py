"""Versions in a YAML document.

The tree is built here from the parser's events: libyaml's own composer crashes the process on deep nesting,
and the library's constructors follow aliases as often as a document likes.
"""

from __future__ import annotations

from monitor.errors import ParseError
from monitor.model import Document
from monitor.sources.decoding import beginning, phrase, text_of
from monitor.sources.structured import structured_kind

_MOST_BYTES = 256 * 1024


def parse(document: Document, where: str) -> object:
    """Return the value of the one document in it, read as YAML 1.1.

    Raises:
        ParseError: it is not YAML, has a name twice or what JSON has no counterpart for, or is too large.
    """
    import yaml

    from monitor.sources._composing import TOO_DEEP, compose

    if len(document.body) > _MOST_BYTES:
        raise ParseError(
            f"{where} has {len(document.body):,} bytes; no more than {_MOST_BYTES:,} are read as YAML"
        )
    text = text_of(document, where)
    try:
        return compose(text)
    except ParseError as error:
        raise ParseError(f"{where} {error}") from error
    except yaml.MarkedYAMLError as error:
        if "nesting" in (error.problem or ""):
            # libyaml, from PyYAML 6.0.4 on, reads ahead and meets a limit of its own before ours.
            raise ParseError(f"{where} {TOO_DEEP}") from error
        line = 0 if error.problem_mark is None else error.problem_mark.line + 1
        what = f"line {line}: {phrase(error.problem or 'it cannot be read')}"
        raise ParseError(f"{where} is not YAML ({what}); {beginning(text)}") from error
    except yaml.YAMLError as error:
        raise ParseError(f"{where} is not YAML ({phrase(str(error))}); {beginning(text)}") from error


KIND = structured_kind(
    name="yaml",
    summary="Versions in a YAML document of at most 256 KiB, found by JSONPath.",
    example='metadata = { kind = "yaml", url = "https://example.org/latest.yml", path = "$.version" }',
    accept="application/yaml, text/yaml, text/plain;q=0.9, */*;q=0.5",
    max_bytes=_MOST_BYTES,
    parse=parse,
)
