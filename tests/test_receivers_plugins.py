"""Which of Apprise's plugins a delivery loads."""

from __future__ import annotations

import json
import subprocess
import sys

from monitor.receivers import plugins

CODE = """
import json, runpy, sys
load_only = runpy.run_path(sys.argv[1])["load_only"]
from apprise import Apprise
from apprise.plugins import N_MGR
known = load_only(sys.argv[2])
service = Apprise.instantiate(sys.argv[2])
print(json.dumps([known, len(N_MGR), type(service).__name__]))
"""
SLACK = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


def loaded(url: str) -> list[object]:
    """Return whether the plugin was found, how many are loaded, and what serves the address."""
    command = [sys.executable, "-I", "-c", CODE, plugins.__file__, url]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return list(json.loads(found))


def test_a_delivery_loads_the_one_plugin_that_its_address_needs() -> None:
    assert loaded("json://127.0.0.1/x") == [True, 1, "NotifyJSON"]
    assert loaded("mailtos://u:p@example.com?smtp=127.0.0.1") == [True, 1, "NotifyEmail"]
    assert loaded("matrixs://token@example.com/%23room") == [True, 1, "NotifyMatrix"]


def test_an_address_of_the_web_is_shown_to_every_plugin() -> None:
    known, many, service = loaded(f"https://hooks.slack.com/services/{SLACK}")
    assert (known, service) == (False, "NotifySlack")
    assert int(str(many)) > 100


def test_an_address_that_no_plugin_knows_is_refused_by_all_of_them() -> None:
    known, many, service = loaded("nonsense://127.0.0.1")
    assert (known, service) == (False, "NoneType")
    assert int(str(many)) > 100
