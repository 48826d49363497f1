"""Redirects to where nobody should go."""

from __future__ import annotations

from tests.servers.hostile.asking import Asking, response, sends, wrong


def moves(name: str, deserves: str, location: str) -> None:
    """Register a redirect."""
    sends(name, deserves, response(status="302 Found", Location=location))


@wrong("redirects-without-end", "refused")
async def redirects_without_end(asking: Asking) -> None:
    await asking.send(response(status="302 Found", Location=f"{asking.path}x"))


moves("redirect-to-itself", "refused", "/")
moves("redirect-to-a-file", "refused", "file:///etc/passwd")
moves("redirect-to-a-script", "refused", "javascript:alert(1)")
moves("redirect-to-data", "refused", "data:application/json,{}")
moves("redirect-to-ftp", "refused", "ftp://127.0.0.1/")
moves("redirect-to-a-cloud's-metadata", "refused", "http://169.254.169.254/latest/meta-data/")
moves("redirect-to-it-in-ipv6-clothes", "refused", "http://[::ffff:169.254.169.254]/")
moves("redirect-to-it-as-a-number", "refused", "http://2852039166/")
moves("redirect-to-link-local-ipv6", "refused", "http://[fe80::1]/")
moves("redirect-to-everywhere", "refused", "http://0.0.0.0/")
moves("redirect-to-multicast", "refused", "http://224.0.0.1/")
moves("redirect-to-broken-brackets", "refused", "http://[::1\xff]/")
moves("redirect-to-port-65536", "refused", "http://127.0.0.1:65536/")
moves("redirect-to-port-0", "unreachable", "http://127.0.0.1:0/")
moves("redirect-to-no-host", "refused", "http:///path")
moves("redirect-to-a-closed-port", "unreachable", "http://127.0.0.1:1/")
moves("redirect-to-a-very-long-address", "refused", "/" + "a" * 8000)
sends("redirect-to-nowhere", "refused", response(status="302 Found"))
sends("redirect-307-to-nowhere", "refused", response(status="307 Temporary Redirect", Location=""))
