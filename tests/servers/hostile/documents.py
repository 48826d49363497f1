"""Documents that come in good order and are wrong inside: for the source kinds to refuse."""

from __future__ import annotations

from tests.servers.hostile.asking import response, sends

JSON = "application/json"

sends("bad-utf-8", "document", response(b'{"version": "\xff\xfe\xc0\xaf"}', Content_Type=JSON))
sends("utf-16", "document", response('{"version": "1.0"}'.encode("utf-16"), Content_Type=JSON))
sends("unknown-charset", "document", response(b'{"v": 1}', Content_Type=f"{JSON}; charset=nonesuch"))
sends("rot13", "document", response(b'{"v": 1}', Content_Type=f"{JSON}; charset=rot13"))
sends("html", "document", response(b"<html>Sign in to this network</html>", Content_Type="text/html"))
sends("nothing", "document", response(b"", Content_Type=JSON))
sends("deep-json", "document", response(b"[" * 200_000, Content_Type=JSON))
sends("big-integer", "document", response(b"1" * 10_000, Content_Type=JSON))
sends("nan-and-the-same-key-twice", "document", response(b'{"a": NaN, "b": 1e9999, "a": 2}'))
sends("nul-and-lone-surrogate", "document", response(b'{"tag": "v1\\u0000\\ud800"}', Content_Type=JSON))
