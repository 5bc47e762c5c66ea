# SPDX-License-Identifier: Apache-2.0
"""What every fault test is lent: the server of the client suites, made to be killed, starved and
refused; a plain client that keeps its connection; and claims that are counted."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

from server import Server  # noqa: E402

QUICK = bool(os.environ.get("FAULTS_QUICK"))
# A server built with sanitizers starts slowly.
START_PATIENCE = 60
# Leaks are looked for by attaching to oneself, which a process that is not dumpable refuses.
SANITIZER = {"ASAN_OPTIONS": "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")}
KV = "/v1/secret/data/"
METADATA = "/v1/secret/metadata/"


def sanitized(build):
    """Whether the server was built with sanitizers, whose memory grows as it frees."""
    return b"__asan_init" in (pathlib.Path(build) / "tee-secretsd").read_bytes()


class Reply:
    def __init__(self, status, headers, raw):
        self.status, self.headers, self.raw = status, headers, raw

    @property
    def json(self):
        return json.loads(self.raw) if self.raw else None

    @property
    def index(self):
        """The leaf that this access is in, None when it was not audited."""
        told = self.headers.get("TEE-Secrets-Audit-Index")
        return None if told is None else int(told)


class Client:
    """One connection, opened when needed.  A connection that dies is an OSError or HTTPException."""

    def __init__(self, port, token=None, timeout=30):
        self.port, self.token, self.timeout = port, token, timeout
        self.connection = None

    def call(self, method, path, body=None, headers=None):
        sent = {"X-Vault-Token": self.token} if self.token else {}
        sent.update(headers or {})
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, data, sent)
            reply = self.connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Live(Server):
    """`with Live() as server:` is initialized; .client() speaks as root."""

    user = None  # another user's number, to run as

    @property
    def database(self):
        return self.folder / "store.db"

    def client(self, token=None, timeout=30):
        return Client(self.port, token or self.root_token, timeout)

    def launch(self):
        """Begins to start, and does not wait."""
        switch = {}
        if self.user is not None:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, self.user, self.user)
            switch = {"user": self.user, "group": self.user, "extra_groups": []}
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [str(self.build / "tee-secretsd"), "-c", str(self.folder / "server.yaml")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env=dict(os.environ, TEE_SECRETS_DEV_DIR=str(self.folder), **SANITIZER),
                **switch,
            )  # fmt: skip

    def start(self):
        self.launch()
        assert self.answers(), f"the server does not start:\n{self.log[-3000:]}"

    def answers(self):
        """Whether it came up; False when it ended instead."""
        until = time.monotonic() + START_PATIENCE
        probe = Client(self.port, timeout=5)
        try:
            while time.monotonic() < until:
                if self.process.poll() is not None:
                    return False
                with contextlib.suppress(OSError, http.client.HTTPException):
                    probe.call("GET", "/v1/sys/health")
                    return True
                time.sleep(0.004)
        finally:
            probe.close()
        raise RuntimeError("the server neither answers nor ends")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self, patience=30):
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(patience)

    def cli(self, *arguments, check=True, timeout=120, token=None):
        """The command line, in a home of its own that remembers checkpoints from call to call."""
        done = subprocess.run(
            [str(self.build / "tee-secrets"), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False,
            env={
                "PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                "XDG_STATE_HOME": str(self.folder / "state"),
                "TEE_SECRETS_ADDR": self.url, "TEE_SECRETS_TOKEN": token or self.root_token or "",
            },
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"tee-secrets {' '.join(arguments)}: {done.stderr}{done.stdout}"
        return done

    def keep_database(self, to):
        """Copies the database of a server that does not run, and nothing but it."""
        for suffix in ("", "-wal", "-shm"):
            source = pathlib.Path(str(self.database) + suffix)
            target = pathlib.Path(str(to) + suffix)
            if source.exists():
                shutil.copyfile(source, target)
            elif target.exists():
                target.unlink()

    def restore_database(self, kept, by_accident=False):
        """Puts a copy in its place; by intent unless told, so that what this machine noted of a newer
        one goes as well."""
        for noted in [] if by_accident else self.folder.glob("last-seen*"):
            noted.unlink()
        for suffix in ("", "-wal", "-shm"):
            source = pathlib.Path(str(kept) + suffix)
            target = pathlib.Path(str(self.database) + suffix)
            if source.exists():
                shutil.copyfile(source, target)
            elif target.exists():
                target.unlink()


class Claims:
    """Counts, and prints each as it is decided."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.began = time.monotonic()

    @contextlib.contextmanager
    def claim(self, text):
        """The claim holds when the block ends without an assertion or error."""
        try:
            yield
        except Exception as error:  # one broken claim does not hide the others
            self.failed += 1
            print(f"FAILED: {text}: {error}")
            traceback.print_exc(limit=-4, file=sys.stdout)
        else:
            self.passed += 1
            print(f"ok: {text}")

    def skip(self, text, reason):
        self.skipped += 1
        print(f"skipped: {text}: {reason}")

    def figure(self, text):
        print(f"figure: {text}")

    def end(self):
        print(f"figure: {time.monotonic() - self.began:.1f} s in all")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        if self.failed or not self.passed + self.skipped:
            sys.exit(1)
        sys.exit(0 if self.passed or not QUICK else 77)
