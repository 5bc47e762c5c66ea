# SPDX-License-Identifier: Apache-2.0
"""Real databases of one's own, in a temporary folder, to be killed, starved, paused, copied and put
back.  A database that is not on this machine is an Absent, with the reason."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from server import free_port

START_S = 60


class Absent(Exception):
    """The database's programs are not here."""


def children(pid):
    """All processes below one, nearest first."""
    out = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == pid and fields[0] != "Z":
                    out.append(int(entry.name))
    return out + [p for child in out for p in children(child)]


class Database:
    """What all have in common.  `disk` gives it a file system of so many MiB, that can be filled."""

    name = scheme = None

    def __init__(self, disk=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"tee-secrets-{self.name}-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.process = None
        self.user = None
        self.mounted = False
        if disk:
            self.mount(disk)
        self.data = self.folder / "data"
        self.log_file = self.folder / "log"
        self.made = False

    @property
    def target(self):
        return ["127.0.0.1", self.port]

    def mount(self, mebibytes):
        options = f"size={mebibytes}m,mode=0755"
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)], capture_output=True, text=True, check=False
        )
        self.mounted = done.returncode == 0

    def own(self, *paths):
        if self.user is not None:
            for path in paths:
                os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def switch(self):
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def launch(self, command):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **self.switch()
            )

    def command(self):
        raise NotImplementedError

    def answers(self):
        raise NotImplementedError

    def make(self):
        """Its folder, the first time."""

    def start(self):
        if not self.made:
            self.make()
            self.made = True
        until = time.monotonic() + START_S
        self.launch(self.command())
        while not self.answers():
            if self.process.poll() is not None:
                # What a kill left behind may take a moment to end.
                time.sleep(0.1)
                self.launch(self.command())
            assert time.monotonic() < until, f"{self.name} does not start:\n{self.log[-2000:]}"
            time.sleep(0.02)

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    @property
    def runs(self):
        return self.process is not None and self.process.poll() is None

    def everyone(self):
        return [self.process.pid, *children(self.process.pid)]

    def signal(self, number):
        for pid in self.everyone():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """-9, all of it."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def crash(self):
        """As its own tools would end it at once."""
        self.kill()

    def stop(self):
        """As an operator would; everything is on the disk afterwards."""
        raise NotImplementedError

    def keep(self, to):
        """A copy of a database that does not run."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.data, to, symlinks=True)

    def restore(self, kept):
        """A copy of the kept one becomes its data."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(kept, self.data, symlinks=True)
        self.own(self.data, *(self.data.rglob("*") if self.user else ()))
        self.data.chmod(0o700)

    def lend(self, to):
        """Its data is another folder from now on, until it is given back."""
        shutil.rmtree(to, ignore_errors=True)
        self.data.rename(to)

    def take(self, folder):
        shutil.rmtree(self.data, ignore_errors=True)
        folder.rename(self.data)

    def adopt(self):
        """What was another's data before is told that it lives here now."""

    def fill(self):
        """The file system is full."""
        fd = os.open(self.folder / "filler", os.O_CREAT | os.O_WRONLY, 0o600)
        for size in (1 << 20, 65536, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    os.write(fd, b"\0" * size)
        os.close(fd)

    def free(self):
        (self.folder / "filler").unlink(missing_ok=True)

    def files(self):
        return [path for path in sorted(self.data.rglob("*")) if path.is_file()]

    def remove(self):
        if self.runs:
            self.resume()
            self.kill()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Database):
    name = "postgresql"

    def __init__(self, disk=None):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[4]))
        if not found:
            raise Absent("no PostgreSQL server on this machine")
        self.programs = found[-1].parent
        super().__init__(disk)
        if os.geteuid() == 0:
            # It refuses to be root.
            self.user = next((u for u in map(user_named, ("postgres", "nobody")) if u), None)
            self.own(self.folder)

    def uri(self, port):
        return f"postgresql://tee_secrets@127.0.0.1:{port}/tee_secrets"

    def make(self):
        settings = """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            max_wal_size = 64MB
            min_wal_size = 32MB
            shared_buffers = 32MB
            max_connections = 60
        """
        self.run(self.programs / "initdb", "-D", self.data, "-A", "trust", "-U", "operator", "-E", "UTF8", "--locale=C")
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as file:
            file.write("\n".join(line.strip() for line in settings.splitlines()) + f"\nport = {self.port}\n")
        self.made = True
        self.start()
        self.sql("CREATE ROLE tee_secrets LOGIN", "postgres")
        self.sql("CREATE DATABASE tee_secrets OWNER tee_secrets", "postgres")
        self.stop()

    def adopt(self):
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as file:
            file.write(f"port = {self.port}\n")

    def run(self, *command):
        done = subprocess.run(
            [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            cwd=self.folder, timeout=120, **self.switch(),
        )  # fmt: skip
        assert done.returncode == 0, f"{command[0].name}: {done.stderr}{done.stdout}"
        return done.stdout

    def sql(self, text, database="tee_secrets"):
        return self.run(
            pathlib.Path(shutil.which("psql") or self.programs / "psql"),
            "-h", "127.0.0.1", "-p", self.port, "-U", "operator", "-d", database, "-Atqc", text,
        )  # fmt: skip

    def command(self):
        return [str(self.programs / "postgres"), "-D", str(self.data)]

    def answers(self):
        done = subprocess.run(
            [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        )
        return done.returncode == 0

    def crash(self):
        """pg_ctl -m immediate."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


def request(words):
    raws = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(raws) + b"".join(b"$%d\r\n%s\r\n" % (len(raw), raw) for raw in raws)


def flat(file):
    """One answer; arrays in arrays become one list."""
    line = file.readline().strip()
    length = int(line[1:]) if line[:1] in b"$*" else 0
    if line[:1] == b"$":
        return [file.read(length + 2)[:-2] if length >= 0 else None]
    if line[:1] == b"*":
        return [word for _ in range(length) for word in flat(file)]
    return [line]


class Redis(Database):
    name = "redis"

    def __init__(self, disk=None):
        self.program = shutil.which("redis-server")
        if not self.program:
            raise Absent("no Redis server on this machine")
        super().__init__(disk)

    def uri(self, port):
        return f"redis://127.0.0.1:{port}/0"

    def make(self):
        self.data.mkdir(mode=0o700)

    def command(self):
        return [
            self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.data), "--daemonize", "no",
            "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
        ]  # fmt: skip

    def ask(self, *words):
        """The first line of the answer to one command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request(words))
            with connection.makefile("rb") as file:
                return file.readline().strip()

    def many(self, *words):
        """What one command answers with, when that is a bulk string or an array of them."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request(words))
            with connection.makefile("rb") as file:
                return flat(file)

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask("PING") == b"+PONG"
        return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def user_named(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


KINDS = {"postgresql": Postgres, "redis": Redis}
