"""The kind `yaml`: the types it gives to what looks like a version, aliases, what would crash or stall."""

from __future__ import annotations

import pytest

from tests.dialogues import URL, refusal, said, tags
from tests.effort import work_of

FOUND = [
    pytest.param("v: '1.10'", ["1.10"], id="quoted"),
    pytest.param('v: "1.10"', ["1.10"], id="in double quotes"),
    pytest.param("v: 1.2.3", ["1.2.3"], id="two dots are no number"),
    pytest.param("v: v1.10", ["v1.10"], id="a letter first"),
    pytest.param("v: !!str 1.10", ["1.10"], id="said to be a text"),
    pytest.param("v: |-\n  1.10", ["1.10"], id="a block"),
    pytest.param("v: '='\n", ["="], id="an equals sign"),
    pytest.param("v: =\n", ["="], id="the default value"),
    pytest.param("---\nv: a1\n...\n", ["a1"], id="one document with its marks"),
    pytest.param("a: &a a1\nv: *a", ["a1"], id="an alias"),
    pytest.param("&k v: a1\nx: *k", ["a1"], id="an anchor at a key"),
    pytest.param("a: &a {v: a1}\n<<: *a", ["a1"], id="merged"),
    pytest.param("a: &a {v: a1}\nb: &b {v: b1}\n<<: [*a, *b]", ["a1"], id="the first of several merged"),
    pytest.param("a: &a {v: a1}\n<<: *a\nv: own", ["own"], id="its own goes before merged"),
    pytest.param("{v: a1, <<: {w: 1}}", ["a1"], id="merged from where it stands"),
    pytest.param("? v\n: a1", ["a1"], id="a key with its mark"),
]


@pytest.mark.parametrize(("body", "expected"), FOUND)
def test_a_version_is_found(body: str, expected: list[str]) -> None:
    assert tags("yaml", body, url=URL, path="$.v") == expected


def test_names_are_texts_as_they_are_written() -> None:
    body = "1.10: {v: ten}\n0x10: {v: hex}\nyes: {v: affirmed}\n2024-10-16: {v: day}\n~: {v: nothing}\n"
    for name, expected in {
        "1.10": "ten",
        "0x10": "hex",
        "yes": "affirmed",
        "2024-10-16": "day",
        "~": "nothing",
    }.items():
        assert tags("yaml", body, url=URL, path=f"$['{name}'].v") == [expected]


def test_dates_and_marks_of_yaml_are_understood() -> None:
    first = "- {v: '1.0', at: 2024-10-16T15:40:00Z, beta: no}\n"
    body = first + "- {v: '1.1', at: 2024-10-17, beta: on}\n- {v: '2', at: ~}"
    reading = said("yaml", body, url=URL, path="$[*].v", date_path="$[*].at", prerelease_path="$[*].beta")
    assert [str(release.published_at) for release in reading.releases] == [
        "2024-10-16 15:40:00+00:00",
        "2024-10-17 00:00:00+00:00",
        "None",
    ]
    assert [release.prerelease for release in reading.releases] == [False, True, None]


NO_VERSIONS = [
    pytest.param("v: 1.10", "$.v is the number 1.1, not the text of a version; quote it", id="a decimal"),
    pytest.param("v: 20241016", "is the number 20241016", id="a whole number"),
    pytest.param("v: 010", "is the number 8", id="an octal number"),
    pytest.param("v: 1:30", "is the number 90", id="a number in base 60"),
    pytest.param("v: 1_0.5", "is the number 10.5", id="a number with an underscore"),
    pytest.param("v: .inf", "is the number inf", id="infinity"),
    pytest.param(
        "v: 2024-10-16", "is the date '2024-10-16', not the text of a version; quote it", id="a date"
    ),
    pytest.param("v: no", "$.v is false", id="Norway"),
    pytest.param("v: ~", "$.v is null", id="null"),
    pytest.param("v:", "$.v is null", id="nothing"),
    pytest.param("v: [a1]", "$.v is a list", id="a list"),
]


@pytest.mark.parametrize(("body", "sentence"), NO_VERSIONS)
def test_what_yaml_takes_for_another_type_is_refused(body: str, sentence: str) -> None:
    assert sentence in refusal("yaml", body, url=URL, path="$.v")


