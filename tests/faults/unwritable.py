# SPDX-License-Identifier: Apache-2.0
"""A ledger that cannot be written, in three ways: no secret leaves, health says which part, and when
the cause is gone the server goes on by itself."""

import contextlib
import os
import resource
import sqlite3
import subprocess
import threading
import time

from reader import Ledger
from rig import KV, QUICK, SANITIZER, Claims, Live
from server import free_port

SECRET = "must-not-leave-unrecorded"
RECOVERY_S = 2.0


class OnSmallDisk(Live):
    """Its folder is a file system of 4 MiB."""

    def __enter__(self):
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(self.folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise PermissionError(done.stderr.strip())
        self.mounted = True
        return super().__enter__()

    def __exit__(self, *_):
        self.stop()
        if getattr(self, "mounted", False):
            subprocess.run(["umount", "-l", str(self.folder)], check=False)
        super().__exit__(*_)


@contextlib.contextmanager
def full_disk(server):
    filler = server.folder / "filler"
    fd = os.open(filler, os.O_CREAT | os.O_WRONLY, 0o600)
    for size in (65536, 4096, 1):
        with contextlib.suppress(OSError):
            while True:
                os.write(fd, b"\0" * size)
    os.close(fd)
    yield
    filler.unlink()


@contextlib.contextmanager
def no_growth(server):
    """No file may grow past its first bytes: what a quota does."""
    before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (512, before[1]))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def locked(server):
    """Another program holds the database's write lock for longer than anybody waits."""
    other = sqlite3.connect(server.database, isolation_level=None, timeout=10)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


