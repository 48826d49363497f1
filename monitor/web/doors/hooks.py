"""Hooks: whoever releases says so, and nobody waits for the next poll."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from monitor import sources
from monitor.model import Side, Target
from monitor.web.access import CLOSED, bearer_of, digest
from monitor.web.bodies import parsed
from monitor.web.face import Face, face_of, peer_of
from monitor.web.problems import Problem

BOTH = tuple(Side)
# Where GitHub serves what a repository holds, and how many parts of the path come before owner and name.
PLACES = {"github.com": 0, "raw.githubusercontent.com": 0, "api.github.com": 1}
LONGEST_ID = 100


async def github(request: web.Request) -> web.Response:
    """Take a webhook of GitHub's: look at the side that the event is about."""
    face, body = face_of(request), await request.read()
    check_signature(face, request, body)
    event, delivery = request.headers.get("X-GitHub-Event", ""), request.headers.get("X-GitHub-Delivery", "")
    if not event or not delivery or len(delivery) > LONGEST_ID:
        raise Problem(400, "X-GitHub-Event and X-GitHub-Delivery should be there")
    if request.content_type != "application/json":
        raise Problem(415, "the webhook's content type should be application/json")
    payload = parsed(body)
    if event == "ping":
        return web.json_response({"looks": 0}, status=202)
    places = tuple(places_of(face.hands.targets.values(), _repository(payload)))
    if not places:
        raise Problem(404, "there is nothing here")
    if not face.hurry.is_new(delivery):
        return web.json_response({"looks": 0, "replayed": True}, status=202)
    sides = sides_of(event, payload)
    asked = [(name, side) for name, side in places if side in sides]
    for name, side in asked:
        face.hurry.look(name, side)
    return web.json_response({"looks": len(asked)}, status=202)


def check_signature(face: Face, request: web.BaseRequest, body: bytes) -> None:
    """Return where the body is signed with our secret (GitHub's "Validating webhook deliveries").

    Raises:
        Problem: it is not.
    """
    secret = secret_of(face)
    address = peer_of(request).address
    face.access.check_tries(address)
    wanted = "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()
    shown = request.headers.get("X-Hub-Signature-256", "")
    if not hmac.compare_digest(wanted.encode(), shown.encode("utf-8", "replace")):
        face.access.failed(address)
        raise Problem(401, "the signature is not right")


def secret_of(face: Face) -> str:
    """Return what hooks are signed with.

    Raises:
        Problem: nothing is configured.
    """
    secret = face.settings.hook_secret or face.settings.token
    if secret is None:
        raise Problem(403, CLOSED)
    return secret


def sides_of(event: str, payload: Mapping[str, Any]) -> Collection[Side]:
    """Return the sides that an event can have changed; none for those that we have no use for."""
    if event == "release":
        return (Side.RELEASES,)
    if event == "create":
        return (Side.RELEASES,) if payload.get("ref_type") == "tag" else ()
    if event == "push":
        ref = payload.get("ref")
        return (Side.RELEASES,) if isinstance(ref, str) and ref.startswith("refs/tags/") else (Side.METADATA,)
    if event == "workflow_run":
        return BOTH if payload.get("action") == "completed" else ()
    return ()


def places_of(targets: Iterable[Target], repository: str) -> Iterator[tuple[str, Side]]:
    """Yield the targets, each with its side, that this repository holds."""
    for target in targets:
        for side in Side:
            if repository and repository.lower() in repositories_of(target, side):
                yield target.name, side


def repositories_of(target: Target, side: Side) -> set[str]:
    """Return the repositories, as `owner/name` in small letters, that one side of a target is read from."""
    source = target.source(side)
    named = getattr(source.spec, "repo", None)
    found = {named.lower()} if isinstance(named, str) else set()
    for url in sources.kind_named(source.kind).urls(source.spec):
        parts = urlsplit(url)
        before = PLACES.get(parts.hostname or "")
        path = [part for part in parts.path.split("/") if part]
        if before is not None and len(path) >= before + 2:
            found.add("/".join(path[before : before + 2]).removesuffix(".git").lower())
    return found


def _repository(payload: Mapping[str, Any]) -> str:
    repository = payload.get("repository")
    name = repository.get("full_name") if isinstance(repository, dict) else None
    return name if isinstance(name, str) else ""


async def look(request: web.Request) -> web.Response:
    """Take the word of a release script that has the secret: look at both sides of a target."""
    face, address = face_of(request), peer_of(request).address
    face.access.check_tries(address)
    known = {digest(secret) for secret in (face.settings.hook_secret, face.settings.token) if secret}
    secret_of(face)
    shown = digest(bearer_of(request) or "")
    matches = [hmac.compare_digest(shown, each) for each in known]
    if True not in matches:
        face.access.failed(address)
        raise Problem(401, "this takes the hooks' secret: Authorization: Bearer …")
    name = request.match_info["name"]
    if name not in face.hands.targets:
        raise Problem(404, "there is nothing here")
    for side in Side:
        face.hurry.look(name, side)
    return web.json_response({"looks": len(Side)}, status=202)


ROUTES = [web.post("/hooks/github", github), web.post("/hooks/look/{name}", look)]
