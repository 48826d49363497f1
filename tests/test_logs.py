"""What a log line must not hold, and how journald reads it. Each test logs in a process of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.logs import MASK, Secrets, is_journal

SECRET = "cAnArY/t0ken+with=signs"

SCRIPT = """
import logging, os, sys, threading, warnings
from urllib.parse import quote
from monitor import logs
secret = sys.stdin.read()
environ = dict(os.environ)
if "journal" in sys.argv:
    at = os.fstat(2)
    environ["JOURNAL_STREAM"] = f"{at.st_dev}:{at.st_ino}"
logs.setup(logging.DEBUG, logs.Secrets([secret]), environ)
log = logging.getLogger("monitor.notifier")
log.debug("plain %s", secret)
log.info("quoted %s", quote(secret, safe=""))
log.warning("in a structure %r", {"url": secret})
try:
    raise ValueError(secret)
except ValueError:
    log.exception("two\\nlines")
logging.getLogger("apprise").debug("never at debug")
logging.getLogger("urllib3.connectionpool").debug("never at debug")
warnings.warn(secret)
thread = threading.Thread(target=lambda: 1 / len(secret[:0]), name="writer")
thread.start(); thread.join()
raise RuntimeError(secret)
"""


def logged(tmp_path: Path, *arguments: str) -> str:
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py"), *arguments],
        input=SECRET, capture_output=True, text=True, timeout=20, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert done.stdout == ""
    return done.stderr


def test_a_secret_is_masked_in_every_kind_of_line(tmp_path: Path) -> None:
    lines = logged(tmp_path)
    assert SECRET not in lines
    assert "t0ken" not in lines
    assert f"DEBUG monitor.notifier: plain {MASK}" in lines
    assert f"INFO monitor.notifier: quoted {MASK}" in lines
    assert f"ValueError: {MASK}" in lines
    assert f"UserWarning: {MASK}" in lines
    assert f"RuntimeError: {MASK}" in lines
    assert "unexpected failure in thread writer" in lines
    assert "ZeroDivisionError" in lines


def test_apprise_and_urllib3_never_log_at_debug(tmp_path: Path) -> None:
    assert "never at debug" not in logged(tmp_path)


def test_journald_reads_a_priority_on_every_line(tmp_path: Path) -> None:
    lines = logged(tmp_path, "journal").splitlines()
    assert f"<7>monitor.notifier: plain {MASK}" in lines
    assert f"<6>monitor.notifier: quoted {MASK}" in lines
    assert "<3>monitor.notifier: two" in lines
    assert "<3>lines" in lines
    assert "<2>monitor: unexpected failure" in lines
    assert all(line.startswith("<") for line in lines)


def test_a_stream_that_is_not_the_journals_gets_no_prefixes() -> None:
    with Path(os.devnull).open() as stream:
        assert not is_journal(stream, {"JOURNAL_STREAM": "1:2"})
    assert not is_journal(io.StringIO(), {"JOURNAL_STREAM": "1:2"})


@pytest.mark.parametrize("added_later", [False, True])
def test_a_replaced_secret_stays_secret(added_later: bool) -> None:
    secrets = Secrets(["old-token"])
    if added_later:
        secrets.add(["new-token"])
    assert secrets.mask("old-token new-token") == f"{MASK} {MASK if added_later else 'new-token'}"


def test_very_short_values_do_not_blot_out_words() -> None:
    assert Secrets(["a", "", "abc"]).mask("a cab abc") == "a cab abc"
