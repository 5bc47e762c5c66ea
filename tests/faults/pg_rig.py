# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL of a test's own: in a temporary folder, on a Unix socket and a free port.

As root it runs as another user, for PostgreSQL refuses to run as root."""

import ctypes
import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class Absent(Exception):
    """PostgreSQL is not installed."""


def programs():
    found = sorted(
        glob.glob("/usr/lib/postgresql/*/bin/initdb"),
        key=lambda path: int(path.split("/")[4]) if path.split("/")[4].isdigit() else 0,
    )
    if found:
        return pathlib.Path(found[-1]).parent
    path = shutil.which("initdb")
    if path is None:
        raise Absent("PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin")
    return pathlib.Path(path).parent


def other_user():
    """Whom to run as: None when this is not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Absent("there is no user to run PostgreSQL as")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Postgres:
    """`with Postgres() as db:` gives .uri(), .sql(), .stop(), .kill(), .pause(), .resume(),
    .restart(), .copy_to()."""

    def __init__(self, conf="", folder=None):
        self.bin = programs()
        self.user = other_user()
        self.conf = conf
        self.port = free_port()
        self.made = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="tsec-pg-"))
        self.data = self.folder / "data"
        self.process = None
        self._own(self.folder)

    def __enter__(self):
        try:
            if not self.data.exists():
                self.init()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _own(self, path):
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def _become(self):
        """In the child: the other user, and an end when the test ends."""
        if self.user is not None:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG

    def _run(self, *argv):
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(
                [str(self.bin / argv[0]), *argv[1:]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=self._become,
            )

    @property
    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def init(self):
        made = self._run(
            "initdb", "-D", "data", "-U", "tsec", "-A", "trust", "-E", "UTF8",
            "--no-sync", "--no-locale", "--no-instructions",
        )  # fmt: skip
        assert made.wait(60) == 0, self.log
        with open(self.data / "postgresql.auto.conf", "a") as conf:
            conf.write(
                "shared_buffers = 32MB\nmax_connections = 60\n"
                f"listen_addresses = '127.0.0.1'\n{self.conf}\n"
            )

    # ---- its processes ----

    def start(self, wait=True):
        self.process = self._run(
            "postgres", "-D", "data", "-p", str(self.port), "-k", str(self.folder)
        )
        if wait:
            self.wait_ready()

    def ready(self):
        done = subprocess.run(
            [str(self.bin / "pg_isready"), "-q", "-t", "2", "-h", str(self.folder),
             "-p", str(self.port)],
            check=False,
        )  # fmt: skip
        return done.returncode == 0

    def wait_ready(self, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"PostgreSQL ended by itself:\n{self.log[-4000:]}")
            if self.ready():
                return
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL does not answer:\n{self.log[-4000:]}")

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def pids(self):
        """The postmaster, and every process of it."""
        if not self.running:
            return []
        mother = self.process.pid
        found = [mother]
        for stat in glob.glob("/proc/[0-9]*/stat"):
            try:
                fields = pathlib.Path(stat).read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == mother:
                found.append(int(stat.split("/")[2]))
        return found

    def _signal_all(self, number):
        for pid in self.pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def stop(self, mode="fast"):
        """mode: smart, fast, or immediate, which is a crash."""
        if not self.running:
            return
        self.resume()
        number = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        self.process.send_signal(number[mode])
        self.process.wait(30)

    def kill(self):
        """kill -9 of all its processes."""
        self._signal_all(signal.SIGKILL)
        self.process.wait(30)

    def pause(self):
        self._signal_all(signal.SIGSTOP)

    def resume(self):
        self._signal_all(signal.SIGCONT)

    def restart(self, mode="immediate"):
        if mode == "kill":
            self.kill()
        else:
            self.stop(mode)
        self.start()

    def close(self):
        if self.running:
            self.resume()
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        if self.made:
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- older copies ----

    def copy_to(self, folder):
        """A copy of the data folder of a stopped server: what a host keeps to put back."""
        assert not self.running
        shutil.copytree(self.data, folder, symlinks=True)

    def put_back(self, folder):
        """The opposite of copy_to()."""
        assert not self.running
        shutil.rmtree(self.data)
        shutil.copytree(folder, self.data, symlinks=True)
        for path in [self.data, *self.data.rglob("*")]:
            self._own(path)

    def fork(self, conf=""):
        """A second cluster, not yet started, on a copy of this stopped one."""
        other = Postgres(conf or self.conf)
        self.copy_to(other.data)
        for path in [other.data, *other.data.rglob("*")]:
            other._own(path)
        return other

    # ---- for clients ----

    def uri(self, tcp=False, schema=None, port=None, database="postgres"):
        """`port`: of a proxy before it."""
        host = "127.0.0.1" if tcp or port else str(self.folder)
        more = f"&schema={schema}" if schema else ""
        return f"postgresql://tsec@/{database}?host={host}&port={port or self.port}{more}"

    def sql(self, text):
        """Runs SQL as the superuser; rows of text, tabs between the columns."""
        done = subprocess.run(
            [str(self.bin / "psql"), "-X", "-A", "-t", "-q", "-F", "\t", "-v", "ON_ERROR_STOP=1",
             "-h", str(self.folder), "-p", str(self.port), "-U", "tsec", "postgres", "-c", text],
            check=True,
            capture_output=True,
            text=True,
        )  # fmt: skip
        return done.stdout.splitlines()
