"""The releases of a GitHub repository: by GraphQL with a token, by the Atom feed without."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.model import Dialogue
from monitor.sources import addresses, atom, graphql
from monitor.sources.kind import Kind
from monitor.versions import excerpt

_REPO = re.compile(r"[A-Za-z0-9][\w-]{0,99}/(?!\.{1,2}$)[\w.-]{1,100}", re.ASCII)
_ENTERPRISE = "/api/v3"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """The keys of the kind."""

    repo: str = field(metadata={"help": "The repository, as owner/name."})
    token: str | None = field(
        default=None,
        metadata={
            "help": "Name of a credential: a token that needs no permission. With it the newest 200 releases"
            " are read, and 5,000 questions an hour are allowed; without it the feed gives the newest 10, and"
            " cannot tell pre-releases."
        },
    )
    api_url: str = field(
        default="https://api.github.com",
        metadata={"help": "The API of GitHub Enterprise: https://github.example.org/api/v3."},
    )
    web_url: str = field(
        default="https://github.com",
        metadata={"help": "The pages of GitHub Enterprise: https://github.example.org."},
    )


def _read(spec: GitHub) -> Dialogue:
    pages_url = f"{spec.web_url.rstrip('/')}/{spec.repo}/releases"
    if spec.token is None:
        return atom.read(url=_urls(spec)[0], pages_url=pages_url)
    return graphql.read(url=_urls(spec)[0], repo=spec.repo, token=spec.token, pages_url=pages_url)


def _urls(spec: GitHub) -> tuple[str, ...]:
    if spec.token is None:
        return (f"{spec.web_url.rstrip('/')}/{spec.repo}/releases.atom",)
    api_url = spec.api_url.rstrip("/")
    # GitHub Enterprise has REST under /api/v3, and GraphQL beside it.
    if api_url.endswith(_ENTERPRISE):
        api_url = api_url.removesuffix("/v3")
    return (f"{api_url}/graphql",)


def _problems(spec: GitHub) -> tuple[str, ...]:
    found = []
    if _REPO.fullmatch(spec.repo) is None:
        found.append(f"repo: found {excerpt(spec.repo)}; want owner/name, like astral-sh/uv")
    for key, url in (("api_url", spec.api_url), ("web_url", spec.web_url)):
        what = addresses.problem_with(url) or ("has a query (?…)" if "?" in url else None)
        if what is not None:
            found.append(f"{key}: {what}")
    return tuple(found)


def _label(spec: GitHub) -> str:
    host = urlsplit(spec.web_url).hostname
    return f"{spec.repo} on {'GitHub' if host == 'github.com' else host}"


KIND = Kind(
    name="github",
    summary=(
        "The releases of a repository of GitHub or GitHub Enterprise. As metadata it names all of them,"
        " of which the highest counts."
    ),
    spec=GitHub,
    read=_read,
    example='releases = { kind = "github", repo = "astral-sh/python-build-standalone" }',
    problems=_problems,
    urls=_urls,
    credentials=lambda spec: () if spec.token is None else (spec.token,),
    has_dates=lambda _: True,
    tells_prereleases=lambda spec: spec.token is not None,
    label=_label,
)
