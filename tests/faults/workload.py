# SPDX-License-Identifier: Apache-2.0
"""Clients that put, compare-and-set, read and delete a few keys through any of the servers, and write
down every call and what came back, for tests/faults/lin and for the judge.

An answer that says it was done, or that it was refused, is known.  503 and a connection that ended
are not: what was asked may have happened, may happen yet, or never."""

import http.client
import random
import threading
import time

from cluster import GONE
from rig import KV, Client

PUT, CAS, GET, DELETE, ROTATE = "put", "cas", "get", "delete", "rotate"
OPERATIONS = {PUT: "kvWriteData", CAS: "kvWriteData", GET: "kvReadData", DELETE: "kvDeleteData", ROTATE: "sysRotate"}
METHODS = {PUT: "POST", CAS: "POST", GET: "GET", DELETE: "DELETE", ROTATE: "POST"}
UNAVAILABLE = 503
CONFLICT = "check-and-set parameter did not match"
# Longer than any server may take to say that it cannot; one that is stopped answers later.
PATIENCE_S = 30
# Less than server.limits.idle_timeout.
IDLE_S = 30


class Call:
    """One operation, from the moment it was sent."""

    __slots__ = (
        "key", "kind", "value", "expected", "replica", "called", "returned", "status", "version", "read",
        "conflict", "index", "request", "told", "retry_after", "born",
    )  # fmt: skip

    def __init__(self, key, kind, replica, value=None, expected=None):
        self.key, self.kind, self.replica, self.value, self.expected = key, kind, replica, value, expected
        self.called = self.returned = None
        self.status = None  # None: the connection ended
        self.version = self.read = self.index = self.request = self.retry_after = None
        self.born = 0  # when its connection was made
        self.conflict = False
        self.told = ""  # what was wrong

    @property
    def known(self):
        return self.status is not None and self.status < 500

    @property
    def path(self):
        return "/v1/sys/rotate" if self.kind == ROTATE else KV + self.key

    def body(self):
        if self.kind == ROTATE:
            return {}
        if self.kind not in (PUT, CAS):
            return None
        body = {"data": {"value": self.value}}
        if self.kind == CAS:
            body["options"] = {"cas": self.expected}
        return body

    def line(self):
        """As tests/faults/lin reads it; a rotation of keys is of no key's history."""
        key = self.key.replace(" ", "_")
        head = f"{key} {self.called} {self.returned if self.known else '-'} {self.kind}"
        version = (self.version if not self.conflict else "conflict") if self.known else "-"
        if self.kind in (DELETE, ROTATE):
            return head
        if self.kind == GET:
            return f"{head} {(self.read or '-') if self.known else '-'} {version}"
        if self.kind == CAS:
            head += f" {self.expected}"
        return f"{head} {self.value} {version}"

    def __str__(self):
        took = (self.returned - self.called) / 1e9
        return f"server {self.replica}: {self.line()}: {self.status} after {took:.2f} s {self.told}"


class Odd(Exception):
    """An answer that this request cannot have."""


def understand(call, reply):
    """Takes from a reply what it says of the key; Odd when it is none of the answers there may be."""
    body = reply.json or {}
    if call.kind in (PUT, CAS) and reply.status == 200:
        call.version = body["data"]["version"]
    elif call.kind == CAS and reply.status == 400 and CONFLICT in str(body.get("errors")):
        call.conflict = True
    elif call.kind == GET and reply.status == 200:
        call.version, call.read = body["data"]["metadata"]["version"], body["data"]["data"]["value"]
    elif call.kind == GET and reply.status == 404:
        call.version = body["data"]["metadata"]["version"] if body.get("data") else 0
    elif call.kind == DELETE and reply.status == 204 or call.kind == ROTATE and reply.status in (200, 204):
        pass
    else:
        raise Odd


