"""Whatever stands in a file, it is a configuration or a list of sentences, each with its place."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import Wanted
from monitor.config.building import SECTIONS, examined, ground_of
from tests.configured import EVERYTHING, surroundings

TEXTS = st.one_of(
    st.sampled_from(
        ["", "json", "git", "https://a.example/", "(", "5m", "-1h", "0", "semver", "calver:", "on", "a"]
    ),
    st.text(max_size=20),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.floats(), st.booleans(), st.dates(), st.just({})),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where everything in a document stands."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(each for key, part in parts for each in places(part, (*place, key)))]


def replaced(value: Any, place: tuple[Any, ...], by: Any) -> Any:
    if not place:
        return by
    key, *rest = place
    if isinstance(value, dict):
        return {**value, key: replaced(value.get(key), tuple(rest), by)}
    if isinstance(value, list):
        return [replaced(part, tuple(rest), by) if index == key else part for index, part in enumerate(value)]
    return value


DOCUMENT = tomllib.loads(EVERYTHING)
PLACES = [place for place in places(DOCUMENT) if place]
KEYS = TEXTS.map(lambda text: ("targets", "a", text))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.one_of(st.sampled_from(PLACES), KEYS), VALUES), min_size=1, max_size=3))
def test_any_document_is_judged_with_sentences_that_begin_with_their_place(
    tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    document: Any = DOCUMENT
    for place, value in changes:
        document = replaced(document, place, value)
    if not isinstance(document.get("targets"), dict):
        return
    config, problems = examined(document, ground_of(tmp_path, surroundings(tmp_path), Wanted.NONE))
    assert all(problem.split(".")[0].split(":")[0].split("[")[0] in SECTIONS for problem in problems.found)
    assert all(problem.isprintable() for problem in problems.found)
    assert problems.found or config.targets.keys() == document["targets"].keys()
