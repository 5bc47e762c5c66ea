# SPDX-License-Identifier: Apache-2.0
"""The database is away: dead, stopped, silent behind a partition, refusing.  Every request gets 503 and
Retry-After within storage.timeout, memory stays flat, health says which part and since when; and when
the database is back, service is, within a second.

    outage.py postgresql | redis"""

import datetime
import sys
import threading
import time

import judge
from cluster import Cluster
from databases import KINDS, Absent
from rig import KV, QUICK, Claims, Client, sanitized

SECRET = "must-not-leave-unrecorded"
TIMEOUT_S = 2
# What a machine with other things to do adds.
SLACK_S = 1.5
BACK_S = 1.0
REQUESTS = 600 if QUICK else 6000
SECONDS = 2 if QUICK else 8
CLIENTS = 12
FLAT_KIB = 6 * 1024


class Way:
    """One way to be away, and back."""

    def __init__(self, name, away, back):
        self.name, self.away, self.back = name, away, back


def ways(cluster):
    database, proxy = cluster.database, cluster.proxy
    out = [
        Way("killed", database.kill, database.start),
        Way("stopped in its tracks", database.pause, database.resume),
        Way("behind a partition", lambda: proxy.set("stall"), lambda: proxy.set("pass")),
        Way("refusing connections", lambda: proxy.set("refuse"), lambda: proxy.set("pass")),
        Way("hearing and never answering", lambda: proxy.set("deaf"), lambda: proxy.set("pass")),
    ]
    return out[:3] if QUICK else out


class Asker(threading.Thread):
    """Reads and writes that must all be refused; so many, or for so long."""

    def __init__(self, replica, count, seconds, value):
        super().__init__(daemon=True)
        self.client, self.count, self.value = replica.client(), count, value
        self.until = time.monotonic() + seconds
        self.took, self.wrong = [], []

    def run(self):
        for n in range(self.count):
            if n % 3:
                self.ask("GET", KV + "kept", None)
            else:
                self.ask("POST", KV + "written", {"data": {"value": self.value}})
            if self.wrong or time.monotonic() > self.until:
                break
        self.client.close()

    def ask(self, method, path, body):
        began = time.monotonic()
        reply = self.client.call(method, path, body)
        took = time.monotonic() - began
        self.took.append(took)
        if reply.status != 503 or int(reply.headers.get("Retry-After") or 0) <= 0:
            self.wrong.append(f"{method}: {reply.status} {reply.raw[:200]}")
        elif SECRET.encode() in reply.raw:
            self.wrong.append("the secret left")
        elif took > TIMEOUT_S + SLACK_S:
            self.wrong.append(f"{method}: {took:.2f} s")


