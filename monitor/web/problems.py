"""What is wrong with a request, as problem details (RFC 9457) or as a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web


class Problem(Exception):  # noqa: N818  (RFC 9457's own word)
    """An answer that is no success: a status, and a sentence for who asked."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def title_of(status: int) -> str:
    """Return what the status is called."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def problem_response(problem: Problem) -> web.Response:
    """Return it as a document for programs."""
    body = {
        "type": "about:blank",
        "title": title_of(problem.status),
        "status": problem.status,
        "detail": problem.detail,
    }
    return web.Response(
        status=problem.status,
        body=json.dumps(body).encode(),
        content_type="application/problem+json",
        headers=problem.headers,
    )


def wants_page(request: web.BaseRequest) -> bool:
    """Return whether a person asks, with a browser, for something that has pages."""
    machine = ("/api/", "/hooks/", "/metrics", "/healthz", "/readyz", "/badge/", "/feed", "/events")
    return not request.path.startswith(machine) and "text/html" in request.headers.get("Accept", "")
