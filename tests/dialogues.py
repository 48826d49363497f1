"""Drive a source kind's dialogue over documents made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from monitor import sources
from monitor.errors import ParseError
from monitor.model import Document, Reading, Request, Source
from monitor.versions import LONGEST

URL = "https://example.org/files/latest.json"


def source(kind: str, **keys: Any) -> Source:
    return Source(kind=kind, spec=sources.kind_named(kind).spec(**keys))


def held(kind: str, *answers: str | bytes | Document, **keys: Any) -> tuple[Reading, list[Request]]:
    """Answer each request in turn; return the reading and what was asked for."""
    dialogue = sources.read(source(kind, **keys))
    requests = [next(dialogue)]
    for answer in answers:
        try:
            requests.append(dialogue.send(document(answer, requests[-1].url)))
        except StopIteration as end:
            return end.value, requests
    raise AssertionError(f"the dialogue went on after {len(answers)} answers: {requests[-1]}")


def document(answer: str | bytes | Document, url: str = URL) -> Document:
    if isinstance(answer, Document):
        return answer
    return Document(url=url, body=answer.encode() if isinstance(answer, str) else answer)


def said(kind: str, *answers: str | bytes | Document, **keys: Any) -> Reading:
    return held(kind, *answers, **keys)[0]


def tags(kind: str, *answers: str | bytes | Document, **keys: Any) -> list[str]:
    return [release.tag for release in said(kind, *answers, **keys).releases]


def refusal(kind: str, *answers: str | bytes | Document, **keys: Any) -> str:
    """Return the sentence with which the last answer is refused: one line, and short enough for a message."""
    with pytest.raises(ParseError) as caught:
        said(kind, *answers, **keys)
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert 10 < len(sentence) < 700
    return sentence


def check(outcome: Reading | str) -> None:
    """Whether this is what may come of any document: a sentence, or a reading that others can go by."""
    if isinstance(outcome, str):
        assert outcome.startswith("https://"), outcome
        assert outcome.isprintable(), outcome
        assert 20 < len(outcome) < 700, outcome
        return
    assert len(outcome.left_out) <= 3
    assert all(len(sentence) < 700 for sentence in outcome.left_out)
    for release in outcome.releases:
        assert release.version
        assert release.tag.isprintable()
        assert len(release.tag) <= LONGEST
