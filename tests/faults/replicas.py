# SPDX-License-Identifier: Apache-2.0
"""Several servers of one store are one server: whichever is asked, what another has acknowledged is so.
They are initialized by all at once, rotate keys at once, revoke what others gave; one is stopped for
long, one cut off, and both go on as if they had been there.

    replicas.py postgresql | redis"""

import contextlib
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import judge
from cluster import GONE, Cluster, Replica
from databases import KINDS, Absent
from proxy import Proxy
from rig import KV, QUICK, Claims, Client
from workload import Workload

REPLICAS = 3
ROUNDS = 4 if QUICK else 20
STOPPED_S = 2 if QUICK else 8


def at_once(jobs):
    """What each gave; begun together."""
    barrier = threading.Barrier(len(jobs))

    def run(job):
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


class Unborn(Cluster):
    """All servers run, and nobody has initialized the store."""

    def begin(self):
        self.database.start()
        self.proxy = Proxy(self.database.target, self.count)
        for number, port in enumerate(self.proxy.ports):
            tee = self.replicas[0].folder if number else None
            replica = Replica(number, self.database.uri(port), tee)
            self.replicas.append(replica)
            replica.configure()
            replica.start()


def initialized_by_all_at_once(claims, kind):
    with claims.claim("initialized by all at once: one says so, the others that it was, and all serve"):
        for _ in range(1 if QUICK else 5):
            with Unborn(KINDS[kind](), REPLICAS) as cluster:
                init = lambda replica: Client(replica.port).call("POST", "/v1/sys/init", {})
                replies = at_once([lambda replica=replica: init(replica) for replica in cluster.replicas])
                made = [reply for reply in replies if reply.status == 200]
                assert len(made) == 1, [(r.status, r.raw[:100]) for r in replies]
                assert all(r.status in (400, 503) for r in replies if r.status != 200), [r.raw for r in replies]
                for replica in cluster.replicas:
                    replica.root_token = made[0].json["root_token"]
                cluster.all_serve()
                heads = {judge.whole(replica)[0].leaves[0].raw for replica in cluster.replicas}
                assert len(heads) == 1, "two ledgers"


def call(replica, method, path, body=None, token=None):
    client = replica.client(token)
    try:
        return client.call(method, path, body)
    finally:
        client.close()


def tokens(cluster, chance):
    """Made by one, known to the next, revoked by a third, dead at once for all."""
    one, two, three = chance.sample(cluster.replicas, 3)
    made = call(one, "POST", "/v1/auth/token/create", {"policies": ["default"], "ttl": "1h"})
    assert made.status == 200, made.raw
    token = made.json["auth"]["client_token"]
    look = lambda replica: call(replica, "GET", "/v1/auth/token/lookup-self", token=token).status
    assert at_once([lambda r=r: look(r) for r in cluster.replicas]) == [200] * 3, "a token is not known to all"
    assert call(two, "POST", "/v1/auth/token/revoke", {"token": token}).status == 204
    assert at_once([lambda r=r: look(r) for r in (three, one, two)]) == [403] * 3, "a revoked token lives on"


def policies(cluster, chance, n):
    """What one takes away no other gives."""
    one, two, three = chance.sample(cluster.replicas, 3)
    name, path = f"p{n % 4}", f"{KV}walled/{n}"
    assert call(one, "POST", path, {"data": {"a": "b"}}).status == 200
    text = 'path "secret/data/walled/*" {{ capabilities = ["{}"] }}'
    assert call(two, "PUT", f"/v1/sys/policies/acl/{name}", {"policy": text.format("read")}).status == 204
    token = call(three, "POST", "/v1/auth/token/create", {"policies": [name]}).json["auth"]["client_token"]
    assert call(one, "GET", path, token=token).status == 200
    assert call(two, "PUT", f"/v1/sys/policies/acl/{name}", {"policy": text.format("deny")}).status == 204
    for replica in (one, three):
        assert call(replica, "GET", path, token=token).status == 403, "the old policy is still obeyed"