def refusals(server, path):
    """Reads and writes at once, as many clients would; each with its time."""
    out = []

    def ask(method, body):
        client = server.client(timeout=30)
        began = time.monotonic()
        reply = client.call(method, path, body)
        out.append((method, reply, time.monotonic() - began))
        client.close()

    asked = [("GET", None), ("POST", {"data": {"value": "never acknowledged"}})] * 4
    threads = [threading.Thread(target=ask, args=each) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(out) == len(asked), "a request was never answered"
    return out


def check_refused(server, out):
    for method, reply, took in out:
        assert reply.status == 503, f"{method}: {reply.status} {reply.raw[:200]}"
        assert SECRET.encode() not in reply.raw, f"{method}: the secret left"
        assert int(reply.headers["Retry-After"]) > 0, f"{method}: no Retry-After"
        assert reply.json["errors"], f"{method}: no error"
        assert took < 12, f"{method}: {took:.1f} s"
    assert server.process.poll() is None


def check_health(server):
    probe = server.client()
    reply = probe.call("GET", "/v1/tee/health")
    bad = {p["name"] for p in reply.json["parts"] if p["state"] != "ok"}
    assert bad & {"ledger", "store"}, f"health sees nothing wrong: {reply.json}"
    probe.close()


def recovered(server, path):
    """Seconds until a secret is read again."""
    client = server.client()
    began = time.monotonic()
    while time.monotonic() - began < 15:
        reply = client.call("GET", path)
        if reply.status == 200:
            took = time.monotonic() - began
            assert reply.json["data"]["data"]["value"] == SECRET or reply.json["data"]["metadata"]["version"] > 1
            client.close()
            return took
        assert SECRET.encode() not in reply.raw
        time.sleep(0.05)
    raise AssertionError("it does not recover")


def one_way(claims, name, server, cause):
    path = KV + "kept"
    client = server.client()
    assert client.call("POST", path, {"data": {"value": SECRET}}).status == 200
    before = Ledger(client)
    with claims.claim(f"{name}: reads and writes are refused with 503 and Retry-After, no secret in them"):
        with cause(server):
            out = refusals(server, path)
            with claims.claim(f"{name}: health names the part"):
                check_health(server)
            check_refused(server, out)
        claims.figure(f"{name}: slowest refusal {max(t for _, _, t in out):.2f} s")
    with claims.claim(f"{name}: when the cause is gone it serves again by itself within {RECOVERY_S:.0f} s"):
        took = recovered(server, path)
        claims.figure(f"{name}: served again after {took:.2f} s")
        assert took < RECOVERY_S, f"after {took:.2f} s"
    with claims.claim(f"{name}: it writes again, health is good, and the ledger is whole"):
        client = server.client()
        assert client.call("POST", KV + "after", {"data": {"value": "x"}}).status == 200
        assert {p["state"] for p in client.call("GET", "/v1/tee/health").json["parts"]} == {"ok"}
        assert Ledger(client).begins_as(before)
    with claims.claim(f"{name}: a write that was refused did not happen"):
        versions = client.call("GET", path).json["data"]["metadata"]["version"]
        assert versions == 1, f"version {versions}"
    with claims.claim(f"{name}: a restart finds the same"):
        size = Ledger(client).size
        assert server.terminate() == 0
        server.start()
        client = server.client()
        reply = client.call("GET", path)
        assert reply.status == 200 and reply.json["data"]["data"]["value"] == SECRET
        assert Ledger(client).size > size


class Writer(threading.Thread):
    def __init__(self, server, path, stop):
        super().__init__()
        self.client, self.path, self.stop = server.client(), path, stop
        self.acknowledged = self.refused = 0
        self.odd = []

    def run(self):
        while not self.stop.is_set():
            reply = self.client.call("POST", self.path, {"data": {"n": self.acknowledged + 1}})
            if reply.status == 200:
                self.acknowledged += 1
                if reply.json["data"]["version"] != self.acknowledged:
                    self.odd.append(f"version {reply.json['data']['version']} after {self.acknowledged - 1}")
                    return
            elif reply.status == 503 and reply.json["code"] == "unavailable":
                self.refused += 1
            else:
                self.odd.append(f"{reply.status} {reply.raw[:200]}")
                return
        self.client.close()


def on_and_off(claims, server):
    """Writers that do not stop, and a disk that comes and goes."""
    stop = threading.Event()
    writers = [Writer(server, f"{KV}flicker/{n}", stop) for n in range(8)]
    before = Ledger(server.client())
    with claims.claim("a disk that comes and goes: what was answered with 503 did not happen, all else did"):
        for writer in writers:
            writer.start()
        for _ in range(4 if QUICK else 30):
            time.sleep(0.05)
            with no_growth(server):
                time.sleep(0.05)
        stop.set()
        for writer in writers:
            writer.join()
        odd = [o for w in writers for o in w.odd]
        assert not odd, odd
        client = server.client()
        for writer in writers:
            reply = client.call("GET", writer.path).json["data"]
            told = reply["metadata"]["version"], reply["data"]["n"]
            assert told == (writer.acknowledged,) * 2, f"{told}, acknowledged was {writer.acknowledged}"
        assert Ledger(client).begins_as(before)
        refused = sum(w.refused for w in writers)
        assert refused, "the disk was never away"
    claims.figure(f"{sum(w.acknowledged for w in writers)} writes acknowledged and {refused} refused, each as told")


def second_server(claims, server):
    """Two servers of one database would each be right, and the ledger wrong."""
    with claims.claim("a second server on the same database is refused and says why; the first goes on"):
        config = server.folder / "second.yaml"
        config.write_text((server.folder / "server.yaml").read_text().replace(f":{server.port}", f":{free_port()}"))
        config.chmod(0o600)
        done = subprocess.run(
            [str(server.build / "tee-secretsd"), "-c", str(config)], cwd=server.folder, timeout=30,
            env=dict(os.environ, TEE_SECRETS_DEV_DIR=str(server.folder), **SANITIZER), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode > 0, f"exit status {done.returncode}"
        assert "another" in done.stderr and "store.db" in done.stderr, done.stderr[-600:]
        assert server.client().call("POST", KV + "second", {"data": {"a": "b"}}).status == 200
        Ledger(server.client())


def main():
    claims = Claims()
    with Live() as server:
        one_way(claims, "no file may grow", server, no_growth)
        on_and_off(claims, server)
        second_server(claims, server)
    if not QUICK:
        with Live() as server:
            one_way(claims, "locked by another program", server, locked)
    if os.geteuid() != 0:
        claims.skip("full disk", "mounting a small file system needs root")
        claims.end()
    try:
        with OnSmallDisk() as server:
            one_way(claims, "full disk", server, full_disk)
    except PermissionError as error:
        claims.skip("full disk", f"no file system can be mounted: {error}")
    claims.end()


if __name__ == "__main__":
    main()
