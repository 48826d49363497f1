"""What is secret in an address, and that a sentence has none of it."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from monitor.receivers import Refused, check_address, deliver, mask, masked, secrets_of
from tests.servers.site import Site

CANARY = "canary5ecret"


@pytest.mark.parametrize(
    ("url", "secret", "shown"),
    [
        pytest.param(
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
            {"T1JJ3T3L2", "A1BRTD4JD", "TIiajkdnlazkcOXrIdevi7FQ"},
            "slack://****/****",
            id="tokens in host and path",
        ),
        pytest.param(
            "mailtos://user:p%40ss%2Fword@mail.example.com:587?from=a@example.com&to=b@example.com",
            {"p%40ss%2Fword", "p@ss/word", "user"},
            "mailtos://mail.example.com:587/****",
            id="a quoted password",
        ),
        pytest.param(
            "matrix://syt_tok3n@hs.example.org/#ops:hs.example.org?hsreq=no",
            {"syt_tok3n"},
            "matrix://hs.example.org/****",
            id="a token as user, an alias with a bare number sign",
        ),
        pytest.param(
            "json://localhost:8080/hook?+X-Token=s3cret&-key=othersecret&:field=third5ecret&method=POST",
            {"s3cret", "othersecret", "third5ecret", "hook"},
            "json://localhost:8080/****",
            id="headers, parameters and fields",
        ),
        pytest.param(
            "tgram://123456789:abcdefg/-100200/", {"123456789", "abcdefg"}, "tgram://****/****", id="bot"
        ),
        pytest.param("json://[::1]:80/x1x2x3", {"x1x2x3"}, "json://[::1]:80/****", id="IPv6"),
        pytest.param("n0nsense", {"n0nsense"}, "****", id="no address"),
        pytest.param("json://[broken/abcd", {"json://[broken/abcd"}, "****", id="a broken one"),
    ],
)
def test_what_is_secret_is_known_and_not_shown(url: str, secret: set[str], shown: str) -> None:
    found = secrets_of(url)
    assert secret <= {*found}
    assert url in found
    assert not {"a@example.com", "b@example.com", "#general", "POST", "true"} & {*found}
    assert masked(url) == shown
    assert mask(f"<{url}>", found) == "<****>"


def test_the_longest_secret_goes_first() -> None:
    assert mask("abcdefgh", secrets_of("json://abcd:abcdefgh@localhost")) == "****"


@pytest.mark.parametrize("place", ["a refusal that repeats it", "a name that is not found"])
async def test_no_sentence_and_no_log_has_the_secret(
    site: Site, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.answer(f"/{CANARY}", f"no {CANARY} at /{CANARY}/ \x1b[31m", status=404)
    urls = {
        "a refusal that repeats it": f"json://u:{CANARY}@127.0.0.1:{site.port}/{CANARY}",
        "a name that is not found": f"json://{CANARY}.invalid/{CANARY}",
    }
    outcome = await deliver(urls[place], "t", "b", deadline_for=timedelta(seconds=20))
    assert isinstance(outcome, Refused)
    assert CANARY not in repr(outcome)
    assert "\x1b" not in outcome.sentence
    assert CANARY not in caplog.text


def test_no_sentence_of_a_check_has_the_secret() -> None:
    assert CANARY not in str(check_address(f"nonsense://{CANARY}"))
