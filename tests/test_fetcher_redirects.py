"""Redirects: how far they lead, and what is carried along."""

from __future__ import annotations

import socket

import pytest

from monitor.fetcher import NoAnswer, Proxies
from monitor.fetcher.guard import Passage, Reach, reach_of, reach_of_host
from monitor.model import Credential, Request
from tests.servers.names import Names
from tests.servers.site import Answer


def moved(to: str, status: int = 302) -> dict[str, object]:
    return {"status": status, "headers": {"Location": to}}


async def refusal_of(fetcher, request: Request) -> str:
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(request)
    assert caught.value.failure.reason == "refused"
    return str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(site, fetcher, status):
    site.answer("/a", **moved("/b/c?d=e#f", status))
    site.answer("/b/c", "document")
    document = await fetcher.fetch(Request(url=site.url("/a")))
    assert document.body == b"document"
    assert document.url == site.url("/b/c")
    assert site.asked("/b/c")[0].query == "d=e"


async def test_five_redirects_are_followed_and_a_sixth_is_not(site, fetcher):
    for n in range(6):
        site.answer(f"/{n}", **moved(f"/{n + 1}"))
    site.answer("/6", "document")
    assert (await fetcher.fetch(Request(url=site.url("/1")))).body == b"document"
    assert "redirects more than 5 times" in await refusal_of(fetcher, Request(url=site.url("/0")))
    assert len(site.asked("/6")) == 1


async def test_https_never_leads_to_http(tls_site, site, open_fetcher, trusting):
    site.answer("/b", "document")
    tls_site.answer("/a", **moved(site.url("/b")))
    sentence = await refusal_of(open_fetcher(tls=trusting), Request(url=tls_site.url("/a")))
    assert "from https to http" in sentence
    assert not site.requests


async def test_http_may_lead_to_https(tls_site, site, open_fetcher, trusting):
    tls_site.answer("/b", "document")
    site.answer("/a", **moved(tls_site.url("/b")))
    assert (await open_fetcher(tls=trusting).fetch(Request(url=site.url("/a")))).body == b"document"


LOOPBACK = [
    "127.0.0.1",
    "localhost",
    "[::ffff:127.0.0.1]",
    "0x7f.1",
    "127.1",
    "2130706433",
    "127.9.9.9",
    "inner.test",
]


@pytest.mark.parametrize("host", LOOPBACK)
async def test_a_public_site_cannot_lead_to_this_machine(site, open_site, open_fetcher, host):
    # public.test is asked through a proxy, so that a public host can exist on a machine without a network
    proxy = await open_site()
    proxies = Proxies({"http": proxy.url(), "no": "inner.test,0x7f.1,127.1,2130706433"})
    fetcher = open_fetcher(proxies=proxies, resolver=Names(dict.fromkeys(LOOPBACK, "127.0.0.1")))
    site.answer("/secret", "secret")
    proxy.answer("/a", **moved(f"http://{host}:{site.port}/secret"))
    sentence = await refusal_of(fetcher, Request(url="http://public.test/a"))
    assert "was not asked" in sentence or "not an address" in sentence
    assert len(proxy.requests) == 1
    assert not site.requests


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[fd00::1]", "0x0a.1", "localhost."]
)
async def test_nor_through_the_proxy_where_its_literal_shows_what_it_is(open_site, open_fetcher, host):
    proxy = await open_site()
    fetcher = open_fetcher(
        proxies=Proxies({"http": proxy.url()}), resolver=Names({"localhost.": "127.0.0.1"})
    )
    proxy.answer("/a", **moved(f"http://{host}/b"))
    await refusal_of(fetcher, Request(url="http://public.test/a"))
    assert [asked.path for asked in proxy.requests] == ["/a"]


async def test_a_configured_address_on_this_machine_may_lead_to_another_there(site, open_site, fetcher):
    other = await open_site()
    other.answer("/b", "document")
    site.answer("/a", **moved(other.url("/b")))
    assert (await fetcher.fetch(Request(url=site.url("/a")))).body == b"document"


