"""The table: rows of faults, made from the tests that there are and what became of each the last time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GROUPS = ("Network", "Answers", "Disk", "Process", "Power", "Time", "Soak", "Real components")
HEAD = """# The campaign

What was broken on purpose, and what came of it. Written by `python -m tests.campaign`, which runs every test
that bears the marker `fault`; what is not run keeps its last result.

"""
COLUMNS = """| fault | how injected | promise checked | times tried | result | last run |
|---|---|---|---|---|---|
"""
# The group of a fault that names none, by what its file is called; the first that fits.
BY_FILE = {
    "soak": "Soak",
    "power": "Power",
    "network": "Network",
    "tls": "Network",
    "fetcher_faults": "Network",
    "hostile": "Answers",
    "shrunk": "Answers",
    "sight": "Network",
    "disk": "Disk",
    "kills": "Process",
    "crash": "Process",
    "stops": "Process",
    "store": "Disk",
    "migrations": "Disk",
    "clock": "Time",
    "time": "Time",
    "receivers": "Real components",
    "real/": "Real components",
}

Tests = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Row:
    """One fault, and the tests that try it."""

    name: str
    how: str
    promise: str
    group: str
    tests: list[str] = field(default_factory=list)

    def cells(self, results: Tests) -> tuple[str, ...]:
        ran = [results[test] for test in self.tests if test in results]
        if not ran:
            return (self.name, self.how, self.promise, "0", "not run yet", "never")
        times = sum(result["times"] for result in ran)
        seconds = sum(result["seconds"] for result in ran)
        last = f"{max(result['at'] for result in ran)}, {_span(seconds)}"
        return (self.name, self.how, self.promise, f"{times:,}", self._result(ran), last)

    def _result(self, ran: list[Mapping[str, Any]]) -> str:
        wrong = [sentence for result in ran for sentence in result["wrong"]]
        if wrong:
            more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
            return f"**failed**: {'; '.join(wrong[:3])}{more}"
        figures = "; ".join(figure for result in ran for figure in result["figures"][:3])
        partly = len(self.tests) - len(ran)
        left = [f"{partly} of {len(self.tests)} tests not run yet"] if partly else []
        notes = "; ".join([*([figures] if figures else []), *left])
        return f"held ({notes})" if notes else "held"


def render(tests: Tests, results: Tests) -> str:
    """Return the page; a test that is gone has no row, and one that never ran says so."""
    rows = list(rows_of(tests))
    ran = [row for row in rows if any(test in results for test in row.tests)]
    failed = sum("**failed**" in row.cells(results)[4] for row in ran)
    text = f"{HEAD}{len(rows)} faults: {len(ran) - failed} held, {failed} failed,"
    text += f" {len(rows) - len(ran)} not run yet.\n"
    for group in GROUPS:
        lines = [
            "| " + " | ".join(map(_plain, row.cells(results))) + " |" for row in rows if row.group == group
        ]
        if lines:
            text += f"\n## {group}\n\n{COLUMNS}" + "\n".join(lines) + "\n"
    return text


def rows_of(tests: Tests) -> Iterator[Row]:
    """Return one row for each name and way, by name; a test without a way is of the row of its name."""
    ways = {test["name"]: test for _, test in sorted(tests.items(), reverse=True) if test.get("how")}
    rows: dict[tuple[str, str], Row] = {}
    for key, test in sorted(tests.items()):
        name = test["name"]
        leads = test if test.get("how") else ways.get(name, test)
        row = Row(
            name,
            leads.get("how", ""),
            leads.get("promise", ""),
            leads.get("group") or group_of(leads["file"]),
        )
        rows.setdefault((name, row.how), row).tests.append(key)
    yield from (rows[key] for key in sorted(rows))


def group_of(file: str) -> str:
    return next((group for part, group in BY_FILE.items() if part in file), "Process")


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
