"""Load the one plugin of Apprise that an address needs; loaded by path in the delivery child.

Apprise loads all of its plugins, some 140, at the first address it sees. A delivery needs one of them: that
saves it a third of its processor time and 15 MB. Where the one cannot be told, all are loaded as ever.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path


def load_only(url: str) -> bool:
    """Let Apprise know only the plugin of this address; return whether it is known by now."""
    from apprise import plugins

    folder = Path(plugins.__file__).parent
    scheme = url.partition("://")[0].lower()
    try:
        with tempfile.TemporaryDirectory() as chosen:
            for name in naming(folder, scheme):
                (Path(chosen) / name).touch()
            # Of this folder only the names are taken: the modules come from where Apprise is.
            plugins.N_MGR.load_modules(path=chosen)  # type: ignore[no-untyped-call] # Apprise's manager has no types
    except OSError:  # no folder for temporary files
        pass
    if scheme in plugins.N_MGR:
        return True
    plugins.N_MGR.unload_modules()  # type: ignore[no-untyped-call] # Apprise's manager has no types
    return False


def naming(folder: Path, scheme: str) -> set[str]:
    """Return the plugins whose source has this scheme among its protocols; none for the web's own addresses.

    An address that begins with https may be any plugin's: each is asked whether it knows it.
    """
    if scheme in {"http", "https"} or not re.fullmatch(r"[a-z0-9]+", scheme):
        return set()
    said = re.compile(rf"protocol\s*(?::[^=]+)?=\s*[^=]{{0,200}}?[\"']{scheme}[\"']".encode())
    return {
        path.relative_to(folder).parts[0]
        for found, _, files in os.walk(folder)
        for path in (Path(found, file) for file in files if file.endswith(".py"))
        if said.search(path.read_bytes())
    }
