"""A machine with a real systemd as its PID 1: namespaces over an overlay of this one's root file system.

Nothing of it outlives its PID 1: the overlay, its mounts and its network belong to namespaces that end with
it, and it is killed when the test process ends, however that ends. It has no network but its own loopback.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "/opt/tagdrift"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# In a mount namespace of its own: the overlay, with the installed program at its place.
LAY = """
set -eu
folder=$1 prefix=$2
mount -t tmpfs -o mode=755,size=2g tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
mkdir -p "$folder/root$3"
mount --bind "$prefix" "$folder/root$3"
cd "$folder/root"
"""

# A root to install in, with the network and the clients of this machine.
INSTALL = (
    LAY
    + """
mount -t proc proc proc
mount --rbind /dev dev
shift 3
exec chroot . "$@"
"""
)

# Join the cgroup that the new PID 1 will take for the root of all, then become the parent of its namespaces.
ENTER = (
    LAY
    + """
echo $$ > "$4/cgroup.procs"
exec unshare --pid --fork --mount --cgroup --uts --ipc --net --kill-child bash -c "$5"
"""
)

# In all of the new namespaces: what a kernel and an initrd would have set up.
BECOME = f"""
set -eu
mount --make-rprivate /
mount --rbind . . && cd "$PWD"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
    touch "dev/$node"
    mount --bind "/dev/$node" "dev/$node"
done
ln -s /proc/self/fd dev/fd
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
tr -d - < /proc/sys/kernel/random/uuid > etc/machine-id
ip link set lo up
pivot_root . mnt && cd /
umount -l /mnt
# Credentials are handed over by a mount that must reach the services' namespaces.
mount --make-rshared /
exec env -i container=unshare {PATH} /lib/systemd/systemd --system --unit=basic.target
"""


def until(holds: Callable[[], bool], what: str, within: float = 60.0) -> float:
    """Wait for something outside of this process to come about; return the seconds it took."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < within, f"not within {within} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - begun


@dataclass(kw_only=True)
class Machine:
    """A running machine; `leader` is its PID 1 as this machine numbers it."""

    leader: int
    console: Path
    stack: ExitStack = field(default_factory=ExitStack)

    def run(self, *command: str, check: bool = True, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command in there, as root."""
        enter = ["nsenter", "-t", str(self.leader), "--all", "env", "-i", PATH, "LANG=C.UTF-8", *command]
        done = subprocess.run(enter, capture_output=True, text=True, timeout=timeout, check=False)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def run_as(self, user: str, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in there as somebody else, with that user's groups."""
        return self.run("runuser", "-u", user, "--", *command, check=check)

    def path(self, name: str) -> Path:
        """Return where an absolute path of that machine is to be found from here."""
        return Path(f"/proc/{self.leader}/root{name}")

    def outside(self, pid: int) -> int:
        """Return the id that a process of that machine has on this one."""
        namespace = Path(f"/proc/{self.leader}/ns/pid").readlink()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "ns/pid").readlink() == namespace and _inner_id(process) == pid:
                    return int(process.name)
        raise AssertionError(f"that machine has no process {pid}")

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        """Write a file there, with the folders above it."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def beside(self, *command: str) -> subprocess.Popen[str]:
        """Start a program of this machine on that one's network; it is ready when it says a line."""
        enter = ["setpriv", "--pdeathsig", "KILL", "nsenter", "-t", str(self.leader), "--net", *command]
        process = self.stack.enter_context(_ended(subprocess.Popen(enter, stdout=subprocess.PIPE, text=True)))
        assert process.stdout is not None
        assert process.stdout.readline(), f"{command} ended before it was ready"
        return process


def _inner_id(process: Path) -> int:
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[-1]) for line in lines if line.startswith("NSpid:"))


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def install(prefix: Path, wheel: Path) -> None:
    """Install the wheel as README says, for the system's own Python, so that it will be at /opt/tagdrift."""
    prefix.mkdir()
    folder = prefix.with_name(f"{prefix.name}.root")
    folder.mkdir()
    inside = f"/usr/bin/python3 -m venv {PREFIX} && {PREFIX}/bin/pip install -q {wheel}"
    _privately(INSTALL, folder, prefix, PREFIX, "bash", "-c", inside)


def _privately(script: str, *arguments: object) -> None:
    command = ["unshare", "--mount", "--propagation=private", "bash", "-c", script, "bash"]
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


@contextmanager
def booted(folder: Path, prefix: Path) -> Iterator[Machine]:
    """Boot a machine that has this installation at /opt/tagdrift; it is killed at the end."""
    assert os.geteuid() == 0, "a machine of namespaces needs root"
    folder.mkdir()
    with ExitStack() as stack:
        group = stack.enter_context(_control_group(folder.name))
        outer = stack.enter_context(_unshared(folder, prefix, group))
        machine = Machine(leader=_leader(outer), console=folder.with_name(f"{folder.name}.console"))
        stack.enter_context(machine.stack)
        until(lambda: _is_up(machine), f"a running system, see {machine.console}")
        yield machine


@contextmanager
def _unshared(folder: Path, prefix: Path, group: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation=private"]
    arguments = [str(each) for each in (folder, prefix, PREFIX, group)]
    console = folder.with_name(f"{folder.name}.console").open("wb")
    with console:
        outer = subprocess.Popen(
            [*command, "bash", "-c", ENTER, "bash", *arguments, BECOME],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield outer
    finally:
        # Its only child, PID 1 of the namespace, is killed with it, and takes along all that runs there.
        outer.kill()
        outer.wait()


@contextmanager
def _control_group(name: str) -> Iterator[Path]:
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    home = next((Path(fields[1]) for fields in mounts if fields[2] == "cgroup2"), None)
    assert home is not None, "a machine of namespaces needs the cgroup2 file system"
    group = home / f"tagdrift-{os.getpid()}-{name}"
    group.mkdir()
    try:
        yield group
    finally:
        until(lambda: "populated 0" in (group / "cgroup.events").read_text(), f"an end of all in {group}")
        for below in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            below.rmdir()
        group.rmdir()


def _leader(outer: subprocess.Popen[bytes]) -> int:
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")

    def has_child() -> bool:
        assert outer.poll() is None, "the namespaces could not be made, see the console"
        return Path(f"/proc/{outer.pid}/comm").read_text() == "unshare\n" and bool(children.read_text())

    until(has_child, "the first process of the namespaces")
    return int(children.read_text().split()[0])


def _is_up(machine: Machine) -> bool:
    try:
        if Path(f"/proc/{machine.leader}/comm").read_text() != "systemd\n":
            return False
    except OSError as error:
        raise AssertionError(f"PID 1 has ended:\n{machine.console.read_text()}") from error
    state = machine.run("systemctl", "is-system-running", check=False).stdout.strip()
    return state in {"running", "degraded"}
