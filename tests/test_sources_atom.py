"""The kind `github` without a token: the feed of the ten newest releases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.model import Release, Request
from tests.dialogues import held, refusal, said, tags
from tests.effort import work_of

REPO = "astral-sh/python-build-standalone"
PAGES = f"https://github.com/{REPO}/releases"


def entry(
    tag: str, *, updated: str = "2024-10-16T15:40:12Z", identity: str | None = None, link: str = ""
) -> str:
    identity = f"tag:github.com,2008:Repository/162334160/{tag}" if identity is None else identity
    return f"""<entry>
    <id>{identity}</id><updated>{updated}</updated>
    <link rel="self" href="https://example.org/releases/tag/wrong"/>{link}
    <title>Release of {tag}</title>
    <content type="html">&lt;p&gt;Notes&lt;/p&gt;</content>
    <author><name>somebody</name><id>not this</id></author>
    <media:thumbnail height="30" width="30" url="https://example.org/x"/>
    </entry>"""


def feed(*entries: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en-US">
  <id>tag:github.com,2008:{PAGES}</id>
  <link type="text/html" rel="alternate" href="{PAGES}"/>
  <title>Release notes</title><updated>2026-01-01T00:00:00Z</updated>
  {"".join(entries)}
</feed>"""


def test_the_feed_is_asked_for_without_a_credential() -> None:
    reading, requests = held("github", feed(entry("20241016")), repo=REPO)
    assert requests == [
        Request(url=f"{PAGES}.atom", accept="application/atom+xml", max_bytes=4 * 1024 * 1024),
    ]
    assert reading.releases == (
        Release(
            tag="20241016",
            published_at=datetime(2024, 10, 16, 15, 40, 12, tzinfo=UTC),
            link=f"{PAGES}/tag/20241016",
        ),
    )
    assert reading.link == PAGES


TAGS = [
    pytest.param(entry("v1.2"), "v1.2", id="from the id"),
    pytest.param(entry("lib/v1&amp;2"), "lib/v1&2", id="with a slash and an escape"),
    pytest.param(
        entry("", link='<link rel="alternate" href="https://github.com/a/b/releases/tag/v1%2F2"/>'),
        "v1/2",
        id="from the link, which is escaped",
    ),
    pytest.param(
        entry("", identity="urn:x", link='<link href="https://github.com/a/b/releases/tag/%C3%A9"/>'),
        "\u00e9",
        id="from a link without a relation",
    ),
    pytest.param(
        entry("", identity="tag:github.example.org,2008:Repository/7/1.0"), "1.0", id="of GitHub Enterprise"
    ),
]


@pytest.mark.parametrize(("one", "tag"), TAGS)
def test_a_tag_is_taken(one: str, tag: str) -> None:
    assert tags("github", feed(one), repo=REPO) == [tag]


@pytest.mark.parametrize(
    ("count", "newest"),
    [
        pytest.param(0, None, id="none"),
        pytest.param(9, None, id="nine are all there are"),
        pytest.param(10, 10, id="ten may be the newest of more"),
        pytest.param(12, 12, id="should the feed grow"),
    ],
)
def test_how_whole_a_feed_is(count: int, newest: int | None) -> None:
    reading = said("github", feed(*(entry(f"1.{number}") for number in range(count))), repo=REPO)
    assert reading.newest == newest
    assert len(reading.releases) == count


def test_the_feed_cannot_tell_prereleases() -> None:
    assert said("github", feed(entry("1.0rc1")), repo=REPO).releases[0].prerelease is None


BILLION = '<!DOCTYPE l [<!ENTITY a "x">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 9}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

WRONG = [
    pytest.param("", "is not an Atom feed (no element found", id="empty"),
    pytest.param('{"message": "Not Found"}', 'it begins with \'{"message"', id="JSON"),
    pytest.param("<!DOCTYPE html><html></html>", "has a document type, which no feed has", id="a page"),
    pytest.param(BILLION + "]><l>&i;</l>", "has a document type", id="a billion laughs"),
    pytest.param('<!DOCTYPE l SYSTEM "file:///etc/passwd"><l/>', "has a document type", id="a file of ours"),
    pytest.param("<rss/>", "it is XML of another kind", id="another feed"),
    pytest.param("<feed/>", "it is XML of another kind", id="no namespace"),
    pytest.param(feed("<entry>"), "is not an Atom feed (mismatched tag", id="cut off"),
    pytest.param(feed(entry("&unknown;")), "is not an Atom feed (undefined entity", id="an entity"),
    pytest.param(
        '<?xml version="1.0" encoding="nonsense"?><feed/>',
        "is not an Atom feed (",
        id="an encoding",
    ),
    pytest.param(b"\xff\xfe<", "is not an Atom feed (", id="bytes"),
    pytest.param(feed("<entry/>"), "entry 1 has no tag, neither in its id nor in its link", id="no tag"),
    pytest.param(feed(entry("1", updated="now")), "`updated` of entry 1 is the text 'now'", id="no date"),
    pytest.param(feed("<entry/>" * 1001), "has over 1000 entries", id="too many"),
]


@pytest.mark.parametrize(("answer", "sentence"), WRONG)
def test_a_document_that_is_no_such_feed_is_refused(answer: str | bytes, sentence: str) -> None:
    assert sentence in refusal("github", answer, repo=REPO)


def test_a_release_without_a_date_is_one_all_the_same() -> None:
    body = feed("<entry><id>tag:github.com,2008:Repository/1/1.0</id></entry>")
    assert said("github", body, repo=REPO).releases[0].published_at is None


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param("<a>" * 200_000 + "</a>" * 200_000, id="deep"),
        pytest.param("<content>" + "x" * 3_000_000 + "</content>", id="long"),
        pytest.param("<title>" + "&amp;" * 300_000 + "</title>", id="many pieces of text"),
        pytest.param("<updated>" + "&#32;" * 300_000 + "</updated>", id="many pieces of a date"),
    ],
)
def test_a_feed_cannot_take_long(inside: str) -> None:
    body = feed(f"<entry><id>tag:github.com,2008:Repository/1/1.0</id>{inside}</entry>")
    if "updated" in inside:
        assert work_of(20, lambda: refusal("github", body, repo=REPO))
    else:
        assert work_of(20, lambda: tags("github", body, repo=REPO)) == ["1.0"]