class Speaker:
    """One client: a connection to each server, kept while it lives."""

    def __init__(self, replicas):
        self.clients = [self.connect(replica) for replica in replicas]
        self.calls = []

    def connect(self, replica):
        return Client(replica.port, replica.root_token, PATIENCE_S)

    def ask(self, call):
        """Sends it and writes it down; what could not even be sent is not written down."""
        client = self.clients[call.replica]
        if client.connection is not None and time.monotonic_ns() - client.used > IDLE_S * 1e9:
            client.close()  # the server may be about to
        if not reached(client):
            return False
        call.born, call.called = client.born, time.monotonic_ns()
        self.calls.append(call)
        try:
            reply = self.exchange(client, call)
            call.returned = client.used = time.monotonic_ns()
            call.index, call.request = reply.index, reply.headers.get("X-Request-Id")
            call.retry_after = reply.headers.get("Retry-After")
            call.status = reply.status
            if reply.status != UNAVAILABLE:
                understand(call, reply)
            else:
                call.told = reply.raw[:300].decode(errors="replace")
        except GONE as error:
            call.returned = time.monotonic_ns()
            call.told = f"{type(error).__name__}: {error}"
        except (Odd, KeyError, TypeError, ValueError):
            # It is judged as an error of the server, whatever it was.
            call.told = f"not an answer to this: {reply.status} {reply.raw[:300]}"
            call.status = 599
        return True

    def exchange(self, client, call):
        return client.call(METHODS[call.kind], call.path, call.body())

    def close(self):
        for client in self.clients:
            client.close()


def reached(client):
    """Whether there is a connection; a server that is not there was asked nothing."""
    if client.connection is not None:
        return True
    client.connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=client.timeout)
    client.born = client.used = time.monotonic_ns()
    try:
        client.connection.connect()
        return True
    except OSError:
        client.close()
        return False


class Worker(threading.Thread):
    """Does something, anywhere, again and again."""

    speaker = Speaker

    def __init__(self, workload, number, seed):
        super().__init__(daemon=True)
        self.workload, self.number = workload, number
        self.chance = random.Random(seed)
        self.speaker = type(self).speaker(workload.replicas)
        self.seen = {}  # key: version that was told last
        self.count = 0
        self.wrong = None

    @property
    def calls(self):
        return self.speaker.calls

    def run(self):
        try:
            while not self.workload.over.is_set():
                call = self.next()
                if self.speaker.ask(call):
                    if call.version is not None:
                        self.seen[call.key] = call.version
                    elif call.status == UNAVAILABLE:
                        time.sleep(0.05)
                elif len(self.workload.replicas) == 1:
                    time.sleep(0.01)
                time.sleep(self.chance.uniform(0, self.workload.rest_s))
        except Exception as error:  # told by the main thread
            self.wrong = error
        finally:
            self.speaker.close()

    def next(self):
        key = self.chance.choice(self.workload.keys)
        replica = self.chance.randrange(len(self.workload.replicas))
        kind = self.chance.choices((GET, PUT, CAS, DELETE, ROTATE), (450, 250, 240, 57, 3))[0]
        call = Call(key, kind, replica)
        if kind in (PUT, CAS):
            self.count += 1
            call.value = f"{self.number}.{self.count}"
        if kind == CAS:
            call.expected = self.seen.get(key, 0)
        return call


class Workload:
    """`with Workload(replicas, ...) as workload:` runs until the block ends; then .calls has all."""

    worker = Worker

    def __init__(self, replicas, seed, clients=12, keys=6, rest_s=0.02, name="key"):
        self.replicas, self.rest_s = replicas, rest_s
        self.keys = [f"{name}/{n}" for n in range(keys)]
        self.over = threading.Event()
        chance = random.Random(seed)
        self.workers = [self.worker(self, n, chance.getrandbits(64)) for n in range(clients)]
        self.calls = []

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        return self

    def __exit__(self, kind, *_):
        self.over.set()
        for worker in self.workers:
            worker.join(2 * PATIENCE_S)
        if kind is None:
            self.finish()

    def finish(self):
        """Every key is read through every server once more, so that nothing can be missing unseen."""
        for worker in self.workers:
            assert not worker.is_alive(), "a request was never answered"
            if worker.wrong is not None:
                raise worker.wrong
            self.calls += worker.calls
        last = Speaker(self.replicas)
        for replica in range(len(self.replicas)):
            for key in self.keys:
                call = Call(key, GET, replica)
                assert last.ask(call) and call.known, f"not to be read in the end: {call}"
        last.close()
        self.calls += last.calls
        self.calls.sort(key=lambda call: call.called)
