"""Bodies: caps before and after decompression, and gzip to its very end."""

from __future__ import annotations

import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetcher import NoAnswer
from monitor.fetcher.body import BodyError, Gunzip
from monitor.model import Request

GZIP = {"Content-Encoding": "gzip"}


async def body_of(fetcher, url: str, max_bytes: int = 1000) -> bytes:
    document = await fetcher.fetch(Request(url=url, max_bytes=max_bytes))
    return document.body


async def refusal_of(fetcher, url: str, max_bytes: int = 1000) -> str:
    with pytest.raises(NoAnswer) as caught:
        await body_of(fetcher, url, max_bytes)
    assert caught.value.failure.reason == "malformed"
    assert caught.value.attempts == 1
    return str(caught.value)


async def test_a_body_of_exactly_the_cap_is_taken_and_one_more_byte_is_not(site, fetcher):
    site.answer("/m", b"a" * 1000)
    assert await body_of(fetcher, site.url("/m")) == b"a" * 1000
    site.answer("/m", b"a" * 1001)
    assert "1,001 bytes long, over the 1,000 that are allowed" in await refusal_of(fetcher, site.url("/m"))


async def test_the_cap_holds_without_a_length(site, fetcher):
    from aiohttp import web

    async def chunks(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(11):
            await response.write(b"a" * 100)
        return response

    site.script("/m", chunks)
    assert "is over the 1,000 bytes that are allowed" in await refusal_of(fetcher, site.url("/m"))
    assert await body_of(fetcher, site.url("/m"), 1100) == b"a" * 1100


async def test_gzip_is_decompressed_and_what_was_received_is_counted_before(site, fetcher):
    packed = gzip.compress(b"a" * 900)
    site.answer("/m", packed, headers=GZIP)
    document = await fetcher.fetch(Request(url=site.url("/m"), max_bytes=1000))
    assert document.body == b"a" * 900
    assert document.received == len(packed)


async def test_the_cap_holds_after_decompression(site, fetcher):
    site.answer("/m", gzip.compress(b"a" * 1000), headers=GZIP)
    assert await body_of(fetcher, site.url("/m")) == b"a" * 1000
    site.answer("/m", gzip.compress(b"a" * 1001), headers=GZIP)
    assert "over the 1,000 bytes that are allowed once decompressed" in await refusal_of(
        fetcher, site.url("/m")
    )


async def test_the_cap_holds_before_decompression(site, fetcher):
    site.answer("/m", gzip.compress(os.urandom(2000)), headers=GZIP)
    assert "over the 1,000 that are allowed" in await refusal_of(fetcher, site.url("/m"))


@pytest.mark.parametrize("cut", [1, 8, 9, 20])
async def test_gzip_that_ends_too_early_is_no_document(site, fetcher, cut):
    site.answer("/m", gzip.compress(b'{"tag": "20241008"}' * 10)[:-cut], headers=GZIP)
    assert "is gzip that ends too early" in await refusal_of(fetcher, site.url("/m"))


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "gzip,identity", "zstd"])
async def test_an_encoding_that_was_not_asked_for_is_no_document(site, fetcher, encoding):
    site.answer("/m", gzip.compress(b"{}"), headers={"Content-Encoding": encoding})
    assert "content encoding that was not asked for" in await refusal_of(fetcher, site.url("/m"))


@pytest.mark.parametrize("encoding", ["", "identity", "Identity"])
async def test_no_encoding_in_any_spelling_is_none(site, fetcher, encoding):
    site.answer("/m", "{}", headers={"Content-Encoding": encoding})
    assert await body_of(fetcher, site.url("/m")) == b"{}"


@pytest.mark.parametrize("encoding", ["GZIP", "x-gzip", " gzip "])
async def test_gzip_in_any_spelling_is_gzip(site, fetcher, encoding):
    site.answer("/m", gzip.compress(b"{}"), headers={"Content-Encoding": encoding})
    assert await body_of(fetcher, site.url("/m")) == b"{}"


def fed(data: bytes, step: int, max_bytes: int = 10_000) -> bytes:
    gunzip = Gunzip(max_bytes)
    body = b"".join(gunzip.feed(data[start : start + step]) for start in range(0, len(data), step))
    gunzip.finish()
    return body


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.integers(1, 64), st.integers(0, 20))
def test_gzip_means_the_same_however_it_is_cut_up(members, step, zeros):
    packed = b"".join(gzip.compress(member) for member in members) + bytes(zeros)
    assert fed(packed, step) == b"".join(members)


@given(st.binary(max_size=300), st.integers(1, 64))
def test_nothing_but_gzip_passes_for_gzip(data, step):
    try:
        assert fed(data, step) == gzip.decompress(data)
    except BodyError:
        return


def test_gzip_without_end_is_given_up():
    with pytest.raises(BodyError, match="more than 100 members"):
        fed(gzip.compress(b"") * 101, 4096)
    assert fed(gzip.compress(b"a") * 100, 4096) == b"a" * 100
