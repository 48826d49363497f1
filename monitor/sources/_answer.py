"""The shape of GitHub's GraphQL answer; what is not asked for is skipped without being built."""

from __future__ import annotations

import msgspec


class Node(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """One release; a draft has no publication yet."""

    tag_name: str
    published_at: str | None
    is_prerelease: bool
    is_draft: bool


class PageInfo(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """Whether and where the list goes on."""

    has_next_page: bool
    end_cursor: str | None


class Releases(msgspec.Struct, rename="camel", frozen=True):
    """One page; GraphQL puts null in the place of a node that could not be read."""

    nodes: list[Node | None]
    page_info: PageInfo


class Repository(msgspec.Struct, frozen=True):
    """What was asked of the repository."""

    releases: Releases


class Data(msgspec.Struct, frozen=True):
    """The answer proper; null where the repository is not there or the token may not see it."""

    repository: Repository | None = None


class Fault(msgspec.Struct, frozen=True):
    """One error; GitHub adds its `type`."""

    message: str = "no reason given"
    type: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """All of it; errors come with status 200."""

    data: Data | None = None
    errors: list[Fault] | None = None
