"""Other people's tools: schemathesis on the API, promtool on rules and metrics, datasette on the queries.

The first and the last live in an environment of their own, whose folder of commands is $TAGDRIFT_TOOLS.
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.playing import Demo, playing

pytestmark = pytest.mark.real

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with playing(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


def tool(name: str) -> str:
    return str(Path(os.environ["TAGDRIFT_TOOLS"]) / name)


def run(*command: str, **how: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **how)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return str(done.stdout)


def test_schemathesis_finds_nothing_wrong_with_the_api(demo: Demo, tmp_path: Path) -> None:
    run(
        tool("schemathesis"),
        "run",
        f"{demo.address}/api/v1/openapi.json",
        "--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--max-examples=15",
        f"--header=Authorization: Bearer {demo.token}",
        cwd=str(tmp_path),
    )


def test_promtool_takes_the_rules_and_the_metrics(demo: Demo) -> None:
    run("promtool", "check", "rules", str(DOCS / "prometheus-alerts.yml"))
    run("promtool", "test", "rules", str(DOCS / "prometheus-alerts.test.yml"))
    with urllib.request.urlopen(f"{demo.address}/metrics") as answer:
        metrics = answer.read().decode()
    run("promtool", "check", "metrics", input=metrics)


@pytest.mark.parametrize("query", ["slowest", "wrong_now", "how_often", "failing_sides", "unheard"])
def test_datasette_answers_the_canned_queries(demo: Demo, query: str) -> None:
    where = f"/tagdrift/{query}.json?_shape=objects"
    command = (
        tool("datasette"),
        str(demo.database),
        "--metadata",
        str(DOCS / "datasette.yml"),
        "--get",
        where,
    )
    assert json.loads(run(*command))["ok"] is True
