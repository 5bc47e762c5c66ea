# SPDX-License-Identifier: Apache-2.0
"""A real redis-server on a folder of its own, to be killed, paused, copied and started again.

It keeps what it acknowledges (appendonly, appendfsync always) unless it is told otherwise."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

START_PATIENCE = 20


def available():
    return shutil.which("redis-server") is not None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class RedisError(Exception):
    """What Redis answered with."""


class Redis:
    """`with Redis(folder) as redis:` runs; `settings` go over those of the rig, "_" for "-"."""

    def __init__(self, folder, sentinel=None, **settings):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = self.folder / "redis.sock"
        self.port = free_port()
        self.process = None
        self.sentinel = sentinel  # the text of sentinel.conf: a sentinel instead of a database
        self.settings = {} if sentinel else {
            "appendonly": "yes", "appendfsync": "always", "save": "",
            "repl-diskless-sync-delay": "0",
        }  # fmt: skip
        self.settings.update({name.replace("_", "-"): value for name, value in settings.items()})

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    # ---- life ----

    def start(self):
        binary = shutil.which("redis-server")
        words = [binary]
        if self.sentinel is not None:
            conf = self.folder / "sentinel.conf"
            if not conf.exists():
                conf.write_text(self.sentinel)
            words += [str(conf), "--sentinel"]
        words += ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                  "--unixsocket", str(self.socket), "--logfile", "redis.log"]  # fmt: skip
        for name, value in self.settings.items():
            words += [f"--{name}", *([value] if isinstance(value, str) else value)]
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=self.folder
        )
        until = time.monotonic() + START_PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, f"redis-server ended:\n{self.log[-2000:]}"
            try:
                self.ask("PING")
                return
            except RedisError as error:
                if not str(error).startswith("LOADING"):
                    return  # wants a password: it runs
            except OSError:
                pass
            time.sleep(0.01)
        raise RuntimeError(f"redis-server does not answer:\n{self.log[-2000:]}")

    def stop(self):
        self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def restart(self):
        self.kill()
        self.start()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def _end(self, how):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        self.process.send_signal(signal.SIGCONT)
        self.process.wait(30)

    @property
    def log(self):
        path = self.folder / "redis.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # ---- where ----

    def uri(self, options=""):
        return f"redis+unix://{self.socket}" + (f"?{options}" if options else "")

    def tcp_uri(self, options="", port=None, user=""):
        """`port`: of a proxy before it."""
        return f"redis://{user}127.0.0.1:{port or self.port}/0" + (f"?{options}" if options else "")

    # ---- its files ----

    def keep_data(self, to):
        """Copies the append-only files; of one that runs, a copy as a crash might leave it."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder / "appendonlydir", to)

    def restore_data(self, kept):
        """Only while it does not run."""
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        shutil.copytree(kept, self.folder / "appendonlydir")

    def files(self):
        """What is on its disk: append-only files and snapshots."""
        return [p for p in self.folder.rglob("*") if p.is_file() and p.suffix in (".aof", ".rdb")]

    # ---- asking it ----

    def ask(self, *words, timeout=5):
        """One command over a connection of its own; a RedisError for an error."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(timeout)
            s.connect(str(self.socket))
            sent = b"*%d\r\n" % len(words)
            for word in words:
                word = word if isinstance(word, bytes) else str(word).encode()
                sent += b"$%d\r\n%s\r\n" % (len(word), word)
            s.sendall(sent)
            with s.makefile("rb") as reply:
                return self._read(reply)

    def _read(self, reply):
        line = reply.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("redis-server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode(errors="replace"))
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        n = int(rest)
        if n < 0:
            return None
        if kind == b"$":
            return reply.read(n + 2)[:-2]
        return [self._read(reply) for _ in range(n)]

    def info(self, section, field):
        for line in self.ask("INFO", section).decode().splitlines():
            if line.startswith(field + ":"):
                return line.partition(":")[2]
        return None

    def rss_kib(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise RuntimeError("no VmRSS")


def main():
    """By itself: starts one, and says its URI until it is ended."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tee-secrets-redis-") as folder, Redis(folder) as redis:
        print(redis.uri(), redis.tcp_uri(), flush=True)
        redis.process.wait()


if __name__ == "__main__":
    os.setpgrp()
    main()