def ask_many(replica, requests, value):
    """How long each refusal took, in order of length."""
    askers = [Asker(replica, max(1, requests // CLIENTS), SECONDS, value) for _ in range(CLIENTS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(120)
    wrong = [w for a in askers for w in a.wrong]
    assert not wrong, f"{len(wrong)}: {wrong[:3]}"
    assert all(not a.is_alive() for a in askers), "a request was never answered"
    return sorted(took for a in askers for took in a.took)


def check_health(replica, began):
    """Which part, and since when; and it goes on saying the same."""
    told = [since_when(replica) for _ in range(2)]
    time.sleep(0.2)
    told.append(since_when(replica))
    for since in told:
        for name, moment in since.items():
            late = moment - began
            assert -1.5 <= late <= TIMEOUT_S + SLACK_S, f"{name} since {late:.1f} s after it began"
    assert told[0] == told[-1] or set(told[0]) <= set(told[-1]), f"first {told[0]}, then {told[-1]}"


def since_when(replica):
    bad = {n: p for n, p in replica.health().items() if p["state"] != "ok"}
    assert set(bad) & {"store", "ledger"}, f"health sees nothing wrong: {replica.health()}"
    assert not set(bad) - {"store", "ledger"}, f"health blames others: {bad}"
    for part in bad.values():
        assert part.get("advice"), f"no advice: {part}"
    return {n: datetime.datetime.fromisoformat(p["since"].replace("Z", "+00:00")).timestamp() for n, p in bad.items()}


def healthy(replica):
    return all(part["state"] == "ok" for part in replica.health().values())


class Returns(threading.Thread):
    """When the server first serves again: asked from before the database is back."""

    def __init__(self, replica):
        super().__init__(daemon=True)
        self.replica, self.at, self.reply = replica, None, None

    def run(self):
        client = self.replica.client()
        until = time.monotonic() + 30
        while self.at is None and time.monotonic() < until:
            reply = client.call("GET", KV + "kept")
            if reply.status == 200:
                self.reply, self.at = reply, time.monotonic()
            time.sleep(0.005)
        client.close()


def one(claims, cluster, way):
    replica = cluster.replicas[0]
    with claims.claim(f"{way.name}: every request gets 503 and Retry-After within {TIMEOUT_S} s, and memory is flat"):
        began = time.time()
        way.away()
        try:
            # What was under way when it went may still happen, and is not called refused by anybody.
            took = ask_many(replica, CLIENTS, "perhaps")
            before = replica.rss_kib()
            took = sorted(took + ask_many(replica, REQUESTS, "never"))
            after = replica.rss_kib()
            with claims.claim(f"{way.name}: health says which part, since when and what to do"):
                check_health(replica, began)
        finally:
            returns = [Returns(each) for each in cluster.replicas]
            for each in returns:
                each.start()
            way.back()
            back = time.monotonic()
            for each in returns:
                each.join()
        claims.figure(
            f"{way.name}: {len(took)} refusals, median {took[len(took) // 2]:.3f} s, slowest {took[-1]:.2f} s; "
            f"memory {before} KiB, then {after} KiB"
        )
        assert after - before < FLAT_KIB or sanitized(replica.build)
    with claims.claim(f"{way.name}: it is back, and so is service within {BACK_S:.0f} s, with what was acknowledged"):
        for each in returns:
            assert each.at is not None, "it does not come back"
            assert each.reply.json["data"]["data"]["value"] == SECRET
            written = each.replica.client().call("GET", KV + "written")
            assert b'"never"' not in written.raw, "a write happened that was refused when all was known to be away"
        took = max(each.at for each in returns) - back
        claims.figure(f"{way.name}: served again after {took:.3f} s")
        assert took < BACK_S, f"after {took:.2f} s"
        until = time.monotonic() + 2
        while not healthy(replica) and time.monotonic() < until:
            time.sleep(0.02)
        assert healthy(replica), replica.health()


def from_the_start(claims, cluster):
    """A server that is started while the database is away serves when it comes."""
    with claims.claim("started without its database, a server serves once it is there"):
        replica = cluster.replicas[0]
        cluster.database.kill()
        replica.kill()
        replica.launch()
        time.sleep(0.5)
        ended = replica.process.poll()
        cluster.database.start()
        if ended is not None:
            claims.figure(f"its start ended with status {ended}, for a service manager to repeat")
            assert ended > 0, ended
            replica.launch()
        cluster.all_serve()


def main():
    claims = Claims()
    try:
        database = KINDS[sys.argv[1]]()
    except Absent as reason:
        claims.skip(f"an outage of {sys.argv[1]}", str(reason))
        claims.end()
    with Cluster(database, 1 if QUICK else 2, settings={"timeout": f"{TIMEOUT_S}s"}) as cluster:
        client = Client(cluster.replicas[0].port, cluster.root_token)
        assert client.call("POST", KV + "kept", {"data": {"value": SECRET}}).status == 200
        client.close()
        older = judge.whole(cluster.replicas[0])[0]
        for way in ways(cluster):
            one(claims, cluster, way)
        from_the_start(claims, cluster)
        with claims.claim("after all of it the ledger is whole, and no refused write is in it"):
            for replica in cluster.replicas:
                assert not judge.whole(replica, older)[1]
                assert b'"never"' not in replica.client().call("GET", KV + "written").raw
    claims.end()


if __name__ == "__main__":
    main()
