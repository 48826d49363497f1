"""What holds of every scheme, whatever the texts: a total order that agrees with equality."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor import versions
from tests.effort import work_of

SCHEMES = [*versions.names(), "calver:YYYY.0M.MICRO-MODIFIER", "calver:YY.MM"]
DIGITS = "0123456789\u0663\uff13\u09ea\u00b2"
# Texts that look like versions often enough for the order to be put to the test.
PARTS = st.sampled_from(
    [
        "0",
        "1",
        "2",
        "10",
        "007",
        "2024",
        "24",
        "01",
        "99",
        "a",
        "rc",
        "rc1",
        "dev",
        "post1",
        "alpha",
        "beta.2",
    ]
)
JOINTS = st.sampled_from([".", "-", "+", "_", "!", ""])
LIKELY = st.lists(st.tuples(PARTS, JOINTS), min_size=1, max_size=5).map(
    lambda pairs: "".join(part + joint for part, joint in pairs[:-1]) + pairs[-1][0]
)
DATES = st.dates(min_value=date(2000, 1, 1), max_value=date(2030, 1, 1)).map(lambda day: f"{day:%Y%m%d}")
ANY = st.one_of(LIKELY, DATES, st.text(max_size=40), st.text(alphabet=DIGITS + ".", max_size=20))


@pytest.mark.parametrize("name", SCHEMES)
@settings(deadline=None, max_examples=60)
@given(texts=st.lists(ANY, min_size=3, max_size=3))
def test_the_order_is_total_and_agrees_with_equality(name: str, texts: list[str]) -> None:
    scheme = versions.scheme_named(name)
    keys = [key for text in texts if (key := scheme.key(text)) is not None]
    for one in keys:
        for other in keys:
            assert (one < other) + (one == other) + (other < one) == 1
            assert (one <= other) == (one < other or one == other)
            assert (one >= other) == (not one < other)
            assert (one > other) == (other < one)
            if one == other:
                assert hash(one) == hash(other)
            for third in keys:
                if one < other and other < third:
                    assert one < third


@pytest.mark.parametrize("name", SCHEMES)
@settings(deadline=None, max_examples=60)
@given(text=st.one_of(ANY, st.text(alphabet=string.printable, max_size=400), st.characters()))
@example(text="9" * 256)
@example(text="9" * 5000)
@example(text="1." * 128)
@example(text="1.0.0-" + "0." * 125 + "0")
@example(text="\ud800")
@example(text="\0")
@example(text="\u00b2")
def test_no_text_makes_a_scheme_raise(name: str, text: str) -> None:
    scheme = versions.scheme_named(name)
    key = scheme.key(text)
    assert key is None or key == scheme.key(text)
    assert scheme.dated(text) is None or isinstance(scheme.dated(text), date)
    assert scheme.prerelease(text) in {None, True, False}
    if key is None:
        assert scheme.dated(text) is None
        assert scheme.prerelease(text) is None


RUNS = [
    "1",
    "1.",
    "a",
    "1a",
    "a1.",
    "-",
    "0-",
    "1.0-rc.1+",
    "aA0",
    "9_",
    "post",
    "rc-",
    "+a.",
    "v",
    " ",
    "1!",
]


@pytest.mark.parametrize("name", SCHEMES)
def test_no_text_makes_a_scheme_slow(name: str) -> None:
    """Every long run that a regular expression could stumble over, at the limit and far over it."""
    scheme = versions.scheme_named(name)
    hostile = [
        (run * size)[:size] + end for run in RUNS for size in (255, 100_000) for end in ("!", "1", "\n", "a")
    ]

    def read() -> None:
        for text in hostile:
            scheme.key(text)
            scheme.dated(text)
            scheme.prerelease(text)

    work_of(10, read)
