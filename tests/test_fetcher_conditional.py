"""Conditional requests: what is cached, for whom, and how long it holds."""

from __future__ import annotations

import pytest

from monitor.fetcher import Freshness, MemoryCache, NoAnswer
from monitor.model import Credential, Request
from tests.servers.site import Answer

DATE = "Wed, 16 Oct 2024 12:00:00 GMT"


def token(value: str) -> dict[str, Credential]:
    return {"gh": Credential(name="gh", value=value)}


async def test_a_304_is_answered_from_the_cache_and_says_so(site, fetcher):
    site.answer("/m.json", {"tag": "20241008"}, etag='"1"', last_modified=DATE)
    request = Request(url=site.url("/m.json"), accept="application/json")
    first = await fetcher.fetch(request)
    second = await fetcher.fetch(request)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.body == first.body == b'{"tag": "20241008"}'
    assert (second.status, second.etag, second.content_type) == (200, '"1"', "application/json")
    assert (first.received, second.received) == (19, 0)
    asked = site.asked("/m.json")[1].headers
    assert asked["If-None-Match"] == '"1"'
    assert asked["If-Modified-Since"] == DATE
    assert asked["Accept"] == "application/json"


async def test_the_cache_survives_a_restart(site, open_fetcher):
    site.answer("/m.json", {"tag": "1"}, etag='"1"')
    cache = MemoryCache()
    await open_fetcher(cache=cache).fetch(Request(url=site.url("/m.json")))
    document = await open_fetcher(cache=cache).fetch(Request(url=site.url("/m.json")))
    assert document.unchanged
    assert document.body == b'{"tag": "1"}'


async def test_a_changed_document_replaces_the_cached_one(site, fetcher):
    request = Request(url=site.url("/m.json"))
    site.answer("/m.json", "old", etag='"1"')
    await fetcher.fetch(request)
    site.answer("/m.json", "new", etag='"2"')
    changed = await fetcher.fetch(request)
    assert (changed.body, changed.unchanged) == (b"new", False)
    again = await fetcher.fetch(request)
    assert (again.body, again.unchanged) == (b"new", True)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"accept": "text/plain"}, id="accept"),
        pytest.param({"credential": "gh"}, id="credential"),
        pytest.param({"headers": {"Git-Protocol": "version=2"}}, id="header"),
    ],
)
async def test_what_was_cached_for_one_way_of_asking_is_not_used_for_another(site, open_fetcher, other):
    fetcher = open_fetcher(credentials=token("one"))
    site.answer("/m.json", "document", etag='"1"')
    await fetcher.fetch(Request(url=site.url("/m.json")))
    document = await fetcher.fetch(Request(url=site.url("/m.json"), **other))
    assert not document.unchanged
    assert "If-None-Match" not in site.asked("/m.json")[1].headers


async def test_another_address_has_another_cache_entry(site, fetcher):
    site.answer("/m.json", "document", etag='"1"')
    await fetcher.fetch(Request(url=site.url("/m.json?a")))
    assert not (await fetcher.fetch(Request(url=site.url("/m.json?b")))).unchanged


async def test_a_changed_token_forgets_what_came_with_the_old_one(site, open_fetcher):
    cache = MemoryCache()
    fetcher = open_fetcher(cache=cache, credentials=token("one"))
    site.answer("/m.json", "document", etag='"1"')
    request = Request(url=site.url("/m.json"), credential="gh")
    await fetcher.fetch(request)
    fetcher.use(token("two"))
    assert not (await fetcher.fetch(request)).unchanged
    assert [a.headers["Authorization"] for a in site.asked("/m.json")] == ["Bearer one", "Bearer two"]
    fetcher.use(token("one"))
    assert not (await fetcher.fetch(request)).unchanged


async def test_an_unchanged_token_keeps_what_came_with_it(site, open_fetcher):
    fetcher = open_fetcher(credentials=token("one"))
    site.answer("/m.json", "document", etag='"1"')
    request = Request(url=site.url("/m.json"), credential="gh")
    await fetcher.fetch(request)
    fetcher.use(token("one"))
    assert (await fetcher.fetch(request)).unchanged


async def test_a_restart_with_another_token_asks_in_full(site, open_fetcher):
    cache = MemoryCache()
    site.answer("/m.json", "document", etag='"1"')
    request = Request(url=site.url("/m.json"), credential="gh")
    await open_fetcher(cache=cache, credentials=token("one")).fetch(request)
    assert not (await open_fetcher(cache=cache, credentials=token("two")).fetch(request)).unchanged


async def test_an_unconditional_look_sends_no_validators_and_asks_caches_to_step_aside(site, fetcher):
    site.answer("/m.json", "document", etag='"1"', last_modified=DATE)
    request = Request(url=site.url("/m.json"))
    await fetcher.fetch(request)
    document = await fetcher.fetch(request, Freshness.UNCONDITIONAL)
    asked = site.asked("/m.json")[1].headers
    assert not document.unchanged
    assert asked["Cache-Control"] == "no-cache"
    assert "If-None-Match" not in asked
    assert "If-Modified-Since" not in asked
    assert (await fetcher.fetch(request)).unchanged


async def test_what_an_unconditional_look_brought_is_cached(site, fetcher):
    request = Request(url=site.url("/m.json"))
    site.answer("/m.json", "old", etag='"1"')
    await fetcher.fetch(request)
    site.answer("/m.json", "new", etag='"2"')
    await fetcher.fetch(request, Freshness.UNCONDITIONAL)
    document = await fetcher.fetch(request)
    assert (document.body, document.unchanged) == (b"new", True)


