"""Statuses that nobody asked for, and limits in every spelling."""

from __future__ import annotations

from tests.servers.hostile.asking import response, sends

sends("101", "malformed", b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nx")
sends("204", "malformed", b"HTTP/1.1 204 No Content\r\n\r\n")
sends("205", "malformed", response(status="205 Reset Content"))
sends("206", "malformed", response(b"abc", status="206 Partial Content", Content_Range="bytes 0-2/1000"))
sends("299", "malformed", response(b"{}", status="299 Fine"))
sends("300", "malformed", response(b"{}", status="300 Multiple Choices"))
sends("304-unasked", "malformed", b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n')
sends("999", "unreachable", response(status="999 Request Denied"))
sends("400", "refused", response(status="400 Bad Request"))
sends("401", "refused", response(status="401 Unauthorized", WWW_Authenticate="Basic"))
sends("403", "refused", response(b"<html>no</html>", status="403 Forbidden"))
sends("404", "refused", response(status="404 Not Found"))
sends("407", "refused", response(status="407 Proxy Authentication Required"))
sends("410", "refused", response(status="410 Gone"))
sends("451", "refused", response(status="451 Unavailable For Legal Reasons"))
sends("500", "unreachable", response(status="500 Internal Server Error"))
sends("502", "unreachable", response(b"<html>bad gateway</html>", status="502 Bad Gateway"))
sends("503", "unreachable", response(status="503 Service Unavailable"))
sends("429", "limited", response(status="429 Too Many Requests", Retry_After="120"))
sends("429-that-says-nothing", "limited", response(status="429 Too Many Requests"))
sends("429-for-minus-a-second", "limited", response(status="429 Too Many Requests", Retry_After="-1"))
sends("429-for-ever", "limited", response(status="429 Too Many Requests", Retry_After="9" * 5000))
sends(
    "429-until-the-year-9999",
    "limited",
    response(status="429 No", Retry_After="Fri, 31 Dec 9999 23:59:59 -1200"),
)
sends(
    "403-secondary-limit",
    "limited",
    response(b'{"message": "You have exceeded a secondary rate limit."}', status="403 Forbidden"),
)
sends(
    "503-until-2015",
    "limited",
    response(status="503 Service Unavailable", Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
)
sends(
    "200-rate-limited",
    "limited",
    response(b'{"errors": [{"type": "RATE_LIMITED"}]}', X_RateLimit_Remaining="0", X_RateLimit_Reset="soon"),
)
