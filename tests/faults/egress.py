# SPDX-License-Identifier: Apache-2.0
"""A server as in an enclave: its database has a name that nobody resolves, and is reached through a
socket as a hypervisor's vsock bridge makes them; and what is seen when that bridge goes.

    egress.py postgresql | redis"""

import contextlib
import pathlib
import socket
import sys
import tempfile
import threading
import time

from cluster import Cluster
from databases import KINDS, Absent
from rig import KV, Claims, Client

NAME = "database.invalid:7777"
TIMEOUT_S = 2
SLACK_S = 1.5


class Bridge:
    """Unix socket to TCP, as the parent runs it."""

    def __init__(self, path, port):
        self.path, self.port, self.listener, self.open = path, port, None, []

    def start(self):
        self.path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.path.chmod(0o777)
        self.listener.listen(64)
        threading.Thread(target=self.run, args=(self.listener,), daemon=True).start()

    def run(self, listener):
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.port))
                except OSError:
                    near.close()  # nobody is there now
                    continue
                self.open += [near, far]
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

    def pump(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.path.unlink(missing_ok=True)
        for each in self.open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.open = []


def move_into_an_enclave(replica, path, port):
    """The same server, whose database is now somewhere else."""
    config = replica.folder / "server.yaml"
    text = config.read_text()
    here = f"127.0.0.1:{port}"
    assert here in text
    config.write_text(text.replace(here, NAME) + f'\negress:\n  "{NAME}": "unix:{path}"\n')
    replica.kill()
    replica.launch()


def status(replica, path="/v1/sys/health"):
    client = Client(replica.port, timeout=10)
    try:
        return client.call("GET", path).status
    except OSError:
        return 0
    finally:
        client.close()


def wait_for(what, seconds=15):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return time.monotonic()
        time.sleep(0.02)
    raise AssertionError("it does not come")


def refusals(replica):
    client = replica.client()
    for _ in range(5):
        began = time.monotonic()
        reply = client.call("GET", KV + "kept")
        took = time.monotonic() - began
        assert reply.status == 503 and reply.headers.get("Retry-After") == "1", reply.raw
        assert took < TIMEOUT_S + SLACK_S, took
    client.close()


def check(claims, cluster, bridge):
    replica = cluster.replicas[0]
    with claims.claim("a database that only the parent can reach is reached"):
        bridge.start()
        move_into_an_enclave(replica, bridge.path, cluster.proxy.ports[0])
        wait_for(lambda: status(replica) == 200)
        reply = replica.client().call("POST", KV + "kept", {"data": {"value": "v" * 100000}})
        assert reply.status == 200, reply.raw
        assert len(replica.client().call("GET", KV + "kept").json["data"]["data"]["value"]) == 100000
    with claims.claim("when the parent is gone, requests get 503 in time, and health says so"):
        bridge.stop()
        refusals(replica)
        assert replica.health()["store"]["state"] == "failed"
        wait_for(lambda: status(replica) == 503)
    with claims.claim("when it is back, so is service, though nobody asks for anything"):
        bridge.start()
        back = time.monotonic()
        took = wait_for(lambda: status(replica) == 200) - back
        claims.figure(f"healthy again after {took:.2f} s")
        assert took < 3, took
        assert replica.client().call("GET", KV + "kept").status == 200
    with claims.claim("the log has a line when it goes and a line when it comes"):
        for words in ("egress: nobody takes connections there", "egress: connections are taken again",
                      "the database does not answer, or refuses", "the database answers again"):  # fmt: skip
            assert 1 <= replica.log.count(words) <= 3, f"{words}: {replica.log.count(words)}"


def main():
    claims = Claims()
    try:
        database = KINDS[sys.argv[1]]()
    except Absent as reason:
        claims.skip(f"egress to {sys.argv[1]}", str(reason))
        claims.end()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        with Cluster(database, 1, settings={"timeout": f"{TIMEOUT_S}s"}) as cluster:
            check(claims, cluster, Bridge(pathlib.Path(folder) / "parent", database.port))
    claims.end()


if __name__ == "__main__":
    main()
