# SPDX-License-Identifier: Apache-2.0
"""The harness of nemesis.py can fail: each thing that it is to notice is done to it once, on one
server with SQLite, and is noticed; and the same server without lies passes."""

import os
import random
import time

import judge
from cluster import Cluster, Replica
from rig import QUICK, Claims, Reply
from workload import CAS, GET, PUT, Call, Speaker, Worker, Workload

RUN_S = 0.8 if QUICK else 1.5
ENOUGH = 8  # lies


class Liar(Speaker):
    """Now and then it makes up the answer that a broken server could give."""

    lies = 0
    chance = random.Random(7)

    def exchange(self, client, call):
        if Liar.chance.random() < 0.05:
            lie = self.lie(client, call)
            if lie is not None:
                Liar.lies += 1
                return lie
        reply = super().exchange(client, call)
        self.heard(call, reply)
        return reply

    def heard(self, call, reply):
        """What a lie could be made of."""

    def lie(self, client, call):
        raise NotImplementedError


class Forgetful(Liar):
    """Acknowledges a write that it never made."""

    last = {}

    def heard(self, call, reply):
        if call.kind in (PUT, CAS) and reply.status == 200:
            self.last[call.key] = reply

    def lie(self, client, call):
        old = self.last.get(call.key) if call.kind == PUT else None
        if old is None:
            return None
        raw = old.raw.replace(b'"version":%d' % old.json["data"]["version"], b'"version":%d' % (old.json["data"]["version"] + 1))
        return Reply(200, old.headers, raw)


class Stale(Liar):
    """Answers a read as it did some time ago."""

    first = {}

    def heard(self, call, reply):
        if call.kind == GET and reply.status == 200:
            self.first.setdefault(call.key, reply)

    def lie(self, client, call):
        return self.first.get(call.key) if call.kind == GET else None


class Blind(Liar):
    """Releases without saying where it was recorded."""

    def lie(self, client, call):
        reply = super(Liar, self).exchange(client, call)
        del reply.headers["TEE-Secrets-Audit-Index"]
        return reply


class Misfiled(Liar):
    """Names a leaf that is another's, far away."""

    def lie(self, client, call):
        reply = super(Liar, self).exchange(client, call)
        if reply.status >= 500:
            return reply
        del reply.headers["TEE-Secrets-Audit-Index"]
        reply.headers["TEE-Secrets-Audit-Index"] = str(100_000 + Liar.lies)
        return reply


class Early(Liar):
    """Names a leaf from before the request was made."""

    def lie(self, client, call):
        reply = super(Liar, self).exchange(client, call)
        told = reply.index
        del reply.headers["TEE-Secrets-Audit-Index"]
        reply.headers["TEE-Secrets-Audit-Index"] = str(max(0, told - 40))
        return reply


class Moody(Liar):
    """503 for no reason, or without saying when to come again; or 500."""

    def lie(self, client, call):
        reply = super(Liar, self).exchange(client, call)
        return Reply(Liar.chance.choice((503, 500)), reply.headers, b"{}")


def run(replicas, speaker, seconds=RUN_S):
    class Worked(Worker):
        pass

    Worked.speaker = speaker

    class Made(Workload):
        worker = Worked

    Liar.lies = 0
    with Made(replicas, seed=5, clients=6, keys=3, rest_s=0.004, name=f"{speaker.__name__}/{time.monotonic_ns()}") as work:
        until = time.monotonic() + 15
        time.sleep(seconds)
        while issubclass(speaker, Liar) and Liar.lies < ENOUGH and time.monotonic() < until:
            time.sleep(0.1)
    return work


def complaints(cluster, work):
    """{kind: complaints} of everything that is judged."""
    replica = cluster.replicas[0]
    out = {
        "linearizable": judge.linearizable(replica.build, work.calls),
        "audited": judge.audited(work.calls),
        "in order": judge.in_order(work.calls),
        "explained": judge.explained(work.calls, [], []),
        "recorded": judge.recorded(work.calls, judge.decrypted(replica), judge.pseudonyms(replica, work.calls)),
    }
    return {kind: found for kind, found in out.items() if found}


def noticed(claims, cluster, liar, kinds):
    with claims.claim(f"noticed: {liar.__doc__.splitlines()[0]}"):
        work = run(cluster.replicas, liar)
        assert Liar.lies >= ENOUGH, f"{Liar.lies} lies in {len(work.calls)} calls"
        found = complaints(cluster, work)
        assert kinds <= set(found), f"of {kinds} only {set(found)} complain"


