"""Version schemes: what makes two versions equal, and which is newer. One file a scheme, found by its name.

A file of this room is a scheme if it has a function `scheme`, which is given the pattern written behind the
colon of the scheme's name (None where there is none) and returns the `Scheme`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules

from monitor.errors import ParseError
from monitor.versions.auto import AUTO, decide
from monitor.versions.scheme import LONGEST, Key, Scheme, excerpt

__all__ = ["AUTO", "LONGEST", "Key", "Scheme", "decide", "excerpt", "names", "scheme_named"]


@cache
def names() -> tuple[str, ...]:
    """Return the names of all schemes in alphabetical order; `auto` is none of them: it becomes one."""
    return tuple(sorted(found.name for found in iter_modules(__path__) if _maker(found.name) is not None))


@lru_cache(maxsize=1024)
def scheme_named(name: str) -> Scheme:
    """Return the scheme of this name, which may carry a pattern: `calver:YYYY.0M.MICRO`.

    Raises:
        ParseError: there is no such scheme, or its pattern is wrong.
    """
    plain, colon, pattern = name.partition(":")
    if plain == AUTO:
        raise ParseError(f"the scheme {AUTO!r} is not one yet: it is decided by the versions that are found")
    maker = _maker(plain) if plain in names() else None
    if maker is None:
        raise ParseError(f"there is no scheme {excerpt(name)}; the schemes are {AUTO}, {', '.join(names())}")
    return maker(pattern if colon else None)


def _maker(name: str) -> Callable[[str | None], Scheme] | None:
    maker: Callable[[str | None], Scheme] | None = getattr(
        import_module(f"{__name__}.{name}"), "scheme", None
    )
    return maker
