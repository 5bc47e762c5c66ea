# SPDX-License-Identifier: Apache-2.0
"""SIGTERM under load: what was accepted is answered, the server ends with 0, and the next start has
everything that was acknowledged."""

import http.client
import threading
import time

from reader import Ledger
from rig import KV, QUICK, Claims, Live

ROUNDS = 2 if QUICK else 10
WRITERS = 8


class Writer(threading.Thread):
    def __init__(self, server, number):
        super().__init__()
        self.client, self.path = server.client(), f"{KV}load/{number}"
        self.acknowledged = self.refused = self.cut = 0
        self.odd = []

    def run(self):
        try:
            while True:
                # A connection for each: one that is accepted is answered, and is not only idle.
                self.client.close()
                self.client.connection = http.client.HTTPConnection("127.0.0.1", self.client.port, timeout=20)
                try:
                    self.client.connection.connect()
                except OSError:
                    return
                self.one()
        finally:
            self.client.close()

    def one(self):
        try:
            reply = self.client.call("POST", self.path, {"data": {"n": self.acknowledged + 1}})
        except (OSError, http.client.HTTPException):
            # Connected by the kernel, never accepted by the server.
            self.cut += 1
            return
        if reply.status == 200:
            self.acknowledged = reply.json["data"]["version"]
        elif reply.status == 503:
            self.refused += 1
        else:
            self.odd.append(reply.status)


class Slow(threading.Thread):
    """Is in the middle of its request when the signal comes."""

    def __init__(self, server):
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        body = b'{"data":{"slow":"yes"}}'
        self.rest = body[8:]
        self.connection.putrequest("POST", KV + "slow")
        for name, value in (
            ("X-Vault-Token", server.root_token),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ):
            self.connection.putheader(name, value)
        self.connection.endheaders(body[:8])
        self.status = None

    def run(self):
        time.sleep(0.3)
        try:
            self.connection.send(self.rest)
            self.status = self.connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            self.status = error
        self.connection.close()


def one_round(server):
    writers = [Writer(server, n) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(0.2)
    slow = Slow(server)
    time.sleep(0.1)
    slow.start()
    began = time.monotonic()
    status = server.terminate()
    took = time.monotonic() - began
    for thread in (*writers, slow):
        thread.join()
    assert status == 0, f"exit status {status}:\n{server.log[-2000:]}"
    odd = [s for w in writers for s in w.odd]
    assert not odd, f"answers that are neither 200 nor 503: {odd}"
    assert slow.status in (200, 503), f"a request in flight was not answered: {slow.status}"
    server.start()
    client = server.client()
    for number, writer in enumerate(writers):
        # Neither is lost what was answered, nor was anything done that was not answered.
        version = client.call("GET", f"{KV}load/{number}").json["data"]["metadata"]["version"]
        assert version == writer.acknowledged, f"{version} were written, acknowledged {writer.acknowledged}"
    if slow.status == 200:
        assert client.call("GET", KV + "slow").json["data"]["data"] == {"slow": "yes"}
    Ledger(client)
    return took, sum(w.acknowledged for w in writers), sum(w.cut for w in writers), slow.status


def main():
    claims = Claims()
    with Live() as server:
        told = []
        for number in range(ROUNDS):
            with claims.claim(f"SIGTERM {number + 1}: exit 0, what was accepted is answered and kept"):
                told.append(one_round(server))
        with claims.claim("a server that does nothing ends at once"):
            began = time.monotonic()
            assert server.terminate() == 0
            assert time.monotonic() - began < 2
    if told:
        claims.figure(f"worst end {max(t[0] for t in told):.2f} s, {told[-1][1]} acknowledged writes")
        claims.figure(f"{sum(t[2] for t in told)} connections of the kernel's backlog were cut unread")
        claims.figure(f"requests half sent at the signal were answered {sorted({t[3] for t in told})}")
    claims.end()


if __name__ == "__main__":
    main()