def older_database(claims):
    """The store itself forgets: an older copy is put back, the server restarted on it, and the clients
    go on as if nothing had happened."""
    with claims.claim("noticed: an older database under a restarted server"), Cluster() as cluster:
        replica = cluster.replicas[0]
        with Workload(cluster.replicas, seed=3, clients=6, keys=3, rest_s=0.004) as work:
            time.sleep(RUN_S / 2)
            assert replica.terminate() == 0
            kept = replica.folder / "kept.db"
            replica.keep_database(kept)
            replica.start()
            time.sleep(RUN_S / 2)
            replica.kill()
            replica.restore_database(kept)
            replica.start()
            time.sleep(RUN_S / 2)
        found = complaints(cluster, work)
        assert {"linearizable", "recorded", "in order"} <= set(found), f"only {set(found)} complain"


def two_masters(claims):
    """Two servers that each believe in their own copy."""
    with claims.claim("noticed: two servers on copies of one database"), Cluster() as one:
        first = one.replicas[0]
        assert first.terminate() == 0
        second = Replica(1, tee=first.folder)
        second.root_token = first.root_token
        second.configure()
        first.keep_database(first.folder / "kept.db")
        second.restore_database(first.folder / "kept.db")
        try:
            first.start()
            second.start()
            with Workload([first, second], seed=4, clients=6, keys=3, rest_s=0.004) as work:
                time.sleep(RUN_S)
            found = complaints(one, work)
            assert {"linearizable", "audited", "recorded"} <= set(found), f"only {set(found)} complain"
        finally:
            second.__exit__()


def memory(claims):
    with claims.claim("noticed: memory that grows without bound"):
        assert judge.grown(20_000, 400_000, 5_000)
        assert not judge.grown(20_000, 24_000, 5_000)


def failures(claims):
    with claims.claim("noticed: a failure after the trouble was over, and none within it"):
        call = Call("k", GET, 0)
        call.called, call.returned, call.status, call.retry_after = 100, 110, 503, "1"
        assert not judge.explained([call], [(50, 100)], [])
        assert not judge.explained([call], [(105, 200)], [])
        assert not judge.explained([call], [(0, 10), (90, 300)], [])
        assert judge.explained([call], [(0, 99), (111, 200)], [])
        call.retry_after = None
        assert judge.explained([call], [(50, 100)], [])
        call.status, call.retry_after = 500, "1"
        assert judge.explained([call], [(50, 100)], [])
        call.status, call.born = None, 60
        assert judge.explained([call], [(50, 200)], [])
        assert judge.explained([call], [(50, 200)], [(0, 54, 55), (1, 70, 80)])
        assert not judge.explained([call], [], [(0, 54, 55), (0, 70, 71)])
        call.called, call.returned = 0, 30 * 10**9
        assert judge.explained([call], [], [], [(1, 0, 30 * 10**9)])
        assert judge.explained([call], [], [], [(0, 0, 10**9)])
        assert not judge.explained([call], [], [], [(0, 5 * 10**9, 60 * 10**9)])
        call.status = 500
        assert judge.explained([call], [(50, 100)], [])


def slowness(claims):
    with claims.claim("noticed: a refusal that takes too long, and not one of a server that was stopped"):
        call = Call("k", GET, 1)
        call.called, call.returned, call.status = 10**9, 10 * 10**9, 503
        assert judge.prompt([call], [], 7)
        assert judge.prompt([call], [(0, 10**9, 9 * 10**9)], 7)
        assert not judge.prompt([call], [(1, 10**9, 9 * 10**9)], 7)


def main():
    claims = Claims()
    with Cluster() as cluster:
        with claims.claim("without a lie there is no complaint"):
            work = run(cluster.replicas, Speaker)
            assert len(work.calls) > 100, len(work.calls)
            found = complaints(cluster, work)
            assert not found, found
            claims.figure(f"{len(work.calls)} calls, {judge.counts(work.calls)}")
        noticed(claims, cluster, Forgetful, {"linearizable", "audited"})
        noticed(claims, cluster, Stale, {"linearizable", "in order"})
        noticed(claims, cluster, Blind, {"audited"})
        noticed(claims, cluster, Misfiled, {"recorded"})
        noticed(claims, cluster, Early, {"recorded", "in order"})
        noticed(claims, cluster, Moody, {"explained"})
        with claims.claim("its ledger is whole, by the reader and by the command line"):
            assert not judge.whole(cluster.replicas[0])[1] and not judge.verified(cluster.replicas[0])
    older_database(claims)
    two_masters(claims)
    memory(claims)
    failures(claims)
    slowness(claims)
    claims.end()


if __name__ == "__main__":
    assert os.path.exists(judge.build_folder() / "tests/faults/lin/lin"), "the checker is not built"
    main()
