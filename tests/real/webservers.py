"""Debian's own servers in a network of the test's: nginx with git's CGI behind it, and tinyproxy."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.real.machine import until
from tests.real.network import Network, require

NGINX = """
daemon off;
master_process off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    log_format looks escape=json '{{"method": "$request_method", "path": "$uri", "status": $status,'
        ' "condition": "$http_if_none_match", "cache": "$http_cache_control", "client": "$remote_addr"}}';
    access_log {folder}/access.log looks;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 80;
        {tls}
        root {folder}/www;
        location /git/ {{
            fastcgi_pass unix:{folder}/fcgi.socket;
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
            fastcgi_param GIT_HTTP_EXPORT_ALL "";
            fastcgi_param GIT_PROJECT_ROOT {folder};
            fastcgi_param PATH_INFO $uri;
        }}
    }}
}}
"""
TLS = "listen 443 ssl; ssl_certificate {pem}; ssl_certificate_key {pem};"
PROXY = """
Port {port}
Listen {address}
Bind {address}
Timeout 60
LogFile "{folder}/proxy.log"
LogLevel Connect
MaxClients 50
ConnectPort 443
DisableViaHeader No
ViaProxyName "proxy.test"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """nginx on port 80 of every address; what it serves is below `www`, and git repositories below `git`."""

    folder: Path

    def write(self, name: str, text: str, *, second: int) -> None:
        """Write a file as if in this second: nginx's ETag is made of the second and the size."""
        path = self.folder / "www" / name
        path.with_suffix(".new").write_text(text)
        os.utime(path.with_suffix(".new"), (1_700_000_000 + second,) * 2)
        path.with_suffix(".new").replace(path)

    def asked(self, path: str) -> list[dict[str, Any]]:
        """Return what the access log has of this path, oldest first."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [asked for asked in map(json.loads, lines) if asked["path"] == path]


@contextmanager
def nginx(network: Network, *, certificate: Path | None = None) -> Iterator[Nginx]:
    """Serve; with a certificate (and its key, in one file) on port 443 too."""
    require({"nginx": "nginx", "fcgiwrap": "fcgiwrap", "curl": "curl"})
    folder = network.folder / "nginx"
    for name in ("www", "git"):
        (folder / name).mkdir(parents=True)
    tls = "" if certificate is None else TLS.format(pem=certificate)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, tls=tls))
    (folder / "www" / "up").touch()
    with ExitStack() as stack:
        stack.enter_context(network.running("fcgiwrap", "-s", f"unix:{folder}/fcgi.socket"))
        stack.enter_context(network.running("nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)))
        until(lambda: _answers(network, "http://127.0.0.1/up"), "nginx serves", within=60)
        yield Nginx(folder=folder)


def _answers(network: Network, url: str) -> bool:
    command = [*network.wrapper(network.folder), "curl", "--noproxy", "*", "-fs", url]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@dataclass(slots=True, kw_only=True)
class Tinyproxy:
    """A proxy at an address of its own, from which it also asks; `start` and `stop` it at will."""

    network: Network
    address: str
    port: int = 3128
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        """What goes into `https_proxy`."""
        return f"http://{self.address}:{self.port}"

    def start(self) -> None:
        """Run it, and wait until it accepts connections."""
        require({"tinyproxy": "tinyproxy"})
        path = self.network.folder / "tinyproxy.conf"
        path.write_text(PROXY.format(port=self.port, address=self.address, folder=self.network.folder))
        self._running.enter_context(self.network.running("tinyproxy", "-d", "-c", str(path)))
        until(self._listens, "tinyproxy listens", within=60)

    def _listens(self) -> bool:
        knock = ["bash", "-c", f"exec 3<> /dev/tcp/{self.address}/{self.port}"]
        whole = [*self.network.wrapper(self.network.folder), *knock]
        return subprocess.run(whole, capture_output=True, check=False).returncode == 0

    def stop(self) -> None:
        """End it, if it runs."""
        self._running.close()

    def log(self) -> str:
        """Return what it has written down."""
        path = self.network.folder / "proxy.log"
        return path.read_text() if path.exists() else ""


@contextmanager
def tinyproxy(network: Network, address: str) -> Iterator[Tinyproxy]:
    """Give a proxy that is not yet started; it has ended at the end."""
    proxy = Tinyproxy(network=network, address=address)
    try:
        yield proxy
    finally:
        proxy.stop()
