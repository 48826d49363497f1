"""What systemd itself says of the unit, without starting it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.real.installed import ENABLE, INSTALL, PROJECT

pytestmark = pytest.mark.real

UNIT = PROJECT / "systemd" / "tagdrift.service"


def analyze(*arguments: str) -> tuple[int, str]:
    command = ["systemd-analyze", "--no-pager", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def verify(folder: Path, text: str) -> tuple[int, str]:
    """Let systemd read this text as the unit, with a program that is there in the place of ours."""
    unit = folder / "tagdrift.service"
    unit.write_text(text.replace("/opt/tagdrift/bin/tagdrift", "/bin/true"))
    return analyze("verify", str(unit))


def test_systemd_finds_nothing_to_say_about_it(tmp_path: Path) -> None:
    assert verify(tmp_path, UNIT.read_text()) == (0, "")


def test_that_nothing_means_something(tmp_path: Path) -> None:
    """What systemd does not know it tells and lets pass: the exit status alone would prove nothing."""
    status, output = verify(tmp_path, UNIT.read_text().replace("Type=notify", "Type=notify-reload"))
    assert status == 0
    assert "notify-reload" in output


def test_its_exposure_is_at_most_1_2() -> None:
    status, output = analyze("security", "--offline=true", "--threshold=12", str(UNIT))
    assert status == 0, output


def test_readme_says_what_is_tried_here() -> None:
    lines = (PROJECT / "README.md").read_text().splitlines()
    assert [line for line in (*INSTALL.strip().splitlines(), ENABLE) if f"sudo {line}" not in lines] == []