WRONG_DOCUMENTS = [
    pytest.param("", "finds nothing; the document is null", id="empty"),
    pytest.param("# nothing", "the document is null", id="a comment"),
    pytest.param(
        "v: [", "is not YAML (line 2: did not find expected node content); it begins with", id="cut off"
    ),
    pytest.param("\tv: 1", "is not YAML (line 1:", id="a tabulator"),
    pytest.param("v: a\0", "is not YAML (", id="NUL"),
    pytest.param("%YAML 9.9\n---\nv: a", "is not YAML (", id="a later version"),
    pytest.param("v: a\nv: b", "has the name 'v' twice in one mapping", id="a name twice"),
    pytest.param("v: a\n---\nv: b", "has several documents", id="two documents"),
    pytest.param("? [a]\n: b", "has a key that is no plain text", id="a list as a key"),
    pytest.param("*a : b", "has a key that is no plain text", id="an alias as a key"),
    pytest.param("v: *a", "refers to 'a', which it does not have", id="an unknown alias"),
    pytest.param("v: &v [*v]", "refers to 'v' from within it", id="an alias to itself"),
    pytest.param("<<: 3", "merges (`<<`) what is not a mapping", id="a merged number"),
    pytest.param("<<: [{a: b}, 3]", "merges (`<<`) what is not a mapping", id="a merged list with a number"),
    pytest.param("v: !python/object:os.system x", "has the tag '!python/object:os.system'", id="a local tag"),
    pytest.param("v: !!binary aGk=", "has the tag 'tag:yaml.org,2002:binary'", id="bytes"),
    pytest.param("v: !!set {a, b}", "has the tag 'tag:yaml.org,2002:set'", id="a set"),
    pytest.param("v: !!omap [a: b]", "has the tag 'tag:yaml.org,2002:omap'", id="an ordered mapping"),
    pytest.param("v: 2024-13-45", "has '2024-13-45' where a value of type timestamp", id="no such month"),
    pytest.param("v: !!int x", "has 'x' where a value of type int", id="no number"),
    pytest.param("v: !!int ''", "has '' where a value of type int", id="an empty number"),
    pytest.param("v: !!bool x", "has 'x' where a value of type bool", id="no truth"),
    pytest.param("v: !!timestamp x", "has 'x' where a value of type timestamp", id="no date"),
]


@pytest.mark.parametrize(("body", "sentence"), WRONG_DOCUMENTS)
def test_a_document_that_is_not_what_it_should_be_is_refused(body: str, sentence: str) -> None:
    assert sentence in refusal("yaml", body, url=URL, path="$.v")


def bomb(first: str, line: str) -> str:
    """Return nine lines, each of which refers nine times to the line before."""
    lines = [first]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(line.format(name=name, aliases=", ".join([f"*{before}"] * 9)))
    return "\n".join(lines)


HOSTILE = [
    pytest.param("[" * 200_000, "is nested over 100 deep", id="lists that crash libyaml's composer"),
    pytest.param("{a: " * 50_000, "is nested over 100 deep", id="mappings that crash it"),
    pytest.param("- " * 100_000, "is nested over 100 deep", id="blocks that crash it"),
    pytest.param("? " * 100_000, "has a key that is no plain text", id="keys of keys"),
    pytest.param(
        bomb("a: &a [x]", "{name}: &{name} [{aliases}]"), "comes to over 100,000 values", id="aliases"
    ),
    pytest.param(
        bomb("a: &a {k: 1}", "{name}: &{name} {{<<: [{aliases}]}}"),
        "comes to over 100,000 values",
        id="merges",
    ),
    pytest.param("v: " + "9" * 5000, "5,000 characters, where a value of type int", id="a huge number"),
    pytest.param("v: 0b" + "1" * 100_000, "where a value of type int", id="a huge binary number"),
    pytest.param("v: " + "1:" * 100_000 + "1", "where a value of type int", id="a huge number in base 60"),
    pytest.param("a: b\n" + "#" * 262_144, "no more than 262,144 are read as YAML", id="too long"),
]


@pytest.mark.parametrize(("body", "sentence"), HOSTILE)
def test_a_document_made_to_crash_or_stall_is_refused_in_time(body: str, sentence: str) -> None:
    assert sentence in work_of(20, lambda: refusal("yaml", body, url=URL, path="$.v"))


def test_the_largest_document_that_is_read_takes_little_time() -> None:
    body = "- {tag: v1.2.3, date: 2024-01-01T00:00:00Z, x: [1, 2, 3]}\n" * 4000
    assert work_of(100, lambda: tags("yaml", body, url=URL, path="$[*].tag")) == ["v1.2.3"]
