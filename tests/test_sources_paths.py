"""JSONPath: which paths are refused before they are used, and what a document cannot make them do."""

from __future__ import annotations

import json

import pytest

from monitor.errors import ParseError
from monitor.sources import selection
from tests.dialogues import URL, refusal, tags
from tests.effort import work_of

REFUSED = [
    pytest.param("tag", "is not a JSONPath as RFC 9535 has it: expected", id="no root"),
    pytest.param("", "is not a JSONPath", id="empty"),
    pytest.param("$.", "is not a JSONPath", id="a dot with nothing behind"),
    pytest.param("$[", "is not a JSONPath", id="an open bracket"),
    pytest.param(" $.a", "unexpected leading whitespace", id="a space first"),
    pytest.param("$.a | $.b", "is not a JSONPath", id="a union, which is an extension"),
    pytest.param("$.a.~", "is not a JSONPath", id="keys, which are an extension"),
    pytest.param("$[?@.a =~ /x/]", "is not a JSONPath", id="an operator that is an extension"),
    pytest.param("$[?foo(@.a)]", "is not a JSONPath", id="an unknown function"),
    pytest.param("$[99999999999999999999]", "is not a JSONPath", id="an index out of range"),
    pytest.param("$" + "[?@" * 240 + "]" * 240, "is not a JSONPath", id="nested too deeply"),
    pytest.param("$" + ".a" * 600, "is longer than 1000 characters", id="too long"),
    pytest.param("$[?@..a]", "has `..` within a filter", id="a descent within a filter"),
    pytest.param(
        "$[?@.x && !$[?count(@..a) > 1]]", "has `..` within a filter", id="within a filter's filter"
    ),
    pytest.param(
        "$[?match(@.a, $.b)]", "takes the pattern of `match` from the document", id="a pattern from outside"
    ),
    pytest.param("$[?search(@.a, '(')]", "'(' is not a regular expression", id="a wrong pattern"),
    pytest.param("$[?match(@.a, '(?:a|aa)+b')]", "takes too long on", id="a hopeless pattern"),
]


@pytest.mark.parametrize(("path", "sentence"), REFUSED)
def test_a_path_is_refused(path: str, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        selection.compiled(path)
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()


HOSTILE = [
    pytest.param(
        "[" * 900 + "]" * 900, "$..a", "too large or too deep for the path", id="deeper than a descent goes"
    ),
    pytest.param("[" + "[1]," * 80_000 + "1]", "$..*..*", "too large or too deep", id="descents of descents"),
    pytest.param(
        '{"a":' * 90 + "1" + "}" * 90, "$" + "..*" * 5, "too large or too deep", id="descents in depth"
    ),
]


@pytest.mark.parametrize(("body", "path", "sentence"), HOSTILE)
def test_a_document_cannot_make_a_path_run_for_ever(body: str, path: str, sentence: str) -> None:
    assert sentence in work_of(100, lambda: refusal("json", body, url=URL, path=path))


def test_an_enormous_name_is_not_copied_for_every_value_below_it() -> None:
    body = json.dumps({"n" * 1_000_000: [str(number) for number in range(20_000)]})
    assert len(tags("json", body, url=URL, path="$.*[*]")) == 20_000


def test_letters_of_a_text_are_not_items_of_a_list() -> None:
    assert "finds nothing" in refusal("json", '{"v": "20241016"}', url=URL, path="$.v[0:4]")


def test_a_pattern_in_a_path_sees_no_text_over_256_characters() -> None:
    body = json.dumps([{"v": "short", "n": "a"}, {"v": "long", "n": "a" * 257}])
    assert tags("json", body, url=URL, path="$[?search(@.n, 'a')].v") == ["short"]
