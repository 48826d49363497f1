"""Thousands of documents that were spoilt on their way, through the whole daemon."""

from __future__ import annotations

import json
import pickle  # what passes is our own, between a test and its child
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import Phase, given, seed, settings

from tests.real.fare import TARGETS, Target
from tests.real.running import ROOT
from tests.spoiling import Spoilt, spoilt

Property = Callable[[str, object], None]
AT_ONCE = 40


@pytest.mark.fault(
    "spoilt documents, through the whole daemon",
    how="documents of every kind of source cut, bits flipped, values and types replaced, keys twice, "
    "made long, deep, of another encoding, with hostile tags; by hypothesis, from fixed seeds",
    promise="a reading, or a Failure with a sentence; under 150 MB; no alert raised or resolved by a failure",
    group="Answers",
)
@pytest.mark.parametrize(
    "documents",
    [pytest.param(2_000, marks=pytest.mark.real), pytest.param(200_000, marks=pytest.mark.campaign)],
)
def test_no_spoilt_document_raises_or_resolves_an_alert(
    quick_path: Path, documents: int, record_property: Property
) -> None:
    rounds = -(-documents // len(TARGETS))
    command = [sys.executable, "-m", "tests.real.feeding", str(quick_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        serve(child.stdin, rounds)
        outcome: dict[str, Any] = json.loads(child.stdout.read())
    ended = outcome["endings"]
    record_property("times", sum(ended.values()))
    record_property(
        "figure",
        f"{ended['malformed']:,} failures and {ended['reading']:,} readings, "
        f"{outcome['megabytes']:.0f} MB at the most",
    )
    assert outcome["wrong"] == []
    assert sum(ended.values()) == rounds * len(TARGETS)
    assert "not recorded" not in ended
    assert outcome["megabytes"] < 150
    # It has tried something: half of all targets had an alert at any time, and most documents were no good.
    assert outcome["firing"] >= len(TARGETS) - 1
    assert ended["malformed"] > sum(ended.values()) / 3


def serve(child: BinaryIO, rounds: int) -> None:
    """Write each round to the child: a document for every target. Those of a few rounds share a seed."""
    # A child that is gone has said why.
    with suppress(BrokenPipeError):
        pickle.dump(rounds, child)
        for left in range(rounds, 0, -AT_ONCE):
            some = min(left, AT_ONCE)
            drawn = [
                _drawn(target, some, of_seed=left * len(TARGETS) + number)
                for number, target in enumerate(TARGETS.values())
            ]
            for documents in zip(*drawn, strict=True):
                pickle.dump(dict(zip(TARGETS, documents, strict=True)), child)
        child.flush()


def _drawn(target: Target, count: int, of_seed: int) -> list[tuple[bytes, str]]:
    found: list[tuple[bytes, str]] = []

    @seed(of_seed)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate])
    @given(document=spoilt(target.good(is_late=False)))
    def draw(document: Spoilt) -> None:
        found.append((document.body, document.content_type))

    draw()
    return found[:count]