async def test_no_configured_name_stands_for_a_cloud_s_metadata_service(open_fetcher):
    fetcher = open_fetcher(
        resolver=Names({"intranet.test": "169.254.169.254"}), allowed_hosts=["intranet.test"]
    )
    assert "was not asked" in await refusal_of(fetcher, Request(url="http://intranet.test/latest/meta-data/"))


async def test_another_attempt_begins_where_the_first_began(site, open_site, open_fetcher):
    proxy = await open_site()
    site.answer("/a", **moved("http://public.test/b"))
    proxy.answer("/b", **moved("http://other.test/c"))
    proxy.script("/c", Answer(status=503), Answer(body=b"document"))
    fetcher = open_fetcher(proxies=Proxies({"http": proxy.url()}))
    document = await fetcher.fetch(Request(url=site.url("/a")))
    assert (document.body, document.attempts) == (b"document", 2)


async def test_an_address_that_a_server_handed_out_is_not_a_configured_one(site, open_fetcher):
    site.answer("/m", "document")
    fetcher = open_fetcher(allowed_hosts=["example.test"])
    assert "was not asked" in await refusal_of(fetcher, Request(url=site.url("/m")))
    assert not site.requests


@pytest.mark.parametrize("allowed", ["127.0.0.1", "127.0.0.1:{port}"])
async def test_a_configured_host_is_asked_wherever_it_is(site, open_fetcher, allowed):
    site.answer("/m", "document")
    fetcher = open_fetcher(allowed_hosts=[])
    fetcher.use({}, [allowed.format(port=site.port)])
    assert (await fetcher.fetch(Request(url=site.url("/m")))).body == b"document"


async def test_a_kept_connection_is_judged_like_a_new_one(site, open_fetcher):
    site.answer("/m", "document")
    fetcher = open_fetcher(allowed_hosts=["127.0.0.1"])
    for _ in range(4):
        await fetcher.fetch(Request(url=site.url("/m")))
    fetcher.use({}, ["example.test"])
    assert "was not asked" in await refusal_of(fetcher, Request(url=site.url("/m")))
    assert len(site.requests) == 4


SECRETS = {
    "Authorization": "Bearer canary",
    "PRIVATE-TOKEN": "canary",
    "X-Api-Key": "canary",
    "Cookie": "canary",
}


async def test_no_credential_crosses_to_another_origin(site, open_site, open_fetcher):
    other = await open_site()
    site.answer("/a", **moved(other.url("/b")))
    other.answer("/b", "document")
    fetcher = open_fetcher(credentials={"gh": Credential(name="gh", value="canary")})
    headers = {
        "PRIVATE-TOKEN": "canary",
        "X-Api-Key": "canary",
        "Cookie": "canary",
        "Git-Protocol": "version=2",
    }
    await fetcher.fetch(Request(url=site.url("/a"), credential="gh", headers=headers))
    assert {name: site.asked("/a")[0].headers[name] for name in SECRETS} == SECRETS
    crossed = other.asked("/b")[0].headers
    assert not [name for name in SECRETS if name in crossed]
    assert "canary" not in str(crossed)
    assert crossed["Git-Protocol"] == "version=2"


async def test_nor_back_again_to_the_first(site, open_site, open_fetcher):
    other = await open_site()
    site.answer("/a", **moved(other.url("/b")))
    other.answer("/b", **moved(site.url("/c")))
    site.answer("/c", "document")
    fetcher = open_fetcher(credentials={"gh": Credential(name="gh", value="canary")})
    await fetcher.fetch(Request(url=site.url("/a"), credential="gh"))
    assert "Authorization" not in site.asked("/c")[0].headers


async def test_within_the_origin_the_credential_is_carried(site, open_fetcher):
    site.answer("/a", **moved("/b"))
    site.answer("/b", "document")
    fetcher = open_fetcher(credentials={"gh": Credential(name="gh", value="canary")})
    await fetcher.fetch(Request(url=site.url("/a"), credential="gh"))
    assert site.asked("/b")[0].headers["Authorization"] == "Bearer canary"


async def test_userinfo_of_a_redirect_is_not_used(site, open_site, fetcher):
    other = await open_site()
    site.answer("/a", **moved(other.url("/b", userinfo="u:p@")))
    other.answer("/b", "document")
    await fetcher.fetch(Request(url=site.url("/a")))
    assert "Authorization" not in other.asked("/b")[0].headers


