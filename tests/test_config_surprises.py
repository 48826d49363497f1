"""What is allowed and will surprise is said, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configured import DATED, GITHUB, META, RECEIVER, TARGET, loaded

RAW = META.replace("meta.example", "raw.githubusercontent.com")
TOKEN = '[credentials]\nt = { env = "T" }\n'
CLEAR = META.replace("https", "http").replace(" }", ', token = "t" }')
AT_HOME = META.replace("https://meta.example", "http://localhost")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(TARGET, "receivers: there is none, so nobody will be told", id="nobody"),
        pytest.param(RECEIVER, "targets: there is none, so nothing is watched", id="nothing"),
        pytest.param(
            f'{TARGET}threshold = "4m"',
            "targets.a.threshold: 4m is less than the interval of 5m, by which we may be late ourselves",
            id="a threshold under the interval",
        ),
        pytest.param(
            f'[targets.a]\n{RAW}{GITHUB}threshold = "9m"',
            "targets.a.threshold: 9m is less than the interval of 5m and a cache of 5m, by which we may",
            id="a threshold under the cache's age",
        ),
        pytest.param(
            f'{TARGET}interval = "10s"',
            "targets.a.interval: 10s is impolite to somebody else's server",
            id="impolite",
        ),
        pytest.param(
            f'{TARGET}interval = "10s"',
            "targets.a.interval: one look may take longer than this",
            id="long looks",
        ),
        pytest.param(
            TARGET,
            "targets.a.releases: owner/name on GitHub cannot tell pre-releases, so each counts as a "
            "release; set token, or leave them out by tags",
            id="no pre-releases",
        ),
        pytest.param(
            f'[targets.a]\n{META}releases = {{ kind = "git", url = "https://git.example/name.git" }}',
            "targets.a.releases: tags of name cannot tell pre-releases, so each counts as a release; leave",
            id="pre-releases of git",
        ),
        pytest.param(
            f"[targets.a]\n{META}{META.replace('metadata', 'releases')}",
            "targets.a: both sides are the same source, so the one can never be behind the other",
            id="one source",
        ),
        pytest.param(
            f"{TOKEN}[targets.a]\n{CLEAR}{GITHUB}",
            "targets.a.metadata: its credential is sent without encryption; use https",
            id="a token in the clear",
        ),
        pytest.param(f"{TOKEN}{TARGET}", "credentials.t: no target uses it", id="a stray credential"),
        pytest.param(
            f'{RECEIVER}[[routes]]\nreceivers = ["ops"]\nlabels = {{ team = "x" }}\n{TARGET}',
            "routes[0].labels: no target has these labels, so nothing goes this way",
            id="a route of no target",
        ),
    ],
)
def test_what_will_surprise_is_said(tmp_path: Path, text: str, said: str) -> None:
    warnings = loaded(tmp_path, text, {"OPS": "json://localhost/", "T": "t"}).warnings
    assert [warning for warning in warnings if warning.startswith(said)], warnings


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f'[targets.a]\n{META}{DATED}threshold = "5m"\nprereleases = true',
            id="a threshold like the interval",
        ),
        pytest.param(
            f"[targets.a]\n{AT_HOME}{AT_HOME.replace('metadata', 'releases').replace('tag', 'all')}"
            'interval = "30s"\nprereleases = true',
            id="often, at home",
        ),
        pytest.param(
            f'[targets.a]\n{META}{DATED}prereleases = true\nlabels = {{ team = "x", more = "y" }}\n'
            '[[routes]]\nreceivers = ["ops"]\nlabels = { team = "x" }',
            id="a route of a target",
        ),
    ],
)
def test_what_is_as_it_should_be_surprises_nobody(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, f"{RECEIVER}{text}", {"OPS": "json://localhost/"}).warnings == ()
