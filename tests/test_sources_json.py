"""The kind `json`: what a path finds, what is refused, and with which sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.model import Document, Request
from tests.dialogues import URL, held, refusal, said, tags

LATEST = '{"version": 1, "tag": "20241016", "release_url": "https://example.org/20241016"}'


def test_one_document_is_asked_for() -> None:
    reading, requests = held("json", LATEST, url=URL, path="$.tag", token="ours")
    assert requests == [
        Request(url=URL, accept="application/json, */*;q=0.5", credential="ours", max_bytes=4 * 1024 * 1024)
    ]
    assert reading.is_complete
    assert reading.link == URL


FOUND = [
    pytest.param(LATEST, "$.tag", ["20241016"], id="one"),
    pytest.param('{"a b": {"c": ["1", "2"]}}', "$['a b'].c[-1]", ["2"], id="quoted name and last item"),
    pytest.param('[{"v": "1"}, {"v": "2"}]', "$[*].v", ["1", "2"], id="many"),
    pytest.param('{"x": [{"v": "1"}, {"y": {"v": "2"}}]}', "$..v", ["1", "2"], id="anywhere"),
    pytest.param('{"v": "1"}', "$['v','v']", ["1"], id="one place twice"),
    pytest.param('["1", "2", "1"]', "$[*]", ["1", "2"], id="one text twice"),
    pytest.param('"20241016"', "$", ["20241016"], id="a document that is a text"),
    pytest.param('"{\\"a\\": \\"x\\"}"', "$", ['{"a": "x"}'], id="a text that looks like a document"),
    pytest.param('[{"v": "1", "old": true}, {"v": "2"}]', "$[?!@.old].v", ["2"], id="a filter"),
    pytest.param('[{"v": "1.2"}, {"v": "x1"}]', "$[?match(@.v, '[0-9.]+')].v", ["1.2"], id="match"),
    pytest.param('[{"v": "1.2"}, {"v": "x1"}]', "$[?search(@.v, 'x')].v", ["x1"], id="search"),
    pytest.param(
        '[{"v": "1"}, {"v": "2", "n": 3}]', "$[?match(@.n, '3') || @.v == '1'].v", ["1"], id="no text"
    ),
    pytest.param('[{"v": "1", "of": "a"}]', "$[?@.of == $[0].of].v", ["1"], id="a filter from the root"),
    pytest.param('[{"v": "é 1"}]', "$[0].v", ["é 1"], id="letters of other alphabets"),
]


@pytest.mark.parametrize(("body", "path", "expected"), FOUND)
def test_a_path_finds(body: str, path: str, expected: list[str]) -> None:
    assert tags("json", body, url=URL, path=path) == expected


WRONG_VALUES = [
    pytest.param("1.10", "$.tag is the number 1.1, not the text of a version; quote it", id="a decimal"),
    pytest.param("20241016", "$.tag is the number 20241016", id="a whole number"),
    pytest.param("null", "$.tag is null", id="null"),
    pytest.param("true", "$.tag is true", id="true"),
    pytest.param("false", "$.tag is false", id="false"),
    pytest.param("{}", "$.tag is an object with values of its own", id="an object"),
    pytest.param("[]", "$.tag is a list, not the text of a version; let `path` lead", id="a list"),
    pytest.param('""', "$.tag is an empty text", id="an empty text"),
    pytest.param('" "', "$.tag is an empty text", id="spaces"),
    pytest.param('"1\\n"', "$.tag has characters that cannot be printed", id="a line end"),
    pytest.param('"\\u0000"', "cannot be printed, which no version has: '\\x00'", id="NUL"),
    pytest.param('"\\ud800"', "cannot be printed, which no version has: '\\ud800'", id="a lone surrogate"),
    pytest.param('"\\u202e1"', "cannot be printed", id="text direction"),
    pytest.param(f'"{"x" * 257}"', "$.tag has 257 characters, too many", id="too long"),
]


@pytest.mark.parametrize(("value", "sentence"), WRONG_VALUES)
def test_what_is_no_text_of_a_version_is_refused(value: str, sentence: str) -> None:
    assert sentence in refusal("json", f'{{"tag": {value}}}', url=URL, path="$.tag")


WRONG_DOCUMENTS = [
    pytest.param("", "is not JSON (line 1, column 1: Expecting value); it is empty", id="empty"),
    pytest.param("<!DOCTYPE html>\n<html>", "it begins with '<!DOCTYPE html>\\n<html>'", id="a page"),
    pytest.param('{"tag": "1"', "is not JSON (line 1, column 12", id="cut off"),
    pytest.param('{"tag": "1"} {}', "is not JSON (line 1, column 14: Extra data)", id="two documents"),
    pytest.param('{"tag": "1", "tag": "2"}', "has the name 'tag' twice in one object", id="a name twice"),
    pytest.param('{"tag": "1", "n": 1e999}', "has the number '1e999', which is out of range", id="1e999"),
    pytest.param('{"tag": "1", "n": NaN}', "has the number NaN, which is not JSON", id="NaN"),
    pytest.param('{"tag": "1", "n": -Infinity}', "has the number -Infinity", id="minus infinity"),
    pytest.param("[" * 200_000, "is nested too deeply", id="deep"),
    pytest.param('{"tag": ' + "1" * 10_000 + "}", "has a number of thousands of digits", id="a huge number"),
    pytest.param("[" + "0," * 250_000 + "0]", "has over 250,000 values", id="too many values"),
    pytest.param("{}", "`path` $.tag finds nothing; the document is an empty object", id="empty object"),
    pytest.param('{"tags": 1, "a\\n": 2}', "the document has 'tags', 'a\\n'", id="another name"),
    pytest.param(json.dumps(dict.fromkeys("abcdefghijklm", 1)), "'j' and 3 more", id="many other names"),
    pytest.param("[1, 2]", "the document is a list of 2", id="a list"),
    pytest.param("null", "the document is null", id="null"),
    pytest.param('"1.2"', "the document is the text '1.2'", id="a text"),
]


@pytest.mark.parametrize(("body", "sentence"), WRONG_DOCUMENTS)
def test_a_document_that_is_not_what_it_should_be_is_refused(body: str, sentence: str) -> None:
    assert sentence in refusal("json", body, url=URL, path="$.tag")


def test_a_small_part_of_a_large_document_is_found() -> None:
    releases = [
        {"tag": f"1.{minor}.0", "assets": [{"name": str(n)} for n in range(30)]} for minor in range(900)
    ]
    assert len(tags("json", json.dumps(releases), url=URL, path="$[*].tag")) == 900


ENCODINGS = [
    pytest.param("utf-8-sig", "", id="UTF-8 with a mark"),
    pytest.param("utf-16", "", id="UTF-16 with a mark"),
    pytest.param("utf-32", "application/json; charset=utf-8", id="UTF-32 with a mark, which goes first"),
    pytest.param("utf-16-be", "application/json; charset=UTF-16BE", id="UTF-16BE declared"),
    pytest.param("iso-8859-1", 'text/plain; charset="ISO-8859-1"', id="ISO-8859-1 declared"),
    pytest.param("windows-1252", "text/plain;charset=windows-1252;x=1", id="Windows-1252 declared"),
    pytest.param("utf-8", "text/plain", id="nothing declared"),
]


@pytest.mark.parametrize(("encoding", "content_type"), ENCODINGS)
def test_a_document_may_be_encoded_as(encoding: str, content_type: str) -> None:
    body = '{"tag": "é1"}'.encode(encoding)
    assert tags("json", Document(url=URL, body=body, content_type=content_type), url=URL, path="$.tag") == [
        "é1"
    ]


BAD_ENCODINGS = [
    pytest.param(b'{"tag": "\xe9"}', "", "is not UTF-8 text: byte 10 is wrong", id="not UTF-8"),
    pytest.param(b"\xff\xfe{", "", "is not UTF-16-LE text: byte 1 is wrong", id="half a character"),
    pytest.param(
        b"{}", "text/x; charset=zip", "says it is in 'zip'; what is read here is UTF-8", id="unknown"
    ),
    pytest.param(b"\x80", "text/x; charset=us-ascii", "is not ASCII text", id="not ASCII"),
]


@pytest.mark.parametrize(("body", "content_type", "sentence"), BAD_ENCODINGS)
def test_a_document_in_no_readable_encoding_is_refused(body: bytes, content_type: str, sentence: str) -> None:
    answer = Document(url=URL, body=body, content_type=content_type)
    assert sentence in refusal("json", answer, url=URL, path="$.tag")


SECRET_URLS = [
    pytest.param("https://example.org/a.json?token=canary", "https://example.org/a.json?…", id="query"),
    pytest.param("https://user:canary@example.org/a.json", "https://example.org/a.json", id="password"),
    pytest.param("https://example.org:8443/a.json#canary", "https://example.org:8443/a.json", id="fragment"),
    pytest.param("https://[canary/a.json", "an address that is not a URL", id="no URL"),
]


@pytest.mark.parametrize(("url", "where"), SECRET_URLS)
def test_no_secret_of_an_address_is_in_a_sentence(url: str, where: str) -> None:
    sentence = refusal("json", "[]", url=url, path="$.tag")
    assert sentence.startswith(f"{where}: ")
    assert "canary" not in sentence


@pytest.mark.parametrize("url", [param.values[0] for param in SECRET_URLS])
def test_no_secret_of_an_address_is_in_the_link(url: str) -> None:
    assert "canary" not in (said("json", LATEST, url=url, path="$.tag").link or "")


def test_a_long_address_is_cut_short() -> None:
    assert "xxx…: `path`" in refusal("json", "[]", url="https://example.org/" + "x" * 1000, path="$.tag")


def test_where_a_value_stands_is_said_for_any_name() -> None:
    document: Any = {"a": [{"b c": {"d" * 100: {"é": 1}}}]}
    sentence = refusal("json", json.dumps(document), url=URL, path="$..['é']")
    assert f"$.a[0]['b c']['{'d' * 60}'…]['\\xe9'] is the number 1" in sentence
    deep = '{"a":' * 20 + "1" + "}" * 20
    assert "$.a.a.a.a.a.a.a.a… is an object" in refusal("json", deep, url=URL, path="$" + ".a" * 19)
