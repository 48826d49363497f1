"""A web site of files, and a chat that writes down what it is told: run by path, on a machine's own loopback.

`python site.py FOLDER PORT` serves FOLDER/www. Each request is noted by its path in FOLDER/asked, and what is
posted, a line of JSON each, in FOLDER/received. While FOLDER/hold exists, every answer waits. A line on
standard output says that it is ready.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER, PORT = Path(sys.argv[1]), int(sys.argv[2])


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.take_note()
        path = FOLDER / "www" / self.path.strip("/")
        if not path.is_file():
            self.answer(404, b"not here")
            return
        body = path.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, b"", etag)
        else:
            self.answer(200, body, etag)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.take_note()
        with (FOLDER / "received").open("a") as received:
            received.write(json.dumps({"path": self.path, **json.loads(body)}) + "\n")
        self.answer(200, b"ok")

    def answer(self, status: int, body: bytes, etag: str | None = None) -> None:
        self.send_response(status)
        if etag is not None:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def take_note(self) -> None:
        with (FOLDER / "asked").open("a") as asked:
            asked.write(f"{self.path}\n")
        while (FOLDER / "hold").exists():
            time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its own name
        """Say nothing."""


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is what these tests are about."""


server = Server(("127.0.0.1", PORT), Site)
print("ready", flush=True)
server.serve_forever()
