"""Power cuts of a virtual machine: what was acknowledged is there when it comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.campaign.power import Cuts, Machine

CUTS = 10

pytestmark = pytest.mark.campaign


@pytest.mark.fault(
    "the power is cut",
    how="SIGKILL of a virtual machine (QEMU, emulated) at any instant while it records, queues and marks; "
    "what its kernel had not written is gone",
    promise="each look, message and mark that was acknowledged is there afterwards, and the file is whole",
    group="Power",
)
def test_ten_cuts_lose_nothing_that_was_acknowledged(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    cuts = Cuts()
    cuts.cut_often(Machine(tmp_path), CUTS)
    told = ", ".join(f"{number:,} {kind}" for kind, number in cuts.acknowledged.items())
    record_property("times", CUTS)
    record_property("figure", f"acknowledged: {told}")
    assert not cuts.wrong, "; ".join(cuts.wrong)
    assert min(cuts.acknowledged.values()) >= CUTS
