"""What messages call the two sides, by the kinds of their sources."""

from __future__ import annotations

import pytest

from monitor.dispatch.names import metadata_link, metadata_name, published_by
from monitor.model import Source, Target
from monitor.sources import kind_named


def source(kind: str, **spec: str) -> Source:
    return Source(kind=kind, spec=kind_named(kind).spec(**spec))


LATEST = source("json", url="https://user.example/latest-release.json?token=secret", path="$.tag")
LISTED = source("json", url="https://pypi.example/simple.json", path="$[*].version")
GITHUB = source("github", repo="astral-sh/python-build-standalone")
UNKNOWN = Source(kind="json", spec=None)


@pytest.mark.parametrize(
    ("metadata", "releases", "name", "link", "publisher"),
    [
        pytest.param(
            LATEST,
            GITHUB,
            "latest-release.json",
            "https://user.example/latest-release.json",
            "GitHub",
            id="a file and GitHub; what may be secret in an address is left out",
        ),
        pytest.param(
            LATEST,
            LISTED,
            "latest-release.json",
            "https://user.example/latest-release.json",
            "pypi.example",
            id="two files",
        ),
        pytest.param(UNKNOWN, UNKNOWN, "the metadata", None, None, id="only the kinds are known"),
    ],
)
def test_a_side_is_called_what_people_know_it_by(metadata, releases, name, link, publisher):
    target = Target(name="python-build-standalone", metadata=metadata, releases=releases)
    assert metadata_name(target) == name
    assert metadata_link(target) == link
    assert published_by(target) == publisher


def test_a_target_that_is_not_watched_any_more_has_plain_names():
    assert (metadata_name(None), metadata_link(None), published_by(None)) == ("the metadata", None, None)
