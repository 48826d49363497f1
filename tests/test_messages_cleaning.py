"""Text from outside does nothing in any chat, mail or terminal."""
# ruff: noqa: RUF001 (signs that only look like others are what this is about)

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.messages import Letter, clean, instant, legible, safe_link, span, write
from monitor.model import AlertState, CheckName, Evidence, TellReason
from tests.telling import after, behind, firing


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("20241016", "20241016", id="a date"),
        pytest.param("v1.2.3-rc.1+build_7~x/y", "v1.2.3-rc.1+build_7~x/y", id="all a version may have"),
        pytest.param("cli@2.27.0", "cli@2.27.0", id="an @ inside"),
        pytest.param("größer 版本", "größer 版本", id="other scripts"),
        pytest.param("<script>alert(1)</script>", "‹script›alert(1)‹/script›", id="markup"),
        pytest.param("<!here> <!channel> <@U123>", "‹!here› ‹!channel› ‹＠U123›", id="Slack"),
        pytest.param("@everyone and @here", "＠everyone and ＠here", id="Discord"),
        pytest.param("x_@room", "x_＠room", id="a mention after an underscore"),
        pytest.param("[free](http://evil.example)", "[free] (http:∕∕evil.example)", id="a Markdown link"),
        pytest.param("`code` *bold* ||spoiler||", "ˋcodeˋ ∗bold∗ ¦¦spoiler¦¦", id="Markdown"),
        pytest.param("a\r\nb\tc\u2028d\u2029e", "a b c d e", id="line ends"),
        pytest.param("  a   b  ", "a b", id="spaces"),
        pytest.param("\x00\x1b[31m\x7f\x9b", "��[31m��", id="control characters"),
        pytest.param("2024\u202e6101\u2066", "2024�6101�", id="bidi overrides"),
        pytest.param("a\u200bb\ufeff\U000e0041", "a�b��", id="invisible marks"),
        pytest.param("\ud800\ue000\u0378", "���", id="surrogate, private, unassigned"),
        pytest.param("", "", id="nothing"),
        pytest.param("x" * 80, "x" * 80, id="as long as may be"),
        pytest.param("x" * 81, "x" * 79 + "…", id="too long"),
        pytest.param(" " * 400 + "x", "…", id="long, and empty at first"),
    ],
)
def test_text_is_shown_and_does_nothing(text, shown):
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("url", "link"),
    [
        pytest.param("https://example.org/a?b=c#d", "https://example.org/a?b=c#d", id="https"),
        pytest.param("HTTP://example.org:8080", "HTTP://example.org:8080", id="http with a port"),
        pytest.param("https://example.org/@everyone", "https://example.org/%40everyone", id="a mention"),
        pytest.param(None, None, id="none"),
        pytest.param("", None, id="empty"),
        pytest.param("javascript:alert(1)", None, id="javascript"),
        pytest.param("data:text/html,x", None, id="data"),
        pytest.param("ftp://example.org/", None, id="ftp"),
        pytest.param("//example.org/", None, id="no scheme"),
        pytest.param("https://user:secret@example.org/", None, id="with a password"),
        pytest.param("https://:80/", None, id="no host"),
        pytest.param("https://example.org/ <b>", None, id="a space"),
        pytest.param("https://example.org/\n", None, id="a line end"),
        pytest.param("https://example.org/a](b", None, id="Markdown"),
        pytest.param('https://example.org/"onload=', None, id="a quote"),
        pytest.param("https://example.org/größe", None, id="not ASCII"),
        pytest.param("https://e.org/" + "a" * 186, "https://e.org/" + "a" * 186, id="as long as may be"),
        pytest.param("https://e.org/" + "a" * 187, None, id="too long"),
    ],
)
def test_only_http_links_that_are_safe_to_print_are_printed(url, link):
    assert safe_link(url) == link


@given(st.text(), st.integers(2, 400))
def test_no_text_keeps_anything_that_a_receiver_acts_on(text, most):
    shown = clean(text, most)
    assert len(shown) <= most
    assert not re.search(r"[<>`*|]|\]\(|://|(?<![^\W_])@\w", shown)
    # Each is a character that shows, or the sign that stands for one that does not.
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    shown.encode()


@given(st.text())
def test_cleaning_twice_changes_no_more(text):
    assert clean(clean(text)) == clean(text)


HOSTILE = "<!channel> @everyone [x](http://evil.example) \u202e\x00" * 9_000
LINK = "https://example.org/" + "a" * 180


@pytest.mark.parametrize("check", list(CheckName))
@pytest.mark.parametrize("reason", list(TellReason))
def test_a_message_stays_short_and_harmless_whatever_it_is_about(check, reason):
    finding = replace(
        behind(),
        named=HOSTILE,
        newest=HOSTILE,
        missing=(HOSTILE,) * 40,
        sentence=HOSTILE,
        reason="regressed",
        metadata_link=LINK,
        release_link=LINK,
    )
    alert = firing(
        check=check,
        target=HOSTILE,
        state=AlertState.DROPPED,
        finding=finding,
        named=HOSTILE,
        newest=HOSTILE,
        held=HOSTILE,
        sentence=HOSTILE,
        evidence=Evidence(at=after(), confirmed=False, metadata_read_at=after(), releases_read_at=after()),
    )
    letter = Letter(
        alert=alert,
        reason=reason,
        now=after(days=400),
        metadata_name=HOSTILE,
        published_by=HOSTILE,
        public_url="https://drift.example.org/" + "p" * 160,
        drifting=(HOSTILE,) * 9,
        news=(HOSTILE,) * 9,
        replaces_first=True,
    )
    title, body = write(letter)
    assert "\n" not in title
    assert len(title) <= 200
    assert len(title) + len(body) < 2000
    for line in (title, *body.split("\n")):
        assert not re.search(r"[<>*`|\x00\u202e]|\]\(|(?<![^\W_])@\w", line)
        assert "evil.example" not in re.sub(r":∕∕evil\.example", "", line)


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        pytest.param(timedelta(seconds=-5), "0 s", id="below zero"),
        pytest.param(timedelta(seconds=59, milliseconds=900), "59 s", id="seconds"),
        pytest.param(timedelta(minutes=59, seconds=59), "59 min", id="minutes"),
        pytest.param(timedelta(hours=2, minutes=1), "2 h 01 min", id="hours"),
        pytest.param(timedelta(hours=47, minutes=59), "47 h 59 min", id="just under two days"),
        pytest.param(timedelta(days=53, hours=4, minutes=9), "53 d 4 h", id="days"),
    ],
)
def test_a_span_is_read_at_a_glance(length, shown):
    assert span(length) == shown


def test_an_instant_of_today_has_no_date():
    assert instant(after(), after(hours=1)) == "17:40 UTC"
    assert instant(after(), after(days=1)) == "2024-10-16 17:40 UTC"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(
            "<script> @here [x](http://y)", "<script> @here [x](http://y)", id="signs stay as they are"
        ),
        pytest.param("a\r\nb", "a b", id="one line all the same"),
        pytest.param("2024\u202e6101", "2024\ufffd6101", id="nothing invisible"),
        pytest.param("x" * 5000, "x" * 79 + "…", id="cut"),
    ],
)
def test_what_a_page_escapes_keeps_its_signs(text: str, shown: str) -> None:
    assert legible(text) == shown
