"""Documents that were spoilt on their way, each to the kind it was made for: a sentence or a reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, seed, settings

from monitor import sources
from monitor.errors import ParseError
from monitor.model import Document, Reading
from tests.dialogues import check, source
from tests.servers.documents import CAPABILITIES, LISTS, METADATA
from tests.spoiling import Spoilt, spoilt

Property = Callable[[str, object], None]
PLACE = {"url": "https://x.org/v"}
ROWS = {"path": "$[*].v", "date_path": "$[*].d", "prerelease_path": "$[*].p"}
VALID = {name: write("1.0").encode() for name, write in METADATA.items()} | {
    f"a list in {name}": body for name, body in LISTS.items()
}
SOURCES = {
    "json": source("json", **PLACE, path="$.v"),
    "toml": source("toml", **PLACE, path="$.v"),
    "yaml": source("yaml", **PLACE, path="$.v"),
    "text": source("text", **PLACE),
    "regex": source("text", **PLACE, select="regex", regex=r"latest = v(?P<version>[0-9.]+)"),
    "a list in json": source("json", **PLACE, **ROWS),
    "a list in toml": source(
        "toml", **PLACE, path="$.r[*].v", date_path="$.r[*].d", prerelease_path="$.r[*].p"
    ),
    "a list in yaml": source("yaml", **PLACE, **ROWS),
    "a list in text": source("text", **PLACE),
    "a list in atom": source("github", repo="a/b"),
    "a list in graphql": source("github", repo="a/b", token="t"),
    "a list in capabilities": source("git", **PLACE),
    "a list in git": source("git", **PLACE),
}
# What else is answered, where the document is one of two.
BEFORE, AFTER = {"a list in git": CAPABILITIES}, {"a list in capabilities": LISTS["git"]}


def answers(title: str, document: Spoilt) -> Iterator[tuple[bytes, str]]:
    if title in BEFORE:
        yield BEFORE[title], ""
    yield document.body, document.content_type
    for _ in range(10):
        yield AFTER.get(title, document.body), ""


def heard(title: str, document: Spoilt) -> Reading | str:
    """Return what the source makes of it: a reading, or the sentence."""
    dialogue = sources.read(SOURCES[title])
    request = next(dialogue)
    try:
        for body, content_type in answers(title, document):
            request = dialogue.send(Document(url=request.url, body=body, content_type=content_type))
    except StopIteration as end:
        return sources.comb(end.value, sources.pattern_of(SOURCES[title]))
    except ParseError as error:
        return str(error)
    raise AssertionError("it asked eleven times and was not content")


@pytest.mark.parametrize("title", SOURCES)
def test_a_valid_document_is_read(title: str) -> None:
    outcome = heard(title, Spoilt(VALID[title], ""))
    assert isinstance(outcome, Reading), outcome
    assert {release.tag for release in outcome.releases} <= {"1.0", "1.1"}


@pytest.mark.fault(
    "spoilt documents",
    how="valid documents of every kind of source cut, bits flipped, values and types replaced, keys twice, "
    "made long, deep, of another encoding, with hostile tags; by hypothesis, from fixed seeds",
    promise="a sentence or a reading",
    group="Answers",
)
@pytest.mark.parametrize("documents", [260, pytest.param(200_000, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("title", SOURCES)
def test_a_spoilt_document_makes_no_kind_stumble(
    title: str, documents: int, record_property: Property
) -> None:
    share = documents // len(SOURCES)
    record_property("times", share)

    @seed(documents)
    @settings(max_examples=share, database=None, deadline=None)
    @given(document=spoilt(VALID[title]))
    def read(document: Spoilt) -> None:
        check(heard(title, document))

    read()
