"""The kind `git`: protocol 2 over plain requests, older servers, and what is no repository."""

from __future__ import annotations

import pytest

from monitor.model import Document, Request
from tests.dialogues import held, refusal, said, tags
from tests.effort import work_of

URL = "https://git.example.org/widget.git"
ONE, TWO = b"1" * 40, b"2" * 40
LONG = b"3" * 64


def packets(*lines: bytes) -> bytes:
    return b"".join(b"%04x" % (len(line) + 4) + line for line in lines)


SERVICE = packets(b"# service=git-upload-pack\n") + b"0000"
# As git 2.39 answers, with its agent's name shortened.
CAPABILITIES = (
    SERVICE
    + packets(
        b"version 2\n",
        b"agent=git/2.39.5\n",
        b"ls-refs=unborn\n",
        b"fetch=shallow wait-for-done\n",
        b"server-option\n",
        b"object-format=sha1\n",
        b"object-info\n",
    )
    + b"0000"
)


def refs(*names: str | bytes) -> bytes:
    lines = [ONE + b" " + (name if isinstance(name, bytes) else name.encode()) + b"\n" for name in names]
    return packets(*lines) + b"0000"


def test_tags_are_asked_for_and_nothing_else() -> None:
    reading, requests = held(
        "git", CAPABILITIES, refs("refs/tags/v1", f"refs/tags/v2 peeled:{'2' * 40}"), url=URL
    )
    assert [release.tag for release in reading.releases] == ["v1", "v2"]
    assert reading.is_complete
    assert reading.link == "https://git.example.org/widget"
    assert requests == [
        Request(
            url=f"{URL}/info/refs?service=git-upload-pack",
            headers={"Git-Protocol": "version=2"},
            max_bytes=16 * 1024 * 1024,
        ),
        Request(
            url=f"{URL}/git-upload-pack",
            accept="application/x-git-upload-pack-result",
            headers={"Git-Protocol": "version=2", "Content-Type": "application/x-git-upload-pack-request"},
            body=b"0014command=ls-refs\n0017object-format=sha1\n"
            b"00010009peel\n001aref-prefix refs/tags/\n0000",
            max_bytes=16 * 1024 * 1024,
        ),
    ]


def test_tags_have_no_dates_and_no_marks() -> None:
    (release,) = said("git", CAPABILITIES, refs("refs/tags/v1"), url=URL).releases
    assert release.published_at is None
    assert release.prerelease is None


def test_a_server_may_leave_out_the_name_of_the_service() -> None:
    assert tags("git", CAPABILITIES.removeprefix(SERVICE), refs("refs/tags/v1"), url=URL) == ["v1"]


def test_a_repository_that_names_its_objects_by_sha256_is_asked_so() -> None:
    capabilities = CAPABILITIES.replace(b"0017object-format=sha1", b"0019object-format=sha256")
    reading, requests = held("git", capabilities, packets(LONG + b" refs/tags/v1\n") + b"0000", url=URL)
    assert b"object-format=sha256\n" in (requests[1].body or b"")
    assert [release.tag for release in reading.releases] == ["v1"]


def test_a_server_that_does_not_name_its_objects_uses_sha1() -> None:
    old = SERVICE + packets(b"version 2\n", b"ls-refs\n", b"fetch=shallow\n") + b"0000"
    _, requests = held("git", old, refs(), url=URL)
    assert b"object-format=sha1\n" in (requests[1].body or b"")


def test_a_repository_that_has_moved_is_asked_at_its_new_address() -> None:
    moved = Document(
        url="https://git.example.org/gadget.git/info/refs?service=git-upload-pack", body=CAPABILITIES
    )
    _, requests = held("git", moved, refs(), url=URL + "/")
    assert requests[1].url == "https://git.example.org/gadget.git/git-upload-pack"
    elsewhere = Document(url="https://cdn.example.org/cached", body=CAPABILITIES)
    _, requests = held("git", elsewhere, refs(), url=URL + "/")
    assert requests[1].url == f"{URL}/git-upload-pack"


OLD = SERVICE + packets(
    ONE + b" HEAD\0multi_ack symref=HEAD:refs/heads/main agent=git/2.39.5\n",
    ONE + b" refs/heads/main\n",
    TWO + b" refs/tags/v1\n",
    TWO + b" refs/tags/v2/\xc3\xa9\n",
    ONE + b" refs/tags/v2/\xc3\xa9^{}\n",
)  # fmt: skip

