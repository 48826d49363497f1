"""The API's own description, OpenAPI 3.1, made of the operations themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from aiohttp import web

from monitor import __version__
from monitor.web import doors
from monitor.web.operations import Operation, answer
from monitor.web.schemas import Schema, schema_of

PROBLEM: Schema = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}
_PROBLEM_ANSWER = {
    "description": "Something went wrong; `detail` says what.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


async def openapi(request: web.Request) -> web.Response:
    """Return the document."""
    return answer(request, document())


def operations() -> Iterator[Operation]:
    """Yield what every door can do."""
    for module in iter_modules(doors.__path__):
        yield from getattr(import_module(f"{doors.__name__}.{module.name}"), "OPERATIONS", ())


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    known: dict[str, Schema] = {"Problem": PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations():
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "tagdrift",
            "version": __version__,
            "description": "How every watched project stands. Instants are UTC, spans seconds.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(known.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(operation: Operation, known: dict[str, Schema]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "parameters": [
            {
                "name": parameter.name,
                "in": parameter.where,
                "required": parameter.where == "path",
                "description": parameter.summary,
                "schema": dict(parameter.schema),
            }
            for parameter in operation.parameters
        ],
        "responses": {str(operation.status): _good(operation, known), "default": _PROBLEM_ANSWER},
    }
    if operation.method == "GET":
        described["responses"]["304"] = {"description": "What `If-None-Match` names is still so."}
    if operation.takes is not None:
        content = {"application/json": {"schema": dict(operation.takes)}}
        described["requestBody"] = {"required": "required" in operation.takes, "content": content}
    if not operation.is_open:
        described["security"] = [{"token": []}]
    return described


def _good(operation: Operation, known: dict[str, Schema]) -> dict[str, Any]:
    if operation.gives is None:
        return {"description": "Done."}
    schema = schema_of(operation.gives, known)
    if operation.is_listed:
        schema = {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": schema},
                "next": {"type": ["string", "null"], "description": "The `cursor` of the next page."},
            },
            "required": ["items", "next"],
        }
    return {"description": "As asked.", "content": {"application/json": {"schema": schema}}}


ROUTES = [web.get("/api/v1/openapi.json", openapi)]
