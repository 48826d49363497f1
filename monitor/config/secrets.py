"""Where secrets are kept, and how they are fetched from there. None of them is ever in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.config.problems import Problems, quoted, shown
from monitor.config.reading import read_bytes
from monitor.config.values import Reference, Wanted
from monitor.errors import ConfigError

WAYS = ("credential", "env", "file")
HOW = '{ credential = "NAME" } (systemd\'s LoadCredential), { env = "NAME" } or { file = "/PATH" }'
DIRECTORY = "CREDENTIALS_DIRECTORY"
# Where systemd puts our service's credentials; root may look, who tries a command by hand.
OF_THE_SERVICE = Path("/run/credentials/tagdrift.service")
MOST_BYTES = 64 * 1024

Place = tuple[str | int, ...]


@dataclass(kw_only=True)
class Secrets:
    """Fetches secrets, and remembers each place and value. A secret that cannot be had is a problem.

    With `beyond_reach` a credential of a service that this process is not part of is a warning instead.
    """

    problems: Problems
    environ: Mapping[str, str]
    folder: Path
    wanted: Wanted = Wanted.ALL
    beyond_reach: bool = False
    values: list[str] = field(default_factory=list)
    references: dict[str, Reference] = field(default_factory=dict)

    def reference(self, value: Any, place: Place, *, hint: str = "") -> Reference | None:
        """Return where the secret is kept, or note why this does not say so."""
        if not isinstance(value, dict):
            what = (
                "a secret does not belong in this file" if isinstance(value, str) else f"found {shown(value)}"
            )
            self.problems.add(place, f"{what}; {hint or 'keep it elsewhere and'} write {HOW}")
            return None
        for key in value.keys() - set(WAYS):
            self.problems.unknown_key((*place, key), WAYS)
        ways = [way for way in WAYS if way in value]
        if len(ways) != 1:
            found = f"found {' and '.join(ways)}" if ways else "it does not say where the secret is kept"
            self.problems.add(place, f"{found}; write exactly one of {HOW}")
            return None
        at = value[ways[0]]
        if not isinstance(at, str) or not at or not at.isprintable():
            self.problems.add((*place, ways[0]), "want the name or path as a text in quotes")
            return None
        return Reference(by=ways[0], at=at)

    def fetch(self, reference: Reference, place: Place, *, is_for_sources: bool = False) -> str:
        """Return the secret; empty where it is not wanted or cannot be had, the latter being noted."""
        self.references[".".join(map(str, place))] = reference
        if self.wanted is Wanted.NONE or (self.wanted is Wanted.SOURCES and not is_for_sources):
            return ""
        value = self._kept(reference, (*place, reference.by))
        if value:
            self.values.append(value)
        return value

    def _kept(self, reference: Reference, place: Place) -> str:
        if reference.by == "env":
            return self._from_environment(reference.at, place)
        if reference.by == "file":
            return self._from_file(self.folder / reference.at, place, "")
        return self._from_credential(reference.at, place)

    def _from_environment(self, name: str, place: Place) -> str:
        value = self.environ.get(name)
        if value is None:
            self.problems.add(place, f"the environment has no variable {quoted(name)}")
            return ""
        return self._checked(value, place, f"the variable {quoted(name)}")

    def _from_credential(self, name: str, place: Place) -> str:
        if "/" in name or name in {".", ".."}:
            self.problems.add(
                place, "want the name of a credential, which has no slash; for a path say file ="
            )
            return ""
        directory = self._directory()
        if directory is None:
            note = self.problems.warn if self.beyond_reach else self.problems.add
            note(
                place,
                f"${DIRECTORY} is not set, so the credential {quoted(name)} cannot be read from here; "
                "systemd sets it for the service (LoadCredential=)",
            )
            return ""
        return self._from_file(directory / name, place, f"; the unit needs LoadCredential={name}:/PATH")

    def _directory(self) -> Path | None:
        named = self.environ.get(DIRECTORY)
        if named:
            return Path(named)
        try:
            return OF_THE_SERVICE if OF_THE_SERVICE.is_dir() else None
        except OSError:
            return None

    def _from_file(self, path: Path, place: Place, advice: str) -> str:
        try:
            text = read_bytes(path, MOST_BYTES).decode()
        except ConfigError as error:
            self.problems.add(place, f"{error}{advice}")
            return ""
        except UnicodeDecodeError:
            self.problems.add(place, f"{path}: it is not a text")
            return ""
        if _is_open_to_all(path):
            self.problems.warn(place, f"{path} may be read by everybody on this machine; chmod o-r it")
        return self._checked(text.removesuffix("\n").removesuffix("\r"), place, str(path))

    def _checked(self, value: str, place: Place, where: str) -> str:
        if not value.strip():
            self.problems.add(place, f"{where} is empty")
            return ""
        if not value.isprintable():
            self.problems.add(place, f"{where} holds more than one line, or characters that no secret has")
            return ""
        return value


def _is_open_to_all(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o004)
    except OSError:
        return False