async def test_a_post_is_not_turned_into_a_get(site, fetcher):
    site.answer("/a", **moved("/b", 302))
    assert "would lose its body" in await refusal_of(fetcher, Request(url=site.url("/a"), body=b"query"))
    site.answer("/a", **moved("/b", 307))
    site.answer("/b", "document")
    await fetcher.fetch(Request(url=site.url("/a"), body=b"query"))
    assert site.asked("/b")[0].body == b"query"


async def test_a_name_that_only_a_redirect_leads_to_is_not_our_fault(site, open_fetcher):
    gone = Names({"gone.test": socket.gaierror(socket.EAI_NONAME, "x")})
    site.answer("/a", **moved("http://gone.test/b"))
    with pytest.raises(NoAnswer) as caught:
        await open_fetcher(resolver=gone).fetch(Request(url=site.url("/a")))
    assert (caught.value.failure.answered, caught.value.failure.is_local) == (True, False)


async def test_who_redirected_to_a_failure_is_said(site, open_site, fetcher):
    gone = await open_site()
    await gone.close()
    site.answer("/a", **moved(gone.url("/b")))
    with pytest.raises(NoAnswer) as caught:
        await fetcher.fetch(Request(url=site.url("/a")))
    assert str(caught.value) == (
        f"{gone.url('/b')} could not be reached (connection refused); {site.url('/a')} redirected there"
    )
    assert (caught.value.failure.answered, caught.value.failure.is_local) == (True, False)


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("1.1.1.1", Reach.PUBLIC),
        ("2606:4700::1111", Reach.PUBLIC),
        ("10.0.0.1", Reach.PRIVATE),
        ("172.16.0.1", Reach.PRIVATE),
        ("192.168.1.1", Reach.PRIVATE),
        ("100.64.0.1", Reach.PRIVATE),
        ("fd00::1", Reach.PRIVATE),
        ("127.0.0.1", Reach.LOOPBACK),
        ("127.255.0.1", Reach.LOOPBACK),
        ("::1", Reach.LOOPBACK),
        ("::ffff:127.0.0.1", Reach.LOOPBACK),
        ("::127.0.0.1", Reach.LOOPBACK),
        ("64:ff9b::7f00:1", Reach.LOOPBACK),
        ("2002:7f00:1::", Reach.LOOPBACK),
        ("64:ff9b::1.1.1.1", Reach.PUBLIC),
        ("169.254.169.254", Reach.LINK_LOCAL),
        ("fe80::1", Reach.LINK_LOCAL),
        ("fe80::1%eth0", Reach.LINK_LOCAL),
        ("0.0.0.0", Reach.NOWHERE),
        ("::", Reach.NOWHERE),
        ("224.0.0.1", Reach.NOWHERE),
        ("ff02::1", Reach.NOWHERE),
    ],
)
def test_how_near_an_address_is(address, reach):
    assert reach_of(address) is reach


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("example.com", Reach.PUBLIC),
        ("localhost", Reach.LOOPBACK),
        ("LOCALHOST.", Reach.LOOPBACK),
        ("a.localhost", Reach.LOOPBACK),
        ("127.0.0.1", Reach.LOOPBACK),
        ("127.0.0.1.", Reach.LOOPBACK),
        ("0x7f.1", Reach.LOOPBACK),
        ("017700000001", Reach.LOOPBACK),
        ("2130706433", Reach.LOOPBACK),
        ("2852039166", Reach.LINK_LOCAL),
        ("notlocalhost", Reach.PUBLIC),
        ("\xfcber.test", Reach.PUBLIC),
        ("", Reach.PUBLIC),
    ],
)
def test_how_near_a_host_is_as_far_as_its_text_tells(host, reach):
    assert reach_of_host(host) is reach


def test_a_passage_admits_what_is_no_nearer_than_its_limit():
    passage = Passage(Reach.PRIVATE)
    assert passage.admit("10.0.0.1") is Reach.PRIVATE
    assert passage.admit("1.1.1.1") is Reach.PUBLIC
    with pytest.raises(PermissionError):
        passage.admit("127.0.0.1")
    assert passage.blocked == "127.0.0.1"
