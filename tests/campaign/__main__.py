"""Run the campaign and write the table: `python -m tests.campaign [--share 0.1] [NAME…]`.

A share of 1 is the whole: some hours. What is not run keeps its last result.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.campaign.trials import TRIALS, Trial

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
HEAD = """# The campaign

What was tried on the running program, and what came of it. Written by `python -m tests.campaign`.

| fault | how injected | promise checked | times | result | last run |
|---|---|---|---|---|---|
"""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("names", nargs="*", help=", ".join(trial.name for trial in TRIALS))
    arguments = parser.parse_args()
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    ran = [trial for trial in TRIALS if not arguments.names or trial.name in arguments.names]
    for trial in ran:
        results[trial.name] = asyncio.run(_result(trial, arguments.share))
        print(json.dumps({trial.name: results[trial.name]}), flush=True)
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
        (FOLDER / "README.md").write_text(HEAD + "".join(_row(each, results) for each in TRIALS))
    return int(any(results[trial.name]["wrong"] for trial in ran))


async def _result(trial: Trial, share: float) -> dict[str, Any]:
    begun = time.monotonic()
    outcome = await trial.run(share)
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%d}",
        "times": outcome.times,
        "wrong": list(outcome.wrong),
        "figure": outcome.figure,
        "minutes": round((time.monotonic() - begun) / 60, 1),
    }


def _row(trial: Trial, results: dict[str, Any]) -> str:
    result = results.get(trial.name)
    if result is None:
        cells = ["0", "not run yet", "never"]
    else:
        said = "; ".join(result["wrong"]) or "held"
        figure = f" ({result['figure']})" if result["figure"] else ""
        cells = [str(result["times"]), said + figure, f"{result['at']}, {result['minutes']} min"]
    return "| " + " | ".join([trial.fault, trial.how, trial.promise, *cells]) + " |\n"


if __name__ == "__main__":
    raise SystemExit(main())
