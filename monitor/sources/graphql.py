"""GitHub's releases by GraphQL (docs.github.com/graphql/reference/releases): tiny, and only with a token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from monitor.errors import ParseError
from monitor.model import Dialogue, Document, Failure, Reason, Release, Request
from monitor.sources import addresses
from monitor.sources.decoding import phrase
from monitor.sources.instants import instant_of
from monitor.sources.kind import Refusal
from monitor.sources.listing import listed
from monitor.versions import excerpt

if TYPE_CHECKING:
    from monitor.sources._answer import Answer, Node, Releases

# Four pages are four of the 5,000 points of an hour; a project with more releases is seen through a window.
_MOST_PAGES = 4
_PAGE = 50
_MOST_BYTES = 1024 * 1024
_LONGEST_CURSOR = 1000
_QUERY = (
    "query($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name) {"
    f" releases(first: {_PAGE}, after: $after, orderBy: {{field: CREATED_AT, direction: DESC}}) {{"
    " nodes { tagName publishedAt isPrerelease isDraft } pageInfo { hasNextPage endCursor } } } }"
)
_REASONS = {
    "RATE_LIMIT": Reason.LIMITED,
    "RATE_LIMITED": Reason.LIMITED,
    "FORBIDDEN": Reason.REFUSED,
    "INSUFFICIENT_SCOPES": Reason.REFUSED,
}


def read(*, url: str, repo: str, token: str, pages_url: str) -> Dialogue:
    """Ask page by page; complete if the pages end, else a window of the newest.

    Raises:
        ParseError: an answer is not what this query is answered with; a `Refusal` where GitHub says why.
    """
    where = addresses.shown(url)
    nodes: list[Node] = []
    after: str | None = None
    for _ in range(_MOST_PAGES):
        document = yield _request(url, repo, token, after)
        page = _page(document, where, repo)
        nodes.extend(node for node in page.nodes if node is not None)
        after = _next(page, after, where)
        if after is None:
            break
    newest = None if after is None else len(nodes)
    return listed(_releases(nodes, where, pages_url), newest=newest, link=pages_url)


def _request(url: str, repo: str, token: str, after: str | None) -> Request:
    owner, _, name = repo.partition("/")
    variables = {"owner": owner, "name": name, "after": after}
    return Request(
        url=url,
        accept="application/json",
        headers={"Content-Type": "application/json"},
        body=json.dumps({"query": _QUERY, "variables": variables}).encode(),
        credential=token,
        max_bytes=_MOST_BYTES,
    )


@cache
def _decoder() -> Any:
    import msgspec

    from monitor.sources._answer import Answer

    return msgspec.json.Decoder(Answer)


def _page(document: Document, where: str, repo: str) -> Releases:
    import msgspec

    try:
        answer: Answer = _decoder().decode(document.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ParseError(f"{where} did not answer as GitHub's GraphQL does: {phrase(str(error))}") from error
    repository = answer.data.repository if answer.data is not None else None
    is_hidden = repository is None and any(error.type == "NOT_FOUND" for error in answer.errors or ())
    if answer.errors and not is_hidden:
        raise _refusal(answer, where, repo)
    if repository is None:
        raise _refused(Reason.REFUSED, f"{where} shows no repository {repo} to this token")
    return repository.releases


def _next(page: Releases, before: str | None, where: str) -> str | None:
    """Return where the next page begins; None at the end."""
    if not page.page_info.has_next_page:
        return None
    after = page.page_info.end_cursor
    if not after or after == before or len(after) > _LONGEST_CURSOR:
        raise ParseError(f"{where} says that there are more releases, but not where they begin")
    return after


def _refusal(answer: Answer, where: str, repo: str) -> ParseError:
    first = answer.errors[0] if answer.errors else None
    message = excerpt(first.message) if first is not None else "nothing"
    sentence = f"{where} refused to list the releases of {repo}: {message}"
    reason = None if first is None else _REASONS.get(first.type or _type_of(first.message))
    return ParseError(sentence) if reason is None else _refused(reason, sentence)


def _type_of(message: str) -> str:
    """Return what an error without a type is: GitHub gives none where it is asked too fast."""
    return "RATE_LIMIT" if "rate limit" in message.lower() else ""


def _refused(reason: Reason, sentence: str) -> Refusal:
    return Refusal(Failure(reason=reason, sentence=sentence))


def _releases(nodes: list[Node], where: str, pages_url: str) -> Iterator[Release]:
    for node in nodes:
        if not node.tag_name:
            # A draft has no tag until it is published.
            continue
        yield Release(
            tag=node.tag_name,
            published_at=instant_of(node.published_at, f"{where}: `publishedAt` of {excerpt(node.tag_name)}"),
            link=f"{pages_url}/tag/{quote(node.tag_name, safe='/', errors='replace')}",
            prerelease=node.is_prerelease,
            draft=node.is_draft,
        )
