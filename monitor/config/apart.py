"""Read the configuration in a process of its own: the daemon does not carry what only reading needs.

pydantic and its models cost 10 MB for as long as the process lives, and are asked once a start or reload. A
document that is made to cost much costs it there.
"""

from __future__ import annotations

import os
import pickle  # what passes is our own, between us and our child
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from monitor.config.values import Config, Wanted
from monitor.errors import ConfigError

WITHIN_SECONDS = 60


def load_apart(path: Path, environ: Mapping[str, str] = os.environ, *, wanted: Wanted = Wanted.ALL) -> Config:
    """Return the configuration of this file, as `load` does.

    Raises:
        ConfigError: something is wrong with it; all of it is said.
    """
    try:
        done = subprocess.run(  # noqa: S603 our own interpreter and module
            [sys.executable, "-m", __name__],
            input=pickle.dumps((path.absolute(), wanted)),
            stdout=subprocess.PIPE,
            env=dict(environ),
            timeout=WITHIN_SECONDS,
            check=True,
        )
        outcome: Config | tuple[str, ...] = pickle.loads(done.stdout)  # noqa: S301 written by our own child
    except subprocess.TimeoutExpired:
        raise ConfigError((f"{path}: it could not be read within {WITHIN_SECONDS} s",)) from None
    except (OSError, subprocess.CalledProcessError, pickle.UnpicklingError, EOFError) as error:
        raise ConfigError((f"{path}: the process that reads it failed ({type(error).__name__})",)) from error
    if isinstance(outcome, tuple):
        raise ConfigError(outcome)
    return outcome


def main() -> None:
    """Read one task from standard input, and write what came of it to standard output."""
    from monitor.config import load

    path, wanted = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 written by our own parent
    outcome: Config | tuple[str, ...]
    try:
        outcome = load(path, os.environ, wanted=wanted)
    except ConfigError as error:
        outcome = error.problems
    sys.stdout.buffer.write(pickle.dumps(outcome))


if __name__ == "__main__":
    main()