def rotation(cluster):
    """By all at once, while all write."""
    rotate = [lambda r=r: call(r, "POST", "/v1/sys/rotate", {}).status for r in cluster.replicas]
    write = [lambda r=r: call(r, "POST", f"{KV}rotated/{r.number}", {"data": {"by": r.number}}).status for r in cluster.replicas]
    statuses = at_once(rotate + write)
    assert all(s in (200, 204) for s in statuses), statuses
    for replica in cluster.replicas:
        for other in cluster.replicas:
            found = call(replica, "GET", f"{KV}rotated/{other.number}")
            assert found.status == 200 and found.json["data"]["data"]["by"] == other.number
    # Asked one after the other, a key that is not needed any more may go in between: never back.
    for _ in range(20):
        terms = [call(r, "GET", "/v1/sys/key-status").json["data"]["term"] for r in cluster.replicas]
        assert terms == sorted(terms), f"key terms {terms}"
        if len(set(terms)) == 1:
            return terms[0]
        time.sleep(0.1)
    raise AssertionError(f"key terms {terms}")


def one_mount(cluster, n):
    """The same made by all at once: it is there once."""
    body = {"type": "kv", "options": {"version": "2"}}
    statuses = at_once([lambda r=r: call(r, "POST", f"/v1/sys/mounts/m{n}", body).status for r in cluster.replicas])
    assert sorted(statuses) == [204, 400, 400], statuses
    for replica in cluster.replicas:
        assert f"m{n}/" in call(replica, "GET", "/v1/sys/mounts").json["data"]


@contextlib.contextmanager
def stopped(cluster, replica):
    replica.pause()
    yield
    replica.resume()


@contextlib.contextmanager
def cut_off(cluster, replica):
    cluster.proxy.set("stall", replica.number)
    yield
    cluster.proxy.set("pass", replica.number)


def away(claims, cluster, name, how):
    """The others go on; when it is back it answers with what they did, and with nothing older."""
    lost, *others = random.Random(name).sample(cluster.replicas, REPLICAS)
    with claims.claim(f"one is {name} for {STOPPED_S} s: the others serve, and it comes back with all they did"):
        asked, answers = [], []
        with how(cluster, lost):
            # Asked while it was away, and answered when it is back: with the newest, or not at all.
            asker = threading.Thread(target=ask_the_lost, args=(lost, answers))
            asker.start()
            with Workload(others, seed=9, clients=6, keys=3, name=name.replace(" ", "-")) as work:
                time.sleep(STOPPED_S)
                assert call(others[0], "POST", f"{KV}newest", {"data": {"n": name}}).status == 200
            asked = [c for c in work.calls if not c.known]
            assert not asked, f"the others failed: {asked[0]}"
        asker.join()
        began = time.monotonic()
        found = call(lost, "GET", f"{KV}newest")
        while found.status == 503 and time.monotonic() - began < 5:
            found = call(lost, "GET", f"{KV}newest")
        took = time.monotonic() - began
        assert found.status == 200 and found.json["data"]["data"]["n"] == name, f"{found.status} {found.raw[:200]}"
        assert all(status in (503, None) or n == name for status, n in answers), f"it answered with the past: {answers}"
        claims.figure(f"{name}: {len(work.calls)} operations by the others, back after {took:.2f} s")


def ask_the_lost(replica, answers):
    time.sleep(0.2)
    try:
        reply = call(replica, "GET", f"{KV}newest")
        answers.append((reply.status, reply.json["data"]["data"]["n"] if reply.status == 200 else None))
    except GONE:
        answers.append((None, None))


def main():
    kind = sys.argv[1]
    claims = Claims()
    chance = random.Random(4)
    try:
        database = KINDS[kind]()
    except Absent as reason:
        claims.skip(f"replicas over {kind}", str(reason))
        claims.end()
    initialized_by_all_at_once(claims, kind)
    with Cluster(database, REPLICAS) as cluster:
        with claims.claim(f"tokens that one made, another revoked, are as all were told, {ROUNDS} times"):
            for _ in range(ROUNDS):
                tokens(cluster, chance)
        with claims.claim(f"policies that one changed are obeyed by all at once, {ROUNDS} times"):
            for n in range(ROUNDS):
                policies(cluster, chance, n)
        with claims.claim(f"keys that all rotate at once, {ROUNDS} times: one key, and everything opens"):
            claims.figure(f"key term {[rotation(cluster) for _ in range(ROUNDS)][-1]}")
        with claims.claim("a mount that all make at once is made once"):
            for n in range(ROUNDS):
                one_mount(cluster, n)
        assert call(cluster.replicas[0], "POST", f"{KV}newest", {"data": {"n": "before"}}).status == 200
        away(claims, cluster, "stopped", stopped)
        away(claims, cluster, "cut off", cut_off)
        with claims.claim("all show one ledger, whole"):
            older = None
            for replica in cluster.replicas:
                older, found = judge.whole(replica, older)
                assert not found and not judge.verified(replica), found
    claims.end()


if __name__ == "__main__":
    main()