OLDER = [
    pytest.param(OLD + b"0000", ["v1", "v2/\u00e9"], id="version 0"),
    pytest.param(OLD + packets(b"shallow " + ONE) + b"0000", ["v1", "v2/\u00e9"], id="of a shallow clone"),
    pytest.param(
        SERVICE + packets(b"version 1\n", ONE + b" refs/tags/v1\0caps\n") + b"0000",
        ["v1"],
        id="version 1",
    ),
    pytest.param(SERVICE + packets(b"0" * 40 + b" capabilities^{}\0caps\n") + b"0000", [], id="without refs"),
    pytest.param(SERVICE + b"0000", [], id="without anything"),
    pytest.param(b"0000", [], id="a flush alone"),
]


@pytest.mark.parametrize(("answer", "expected"), OLDER)
def test_an_older_server_sends_all_refs_at_once(answer: bytes, expected: list[str]) -> None:
    assert tags("git", answer, url=URL) == expected


def test_a_repository_without_tags_is_read() -> None:
    assert said("git", CAPABILITIES, b"0000", url=URL).releases == ()


def test_only_tags_count_whatever_else_comes() -> None:
    answer = packets(
        b"unborn HEAD symref-target:refs/heads/main\n", ONE + b" refs/heads/x\n", TWO + b" refs/tags/v1\n"
    )
    assert tags("git", CAPABILITIES, answer + b"0000", url=URL) == ["v1"]


def test_names_that_cannot_be_shown_are_counted() -> None:
    reading = said("git", CAPABILITIES, refs("refs/tags/v1", b"refs/tags/\xff", "refs/tags/\u202e"), url=URL)
    assert [release.tag for release in reading.releases] == ["v1"]
    assert reading.left_out == ("2 left out, unprintable or over 256 characters: '\\udcff', '\\u202e'",)


NO_REPOSITORY = [
    pytest.param(b"", "is no git repository over smart HTTP; it is empty", id="empty"),
    pytest.param(b"<!DOCTYPE html>", "it begins with '<!DOCTYPE html>'", id="a page"),
    pytest.param(ONE + b"\trefs/heads/main\n", "knows git's dumb protocol only", id="a dumb server"),
    pytest.param(b"zzzz", "is no git repository over smart HTTP", id="no length"),
    pytest.param(SERVICE + packets(b"version 2\n"), "cut off after 48 bytes", id="no end"),
    pytest.param(
        SERVICE + b"00",
        "sent '00' at byte 34 where a packet's length should be",
        id="half a length",
    ),
    pytest.param(SERVICE + b"0003", "sent '0003' at byte 34", id="a length that cannot be"),
    pytest.param(SERVICE + b"+123", "sent '+123' at byte 34", id="a sign"),
    pytest.param(SERVICE + b"ffffabc", "cut off after 41 bytes", id="less than was said"),
    pytest.param(
        SERVICE + packets(b"ERR no such\nrepository") + b"0000",
        "refused: 'no such\\nrepository'",
        id="ERR",
    ),
    pytest.param(
        SERVICE + packets(b"nonsense") + b"0000",
        "sent 'nonsense' where a ref should be",
        id="no ref",
    ),
    pytest.param(
        SERVICE + packets(b"version 2\n", b"fetch\n") + b"0000",
        "without `ls-refs`",
        id="no ls-refs",
    ),
    pytest.param(
        SERVICE + packets(b"version 2\n", b"ls-refs\n", b"object-format=md5\n") + b"0000",
        "names its objects by 'md5'",
        id="another hash",
    ),
]


@pytest.mark.parametrize(("answer", "sentence"), NO_REPOSITORY)
def test_what_is_no_repository_is_refused(answer: bytes, sentence: str) -> None:
    assert sentence in refusal("git", answer, url=URL)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        pytest.param(b"", "cut off after 0 bytes", id="empty"),
        pytest.param(refs("refs/tags/v1")[:-4], "cut off after", id="no end"),
        pytest.param(packets(ONE + b" ") + b"0000", "where a ref should be", id="no name"),
        pytest.param(packets(b"ERR over quota") + b"0000", "refused: 'over quota'", id="ERR"),
    ],
)
def test_an_answer_to_ls_refs_that_is_none_is_refused(answer: bytes, sentence: str) -> None:
    assert sentence in refusal("git", CAPABILITIES, answer, url=URL)


def test_a_hundred_thousand_tags_take_little_time() -> None:
    answer = refs(*(f"refs/tags/v1.{number}.0" for number in range(100_000)))
    assert len(work_of(50, lambda: tags("git", CAPABILITIES, answer, url=URL))) == 100_000
