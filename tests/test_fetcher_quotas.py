"""How many questions a host still answers, as its answers say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import TagdriftError
from monitor.fetcher import Quota
from monitor.fetcher.quotas import Quotas
from monitor.model import Credential, Request
from tests.conftest import START

HOUR = timedelta(hours=1)
RESET = str(int((START + HOUR).timestamp()))
GITHUB = {
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": "4321",
    "X-RateLimit-Reset": RESET,
    "X-RateLimit-Resource": "core",
}


def noted(headers: dict[str, str]) -> tuple[Quota, ...]:
    quotas = Quotas()
    quotas.note("host", None, headers, START)
    return quotas.known(START)


def test_the_newest_answer_of_a_host_counts_until_its_reset() -> None:
    quotas = Quotas()
    quotas.note("host", "github", GITHUB, START)
    quotas.note("host", "github", GITHUB | {"X-RateLimit-Remaining": "4320"}, START)
    (quota,) = quotas.known(START)
    assert (quota.remaining, quota.whole, quota.resets_at) == (4320, 5000, START + HOUR)
    assert [one.remaining for one in quotas.known(START + HOUR)] == [5000]


def test_each_credential_and_resource_has_its_own() -> None:
    quotas = Quotas()
    for credential, resource in ((None, "core"), ("github", "core"), ("github", "graphql")):
        quotas.note("host", credential, GITHUB | {"X-RateLimit-Resource": resource}, START)
    named = [(quota.credential, quota.resource) for quota in quotas.known(START)]
    assert named == [("", "core"), ("github", "core"), ("github", "graphql")]


def test_the_draft_of_the_ietf_is_understood_too() -> None:
    draft = {"RateLimit-Limit": "60", "RateLimit-Remaining": "7", "RateLimit-Reset": "30"}
    (quota,) = noted(draft)
    assert (quota.remaining, quota.whole, quota.resets_at) == (7, 60, START + timedelta(seconds=30))


@pytest.mark.parametrize("remaining", ["", "-1", "many", "1e3", "9" * 50, "\u0661"])
def test_what_is_no_number_is_no_quota(remaining: str) -> None:
    assert noted({"X-RateLimit-Remaining": remaining}) == ()


def test_a_name_that_no_label_should_have_is_left_out() -> None:
    for name in ('core"} 1', "x" * 100, "a b"):
        (quota,) = noted(GITHUB | {"X-RateLimit-Resource": name})
        assert quota.resource == ""


def test_hosts_without_end_do_not_fill_the_memory() -> None:
    quotas = Quotas()
    for number in range(2000):
        quotas.note(f"host-{number}", None, GITHUB, START)
    assert len(quotas.known(START)) == 1000


async def test_a_fetch_notes_what_is_left_also_where_it_is_refused(site, open_fetcher):
    token = Credential(name="gh", value="secret")
    fetcher = open_fetcher(credentials={"gh": token})
    site.answer("/m", "document", headers=GITHUB)
    await fetcher.fetch(Request(url=site.url("/m"), credential="gh"))
    site.answer("/m", status=404, headers=GITHUB | {"X-RateLimit-Remaining": "12"})
    with pytest.raises(TagdriftError):
        await fetcher.fetch(Request(url=site.url("/m")))
    left = [(quota.credential, quota.remaining) for quota in fetcher.quotas()]
    assert left == [("", 12), ("gh", 4321)]
