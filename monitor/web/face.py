"""What all doors share: the hands, the pictures, who is logged in, and how pages are written."""

from __future__ import annotations

from aiohttp import web

from monitor.config import DaemonConfig
from monitor.status import Status
from monitor.web.access import Access
from monitor.web.hands import Hands
from monitor.web.hurrying import Hurry
from monitor.web.live import Live
from monitor.web.peers import Peer
from monitor.web.pictures import Pictures
from monitor.web.strips import Strips


class Face:
    """One for each server."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self.pictures = Pictures(hands)
        self.access = Access(hands)
        self.live = Live(self.pictures, hands.clock)
        self.strips = Strips(hands)
        self.hurry = Hurry(hands)

    @property
    def settings(self) -> DaemonConfig:
        """The configuration in force."""
        return self.hands.settings

    async def status(self) -> Status:
        """Return how everything stands."""
        return (await self.pictures.now()).status


FACE = web.AppKey("face", Face)
PEER = web.RequestKey("peer", Peer)


def face_of(request: web.Request) -> Face:
    """Return the face that this request came to."""
    return request.app[FACE]


def peer_of(request: web.BaseRequest) -> Peer:
    """Return who asks."""
    peer: Peer = request[PEER]
    return peer