async def test_a_document_that_loses_its_validators_is_asked_for_in_full(site, fetcher):
    request = Request(url=site.url("/m.json"))
    site.answer("/m.json", "old", etag='"1"')
    await fetcher.fetch(request)
    site.answer("/m.json", "new")
    await fetcher.fetch(request)
    await fetcher.fetch(request)
    assert "If-None-Match" not in site.asked("/m.json")[2].headers


class CountingCache(MemoryCache):
    """A cache that counts what is written."""

    writes = 0

    def put(self, key, document):
        self.writes += 1
        super().put(key, document)


async def test_a_server_that_ignores_validators_costs_one_write_not_one_a_look(site, open_fetcher):
    cache = CountingCache()
    fetcher = open_fetcher(cache=cache)
    whole = Answer(body=b"document", headers={"ETag": '"1"'})
    site.script("/m.json", lambda request: _always(whole))
    for _ in range(3):
        assert not (await fetcher.fetch(Request(url=site.url("/m.json")))).unchanged
    assert cache.writes == 1


async def _always(answer):
    from aiohttp import web

    return web.Response(body=answer.body, headers=answer.headers)


async def test_an_etag_that_cannot_be_sent_back_is_not_kept(site, fetcher):
    site.answer("/m.json", "document", etag='"\xe9"')
    document = await fetcher.fetch(Request(url=site.url("/m.json")))
    assert document.etag is None


async def test_validators_go_to_the_address_that_gave_them_and_not_to_the_one_that_redirects(
    site, open_site, fetcher
):
    other = await open_site()
    other.answer("/file", "document", etag='"1"')
    site.answer("/latest", status=302, headers={"Location": other.url("/file")})
    first = await fetcher.fetch(Request(url=site.url("/latest")))
    assert first.url == other.url("/file")
    second = await fetcher.fetch(Request(url=site.url("/latest")))
    assert second.unchanged
    assert "If-None-Match" not in site.asked("/latest")[1].headers
    assert other.asked("/file")[1].headers["If-None-Match"] == '"1"'


async def test_a_query_that_differs_at_each_look_costs_no_write_and_is_not_remembered(
    site, open_site, open_fetcher
):
    cache = CountingCache()
    fetcher = open_fetcher(cache=cache)
    other = await open_site()
    other.script("/file", lambda request: _always(Answer(body=b"document", headers={"ETag": '"1"'})))
    moves = [
        Answer(status=302, headers={"Location": other.url(f"/file?signature={n}")}) for n in ("one", "two")
    ]
    site.script("/latest", *moves)
    for _ in moves:
        document = await fetcher.fetch(Request(url=site.url("/latest")))
        assert document.url == other.url("/file")
    assert cache.writes == 1


async def test_a_post_is_neither_conditional_nor_cached(site, open_fetcher):
    cache = CountingCache()
    fetcher = open_fetcher(cache=cache)
    site.answer("/graphql", {"data": {}}, etag='"1"')
    request = Request(url=site.url("/graphql"), body=b"{}", headers={"Content-Type": "application/json"})
    for _ in range(2):
        assert not (await fetcher.fetch(request)).unchanged
    assert cache.writes == 0
    asked = site.asked("/graphql")[1]
    assert (asked.method, asked.body) == ("POST", b"{}")
    assert "If-None-Match" not in asked.headers


async def test_an_unasked_304_is_malformed(site, fetcher):
    site.answer("/m.json", "document", etag='"1"')
    await fetcher.fetch(Request(url=site.url("/m.json")))
    site.answer("/m.json", status=304, headers={"ETag": '"1"'})
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(Request(url=site.url("/m.json")), Freshness.UNCONDITIONAL)
    assert caught.value.failure.reason == "malformed"
    assert "304 Not Modified" in str(caught.value)


async def test_the_age_that_a_shared_cache_added_is_recorded_on_a_200_and_a_304(site, fetcher):
    request = Request(url=site.url("/m.json"))
    site.answer("/m.json", "document", etag='"1"', headers={"Age": "212"})
    ages = [(await fetcher.fetch(request)).cache_age_for for _ in range(2)]
    assert [age.total_seconds() for age in ages] == [212, 212]


@pytest.mark.parametrize("age", ["-1", "soon", "1.5", "٣", ""])
async def test_an_age_that_is_no_number_is_none(site, fetcher, age):
    site.answer("/m.json", "document", headers={"Age": age})
    assert (await fetcher.fetch(Request(url=site.url("/m.json")))).cache_age_for is None


async def test_an_endless_age_is_ten_years(site, fetcher):
    site.answer("/m.json", "document", headers={"Age": "9" * 400})
    document = await fetcher.fetch(Request(url=site.url("/m.json")))
    assert document.cache_age_for.days == 3650


async def test_links_are_absolute_without_userinfo_and_by_relation(site, fetcher):
    header = (
        '</page?n=2>; title="a, b"; rel="next prev", <https://u:p@other.test/x>; rel=last, <ftp://h/>; rel=a'
    )
    site.answer("/list", "[]", headers={"Link": header + ", <x>, <http://[>; rel=b"})
    document = await fetcher.fetch(Request(url=site.url("/list")))
    assert document.links == {
        "next": site.url("/page?n=2"),
        "prev": site.url("/page?n=2"),
        "last": "https://other.test/x",
    }
