"""What every section may say, and the sentence for what it may not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import DaemonConfig
from monitor.config.secrets import HOW
from monitor.model import Policy
from tests.configured import loaded, problem, problems

TOKEN = "0123456789abcdef"


def test_every_problem_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    text = """
        [deamon]
        [daemon]
        interval = "5 minutes"
        jitter = 2
        [credentials]
        github = "x"
        [receivers.ops]
        [[routes]]
        receivers = ["opps"]
        [policy]
        treshold = "2h"
        unlisted = "of"
    """
    assert problems(tmp_path, text) == (
        "deamon: there is no such key; did you mean daemon?",
        'daemon.interval: found the text "5 minutes"; this is not a duration; write it like 90s, 2h30m or 7d',
        "daemon.jitter: found the number 2; want at most 0.5",
        f"credentials.github: a secret does not belong in this file; keep it elsewhere and write {HOW}",
        "receivers.ops.url: it is missing: Where the Apprise URL is kept.",
        'routes[0].receivers[0]: there is no receiver "opps"; did you mean ops?',
        'policy.unlisted: found the text "of"; want one of "on", "off"',
        "policy.treshold: there is no such key; did you mean threshold?",
    )


def test_nothing_at_all_is_a_configuration_that_warns(tmp_path: Path) -> None:
    found = loaded(tmp_path, "")
    assert found.daemon == DaemonConfig(database=Path("/var/lib/tagdrift/tagdrift.db"))
    assert found.policy == Policy()
    assert found.warnings == (
        "targets: there is none, so nothing is watched",
        "receivers: there is none, so nobody will be told",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("daemon = 3", "daemon: found the number 3; want a table", id="a number"),
        pytest.param("policy = []", "policy: found an array; want a table", id="an array"),
        pytest.param("routes = {}", "routes: found a table; want one [[routes]] for each", id="one route"),
        pytest.param(
            "routes = [3]", "routes[0]: found the number 3; want a table", id="a route that is none"
        ),
        pytest.param(
            "targets = 3",
            "targets: found the number 3; want a table for each, like [targets.NAME]",
            id="targets",
        ),
        pytest.param("receivers.a = 3", "receivers.a: found the number 3; want a table", id="a receiver"),
        pytest.param("targets.a = 3", "targets.a: found the number 3; want a table", id="a target"),
        pytest.param(
            "[targets]\n'a/b' = {}", 'targets."a/b": this name cannot be used', id="a name with a slash"
        ),
        pytest.param("[targets]\n'' = {}", 'targets."": this name cannot be used', id="no name"),
        pytest.param(
            "[receivers]\n'.a' = {}", 'receivers.".a": this name cannot be used', id="a hidden name"
        ),
    ],
)
def test_a_section_of_the_wrong_shape_is_named(tmp_path: Path, text: str, said: str) -> None:
    assert problem(tmp_path, text).startswith(said)


# --- [daemon] ------------------------------------------------------------------------------------


def test_the_daemon_takes_all_that_it_is_told(tmp_path: Path) -> None:
    text = """
        [daemon]
        database = "data/t.db"
        public_url = "https://drift.example/t/"
        heartbeat_url = { env = "HEARTBEAT" }
        interval = "1m"
        jitter = 0
        deadline_for = "20s"
        keep_observations = "30d"
        group_over = 5
        give_up_after = "1d"
        listen = "0.0.0.0:80"
        public = true
        trusted_proxies = ["192.0.2.1", "10.0.0.0/8"]
        hosts = ["drift"]
        token = { env = "TOKEN" }
    """
    environ = {"HEARTBEAT": "https://beat.example/ping", "TOKEN": TOKEN}
    found = loaded(tmp_path, text, environ)
    assert found.daemon == DaemonConfig(
        database=tmp_path / "data/t.db",
        public_url="https://drift.example/t",
        heartbeat_url="https://beat.example/ping",
        interval=timedelta(minutes=1),
        jitter=0,
        deadline_for=timedelta(seconds=20),
        keep_observations=timedelta(days=30),
        group_over=5,
        give_up_after=timedelta(days=1),
        listen="0.0.0.0:80",
        public=True,
        trusted_proxies=("192.0.2.1", "10.0.0.0/8"),
        hosts=("drift",),
        token=TOKEN,
    )
    assert set(found.secrets) == set(environ.values())
    assert TOKEN not in repr(found)


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        pytest.param({"STATE_DIRECTORY": "/s"}, "/s/tagdrift.db", id="systemd's"),
        pytest.param({"STATE_DIRECTORY": "/s:/t"}, "/s/tagdrift.db", id="the first of two"),
        pytest.param({"STATE_DIRECTORY": ""}, "/var/lib/tagdrift/tagdrift.db", id="none"),
    ],
)
def test_the_database_is_where_systemd_keeps_state(
    tmp_path: Path, environ: dict[str, str], path: str
) -> None:
    assert loaded(tmp_path, "", environ).daemon.database == Path(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('database = ""', "daemon.database: it is empty"),
        ('public_url = "drift.example"', "daemon.public_url: is not an http or https address"),
        ('public_url = "https://drift.example/?a=b"', "daemon.public_url: has a query"),
        ('heartbeat_url = "beat"', "daemon.heartbeat_url: is not an http or https address"),
        ('heartbeat_url = { env = "SHORT" }', "daemon.heartbeat_url: is not an http or https address"),
        ("heartbeat_url = 3", "daemon.heartbeat_url: found the number 3"),
        ('interval = "0"', "daemon.interval: it is too short; want at least 1s"),
        ('keep_observations = "5m"', "daemon.keep_observations: it is too short; want at least 1h"),
        ('token = { env = "SHORT" }', "daemon.token: it is too short; want at least 16 characters"),
        ("group_over = 0", "daemon.group_over: found the number 0; want at least 1"),
        ("group_over = 1.5", "daemon.group_over: found the number 1.5; want a whole number"),
        ("jitter = nan", "daemon.jitter: found the number nan"),
        ('public = "yes"', 'daemon.public: found the text "yes"; want true or false'),
        ('listen = "8470"', "daemon.listen: want host:port"),
        ('listen = ":8470"', "daemon.listen: want host:port"),
        ('listen = "127.0.0.1:x"', "daemon.listen: want host:port"),
        ('listen = "127.0.0.1:99999"', "daemon.listen: want host:port"),
        (
            'listen = "0.0.0.0:8470"',
            "daemon.listen: 0.0.0.0 can be reached from elsewhere; listen on 127.0.0.1, or",
        ),
        ('listen = "[::]:8470"', "daemon.listen: [::] can be reached from elsewhere"),
        ('listen = "drift.example:80"', "daemon.listen: drift.example can be reached from elsewhere"),
        ('trusted_proxies = ["proxy"]', "daemon.trusted_proxies[0]: want an address or network"),
        ('hosts = ["a", "http://b"]', "daemon.hosts[1]: want a host name"),
        ("hosts = 3", 'daemon.hosts: found the number 3; want an array, like ["…"]'),
        ("hosts = [3]", "daemon.hosts[0]: found the number 3; want a text in quotes"),
    ],
)
def test_what_the_daemon_cannot_do_is_refused(tmp_path: Path, line: str, said: str) -> None:
    assert problem(tmp_path, f"[daemon]\n{line}", {"SHORT": "abc"}).startswith(said)


@pytest.mark.parametrize("listen", ["", "127.0.0.1:0", "localhost:8470", "[::1]:8470", "127.1.2.3:80"])
def test_on_this_machine_it_listens_as_it_is_told(tmp_path: Path, listen: str) -> None:
    assert loaded(tmp_path, f'daemon.listen = "{listen}"').daemon.listen == listen
