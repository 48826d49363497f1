"""Bodies as they are sent, refused where they are not what they should be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from monitor.web.problems import Problem

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


async def form_of(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a form.

    Raises:
        Problem: it is not one.
    """
    _check_type(request, FORM)
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


async def json_of(request: web.Request) -> Mapping[str, Any]:
    """Return the object that was sent; one without anything in it where nothing was.

    Raises:
        Problem: it is not one.
    """
    body = await request.read()
    if not body:
        return {}
    _check_type(request, JSON)
    return parsed(body)


def parsed(body: bytes) -> Mapping[str, Any]:
    """Return the object that these bytes are.

    Raises:
        Problem: they are none.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "the body is not JSON") from error
    if not isinstance(found, dict):
        raise Problem(422, "the body should be an object")
    return found


def _check_type(request: web.Request, wanted: str) -> None:
    if request.content_type != wanted:
        raise Problem(415, f"the body should be {wanted}")
