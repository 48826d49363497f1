"""A target for every kind of source, whose answers on one side can be spoilt."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.servers.documents import CAPABILITIES, LISTS, METADATA

GOOD_METADATA = 'metadata = {{ kind = "json", url = "{base}/{name}/named.json", path = "$.v" }}'
GOOD_RELEASES = (
    'releases = {{ kind = "json", url = "{base}/{name}/list.json", path = "$[*].v", date_path = "$[*].d" }}'
)
ROWS = 'path = "{root}[*].v", date_path = "{root}[*].d", prerelease_path = "{root}[*].p"'
SOURCES = {
    "json": 'kind = "json", url = "{url}", path = "$.v"',
    "toml": 'kind = "toml", url = "{url}", path = "$.v"',
    "yaml": 'kind = "yaml", url = "{url}", path = "$.v"',
    "text": 'kind = "text", url = "{url}"',
    "regex": 'kind = "text", url = "{url}", select = "regex", regex = "latest = v(?P<version>[0-9.]+)"',
    "a list in json": 'kind = "json", url = "{url}", ' + ROWS.replace("{root}", "$"),
    "a list in toml": 'kind = "toml", url = "{url}", ' + ROWS.replace("{root}", "$.r"),
    "a list in yaml": 'kind = "yaml", url = "{url}", ' + ROWS.replace("{root}", "$"),
    "a list in text": 'kind = "text", url = "{url}"',
    "a list in atom": 'kind = "github", repo = "a/b", web_url = "{base}"',
    "a list in graphql": 'kind = "github", repo = "a/b", api_url = "{base}", token = "github"',
    "a list in capabilities": 'kind = "git", url = "{base}/x.git"',
    "a list in git": 'kind = "git", url = "{base}/x.git"',
}
PATHS = {
    "a list in atom": "/a/b/releases.atom",
    "a list in graphql": "/graphql",
    "a list in capabilities": "/x.git/info/refs",
    "a list in git": "/x.git/git-upload-pack",
}


@dataclass(frozen=True, slots=True)
class Target:
    """One side's answers are good for ever, the other's are in `path`."""

    title: str

    @property
    def name(self) -> str:
        return self.title.replace(" ", "-")

    @property
    def is_metadata(self) -> bool:
        return self.title in METADATA

    @property
    def path(self) -> str:
        return f"/{self.name}{PATHS.get(self.title, '/document')}"

    def good(self, is_late: bool) -> bytes:
        """Return the document as it should be."""
        if self.is_metadata:
            return METADATA[self.title]("1.0" if is_late else "1.1").encode()
        return LISTS[self.title.removeprefix("a list in ")]

    def beside(self, is_late: bool) -> dict[str, bytes]:
        """Return what the other paths of this target answer."""
        if self.is_metadata:
            return {f"/{self.name}/list.json": LISTS["json"]}
        others = {f"/{self.name}/named.json": json.dumps({"v": "1.0" if is_late else "1.1"}).encode()}
        if self.title == "a list in git":
            others[f"/{self.name}/x.git/info/refs"] = CAPABILITIES
        if self.title == "a list in capabilities":
            others[f"/{self.name}/x.git/git-upload-pack"] = LISTS["git"]
        return others

    def table(self, base: str) -> str:
        source = (
            SOURCES[self.title]
            .replace("{base}", f"{base}/{self.name}")
            .replace("{url}", f"{base}{self.path}")
        )
        spoilt = f"{'metadata' if self.is_metadata else 'releases'} = {{ {source} }}"
        good = (GOOD_RELEASES if self.is_metadata else GOOD_METADATA).format(base=base, name=self.name)
        return f'[targets.{self.name}]\ninterval = "5m"\n{spoilt}\n{good}\n'


TARGETS = {target.name: target for target in map(Target, SOURCES)}
