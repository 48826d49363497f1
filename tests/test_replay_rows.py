"""The CSV of a history: what is taken, and what is said of what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.errors import ParseError
from monitor.model import Reading, Release, Side, SinceClock
from monitor.replay import Row, Rows, Word, moments_of, read_csv

HEAD = "time_utc,source,value\n"


def read(text: str | bytes) -> Rows:
    return read_csv(text.encode() if isinstance(text, str) else text, "history.csv")


def test_a_row_is_an_instant_what_changed_and_a_value() -> None:
    found = read(
        HEAD + "2024-02-25T03:18:47Z,release,20240224\n"
        "2024-02-25T04:00:00Z,metadata,20240107\n2024-02-25T05:00:00Z,withdrawn,20240224\n"
    )
    assert found == Rows(
        rows=(
            Row(at=datetime(2024, 2, 25, 3, 18, 47, tzinfo=UTC), word=Word.RELEASE, value="20240224"),
            Row(at=datetime(2024, 2, 25, 4, tzinfo=UTC), word=Word.METADATA, value="20240107"),
            Row(at=datetime(2024, 2, 25, 5, tzinfo=UTC), word=Word.WITHDRAWN, value="20240224"),
        )
    )
    assert found.rows[0].known_by is SinceClock.PUBLISHED


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + HEAD + "2024-01-01T00:00:00Z,pointer,1.0\n", id="a byte order mark, pointer"),
        pytest.param(HEAD.replace("\n", "\r\n") + "2024-01-01T00:00:00Z,metadata,1.0\r\n", id="CRLF"),
        pytest.param(HEAD.replace("\n", "\r") + "2024-01-01T00:00:00Z,metadata,1.0", id="CR, no last end"),
        pytest.param(HEAD + "\n2024-01-01T00:00:00Z,metadata,1.0\n\n ,\n", id="empty lines"),
        pytest.param(HEAD + " 2024-01-01T00:00:00Z , Metadata , 1.0 \n", id="spaces and capitals"),
        pytest.param(HEAD + "2024-01-01T01:00:00+01:00,metadata,1.0\n", id="an offset"),
        pytest.param(HEAD + "2024-01-01 00:00:00,metadata,1.0\n", id="no offset is UTC"),
        pytest.param(HEAD + "2024-01-01T00:00:00.000Z,metadata,1.0\n", id="parts of a second"),
        pytest.param(HEAD + "2024-01-01,metadata,1.0\n", id="a day"),
        pytest.param(HEAD + '2024-01-01T00:00:00Z,"metadata","1.0"\n', id="quotes"),
        pytest.param("value,note,time_utc,source\n1.0,x,2024-01-01T00:00:00Z,metadata\n", id="other columns"),
    ],
)
def test_what_is_meant_is_taken(text: str) -> None:
    row = Row(at=datetime(2024, 1, 1, tzinfo=UTC), word=Word.METADATA, value="1.0")
    assert read(text) == Rows(rows=(row,))


def test_parts_of_a_second_count() -> None:
    (row,) = read(HEAD + "2024-01-01T00:00:00.25Z,metadata,1.0\n").rows
    assert row.at == datetime(2024, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC)


def test_rows_out_of_order_are_sorted_and_it_is_said() -> None:
    found = read(
        HEAD + "2024-01-02T00:00:00Z,metadata,1.1\n2024-01-01T00:00:00Z,release,1.0\n"
        "2024-01-02T00:00:00Z,metadata,1.2\n"
    )
    assert [row.value for row in found.rows] == ["1.0", "1.1", "1.2"]
    assert found.notes == (
        "history.csv is not in order of time (1 of its rows are earlier than the one before); sorted",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "history.csv has no rows; want lines like 2024-02-25T03:18:47Z,release,20240224"),
        (HEAD, "history.csv has no rows; want lines like 2024-02-25T03:18:47Z,release,20240224"),
        (
            "2024-01-01T00:00:00Z,release,1.0\n",
            (
                "history.csv, line 1: the columns are '2024-01-01T00:00:00Z', 'release', '1.0'; want"
                " time_utc,source,value as the first line"
            ),
        ),
        (
            HEAD + "2024-01-01T00:00:00Z,release\n",
            "history.csv, line 2: it has 2 columns; want 3, the last of which may be empty",
        ),
        (
            HEAD + "2024-01-01T00:00:00Z,release,1.0\nyesterday,release,1.1\n",
            "history.csv, line 3: 'yesterday' is not an instant; write it like 2024-02-25T03:18:47Z",
        ),
        (
            HEAD + "0001-01-01T00:00:00+10:00,release,1.0\n",
            (
                "history.csv, line 2: '0001-01-01T00:00:00+10:00' is not an instant; write it like"
                " 2024-02-25T03:18:47Z"
            ),
        ),
        (
            HEAD + "\n2024-01-01T00:00:00Z,tag,1.0\n",
            (
                "history.csv, line 3: the source is 'tag'; want release, withdrawn, metadata (or pointer, for"
                " metadata)"
            ),
        ),
        (
            HEAD + '2024-01-01T00:00:00Z,release,"1.0\n',
            "history.csv, line 3: it is not CSV: unexpected end of data",
        ),
        (
            HEAD.encode() + b"2024-01-01T00:00:00Z,release,1\xff\n",
            "history.csv, line 2: it is not UTF-8 text",
        ),
    ],
    ids=lambda value: None,
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(text: str | bytes, sentence: str) -> None:
    with pytest.raises(ParseError) as refused:
        read(text)
    assert str(refused.value) == sentence


# --- from rows to looks --------------------------------------------------------------------------


def names(outcome: object) -> list[str]:
    assert isinstance(outcome, Reading)
    return [release.version for release in outcome.releases]


def test_both_sides_are_given_at_every_instant_from_their_first_row_on() -> None:
    lines = HEAD + "2024-01-01,release,v1.0\n2024-01-02,pointer,v1.0\n2024-01-03,release,v1.1\n"
    moments = list(moments_of(read(lines).rows, target="project"))
    assert [[(look.side, names(look.outcome)) for look in moment.looks] for moment in moments] == [
        [(Side.RELEASES, ["1.0"])],
        [(Side.RELEASES, ["1.0"]), (Side.METADATA, ["1.0"])],
        [(Side.RELEASES, ["1.0", "1.1"]), (Side.METADATA, ["1.0"])],
    ]


def test_rows_of_one_instant_are_one_moment() -> None:
    lines = HEAD + "2024-01-01,release,1.0\n2024-01-01,metadata,0.9\n2024-01-01,metadata,1.0\n"
    (moment,) = moments_of(read(lines).rows, target="project")
    assert [names(look.outcome) for look in moment.looks] == [["1.0"], ["1.0"]]


def test_a_side_that_failed_is_not_looked_at_until_its_next_row() -> None:
    lines = HEAD + "2024-01-01,release,1.0\n2024-01-02,metadata,1.0\n2024-01-03,metadata,\n"
    lines += "2024-01-04,release,1.1\n2024-01-05,metadata,1.1\n"
    moments = list(moments_of(read(lines).rows, target="project"))
    seen = [[(look.side, isinstance(look.outcome, Reading)) for look in each.looks] for each in moments[2:]]
    assert seen == [
        [(Side.RELEASES, True), (Side.METADATA, False)],
        [(Side.RELEASES, True)],
        [(Side.RELEASES, True), (Side.METADATA, True)],
    ]


def test_a_list_begins_with_the_first_tag_that_counts() -> None:
    lines = HEAD + "2024-01-01,release,nightly\n2024-01-02,release,tool-1.0\n2024-01-03,withdrawn,tool-1.0\n"
    moments = list(moments_of(read(lines).rows, target="project", tags="tool-(?P<version>.+)"))
    assert [names(moment.looks[0].outcome) for moment in moments] == [["1.0"], ["1.0"]]
    assert [moment.looks[0].outcome.releases[0].withdrawn for moment in moments] == [False, True]


@pytest.mark.parametrize(
    ("tags", "pattern", "version"),
    [
        (None, None, "tool-1.0"),
        ("tool-(?P<version>.+)", None, "1.0"),
        ("other-(?P<version>.+)", None, "tool-1.0"),
        ("tool-(?P<version>.+)", r"(?P<version>tool)-.+", "tool"),
    ],
)
def test_the_metadata_may_name_whole_tags(tags: str | None, pattern: str | None, version: str) -> None:
    (moment,) = moments_of(
        read(HEAD + "2024-01-01,metadata,tool-1.0\n").rows, target="project", tags=tags, pattern=pattern
    )
    assert names(moment.looks[0].outcome) == [version]


def test_what_metadata_said_in_full_goes_before_its_value() -> None:
    said = Reading(releases=(Release(tag="v1.0"), Release(tag="v2.0")))
    row = Row(at=datetime(2024, 1, 1, tzinfo=UTC), word=Word.METADATA, value="", said=said)
    (moment,) = moments_of([row], target="project")
    assert names(moment.looks[0].outcome) == ["1.0", "2.0"]
