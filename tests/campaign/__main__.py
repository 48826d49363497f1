"""Try the faults and write the table: `python -m tests.campaign [-k …] [--quick | --real | --long]`.

Without a choice all are tried, which takes hours. Every file of tests is a process of its own: one that
crashes, or hangs, costs the others nothing. The status is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.campaign.table import render

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
RESULTS, PAGE = FOLDER / "results.json", FOLDER / "README.md"
LEVELS = {
    "all": "fault",
    "quick": "fault and not real and not campaign",
    "real": "fault and real and not campaign",
    "long": "fault and campaign",
}
PYTEST = (sys.executable, "-m", "pytest", "-n", "0", "-p", "tests.campaign.recording")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    choice = parser.add_mutually_exclusive_group()
    for level in LEVELS:
        choice.add_argument(f"--{level}", dest="level", action="store_const", const=level, default="all")
    choice.add_argument("--none", dest="level", action="store_const", const="", help="write the table only")
    parser.add_argument("-k", default="", help="only tests whose names fit, as pytest's -k")
    parser.add_argument("--hours", type=float, default=4.0, help="the longest that one file may take")
    arguments = parser.parse_args()
    # So that what runs is ended with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    tests, failed = collected("fault", "")
    if not tests:
        return 2
    note(tests, {})
    if arguments.level:
        chosen, _ = collected(LEVELS[arguments.level], arguments.k)
        for file in sorted({test["file"] for test in chosen.values()}):
            ran = run(file, LEVELS[arguments.level], arguments)
            note(tests, ran)
            failed = failed or any(each["wrong"] for each in ran.values())
    print(f"{PAGE.relative_to(ROOT)} is written")
    return int(failed)


def collected(markers: str, names: str) -> tuple[dict[str, Any], bool]:
    """Return the tests of faults that there are, and whether a file could not be read."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder, "record.json")
        options = ("--collect-only", "-q", "-m", markers, "-k", names, "--continue-on-collection-errors")
        done = subprocess.run(
            [*PYTEST, *options, f"--record-faults={record}", "tests"],
            cwd=ROOT,
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode not in {0, 5}:
            print(done.stdout[-4000:], done.stderr[-4000:])
        tests = json.loads(record.read_text())["tests"] if record.exists() else {}
        return tests, done.returncode not in {0, 5}


def run(file: str, markers: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run the chosen tests of this file, and return what became of each."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder, "record.json")
        options = ("-m", markers, "-k", arguments.k, f"--record-faults={record}", file)
        process = subprocess.Popen([*PYTEST, *options], cwd=ROOT, start_new_session=True)
        try:
            process.wait(arguments.hours * 3600)
        except subprocess.TimeoutExpired:
            print(f"{file} did not end within {arguments.hours} h")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        noted = json.loads(record.read_text()) if record.exists() else {"tests": {}, "runs": {}}
    return {test: result(plan["cases"], noted["runs"].get(test, {})) for test, plan in noted["tests"].items()}


def result(planned: int, ran: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of one test; what it did not come to is a failure."""
    kept = {"times": 0, "seconds": 0.0, "figures": [], "wrong": []} | ran
    left = planned - kept.pop("cases", 0)
    if left:
        kept["wrong"] = [*kept["wrong"], f"ended before {left} of {planned} cases were done"]
    return {"at": f"{datetime.now(UTC):%Y-%m-%d}"} | kept


def note(tests: dict[str, Any], ran: dict[str, Any]) -> None:
    """Keep the results of these tests, with these new ones, and write the page anew."""
    before: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results = {test: result for test, result in (before | ran).items() if test in tests}
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    PAGE.write_text(render(tests, results))


if __name__ == "__main__":
    raise SystemExit(main())
