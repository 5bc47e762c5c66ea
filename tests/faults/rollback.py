# SPDX-License-Identifier: Apache-2.0
"""A database put back in time under servers that saw more of it, and servers on copies that went
different ways: each that saw more refuses everything, says why, releases nothing; and when the right
database is there again, serves on by itself.

What a server saw it knows while it runs, and after a restart from a file in its own state_dir.  A host
that takes that file away too is another matter: witnesses are the answer to it.

    rollback.py postgresql | redis"""

import contextlib
import re
import sys
import time

import judge
from cluster import Cluster
from databases import KINDS, Absent
from rig import KV, QUICK, Claims, Client

SECRET = "must-not-leave-the-older-copy"
REPLICAS = 3
NOTICE_S = 5
BACK_S = 3
WORDS = "the database is older than what was seen, or another"


def write(replica, key, value):
    client = replica.client()
    reply = client.call("POST", KV + key, {"data": {"value": value}})
    client.close()
    assert reply.status == 200, f"server {replica.number}: {reply.status} {reply.raw[:300]}"


def read(replica, key):
    client = replica.client()
    reply = client.call("GET", KV + key)
    client.close()
    return reply.json["data"]["data"]["value"] if reply.status == 200 else reply.status


def use(replicas, what, rounds=4):
    """Writes and reads through each of them, so that all have seen it."""
    for n in range(rounds):
        for replica in replicas:
            write(replica, f"{what}/{n}", f"{what} by {replica.number}")
    for replica in replicas:
        assert read(replica, f"{what}/{rounds - 1}") == f"{what} by {replicas[-1].number}"


def refusal(reply):
    assert SECRET.encode() not in reply.raw, "a secret of the older copy left"
    return reply.status == 503


def refuses(replica, mark):
    """Everything from now on; and it says what it has and what it saw, in its health and its log."""
    client = replica.client(timeout=20)
    began = time.monotonic()
    while True:
        # From the first answer on: not one may be served.
        for method, path, body in (
            ("GET", KV + "kept", None),
            ("POST", KV + "kept", {"data": {"value": "x"}}),
            ("GET", "/v1/auth/token/lookup-self", None),
            ("GET", "/v1/sys/policies/acl/default", None),
        ):
            reply = client.call(method, path, body)
            assert refusal(reply), f"{method} {path}: {reply.status} {reply.raw[:300]}"
            assert int(reply.headers.get("Retry-After") or 0) > 0, "no Retry-After"
        health = replica.health()
        if health["ledger"]["state"] == "rollback" and re.search(WORDS, replica.log[mark:]):
            break
        assert time.monotonic() - began < NOTICE_S, f"it does not say so: {health}\n{replica.log[mark:][-1500:]}"
        time.sleep(0.05)
    assert health["ledger"].get("reason") == "rollback" and health["ledger"].get("advice"), health["ledger"]
    told = f"{health['ledger'].get('detail', '')}\n{replica.log[mark:]}"
    numbers = re.search(r"(\d+) leaves that does not continue the (\d+)", told)
    assert numbers, f"it does not say what is there and what it saw: {told[-800:]}"
    assert client.call("GET", "/v1/sys/health").status == 503, "a load balancer would still send clients"
    client.close()
    return int(numbers[1]), int(numbers[2])


def resumes(cluster):
    began = time.monotonic()
    cluster.all_serve()
    took = time.monotonic() - began
    assert took < BACK_S, f"after {took:.2f} s"
    return took


def says_that_it_is_over(replica, mark):
    until = time.monotonic() + NOTICE_S
    while "the database is the one that was seen, again" not in replica.log[mark:]:
        assert time.monotonic() < until, f"its log does not say that it is over: {replica.news()}"
        time.sleep(0.05)


def marks(replicas):
    return [len(replica.log) for replica in replicas]


@contextlib.contextmanager
def another_database(database, kept):
    """The kept copy in the database's place, while the block lasts; then what was there."""
    own = database.folder / "own"
    database.stop()
    database.lend(own)
    database.restore(kept)
    database.start()
    try:
        yield
    finally:
        database.stop()
        database.take(own)
        database.start()


def under_running_servers(claims, cluster, kept):
    replicas = cluster.replicas
    with claims.claim("an older copy under running servers: each refuses everything, and says what it has and saw"):
        before = marks(replicas)
        with another_database(cluster.database, kept):
            for replica, mark in zip(replicas, before):
                there, saw = refuses(replica, mark)
                assert there < saw, (there, saw)
        claims.figure(f"older copy: {there} leaves, {saw} were seen")
    with claims.claim("with the right database back they serve by themselves, with everything, and say so"):
        claims.figure(f"served again after {resumes(cluster):.2f} s")
        for replica, mark in zip(replicas, before):
            says_that_it_is_over(replica, mark)
            assert read(replica, "kept") == SECRET and read(replica, "late/0") == f"late by {replicas[-1].number}"
        use(replicas, "on")


def under_a_restarted_server(claims, cluster, kept):
    """The others run on, and refuse; it saw more before it ended, and knows from its own file."""
    replica = cluster.replicas[0]
    with claims.claim("an older copy under a server that restarts: it refuses too, by the file of what it saw"):
        (mark,) = marks([replica])
        with another_database(cluster.database, kept):
            replica.kill()
            replica.launch()
            if replica.answers():
                refuses_somehow(replica)
            told = replica.log[mark:]
            assert "rollback" in told, f"it does not say why: {told[-1500:]}"
            assert re.search(r"\d+ leaves.*\d+|saw \d+|have \d+", told), told[-1500:]
            assert SECRET not in told
        if not replica.runs:
            replica.launch()
        resumes(cluster)
        assert read(replica, "kept") == SECRET


def refuses_somehow(replica):
    """Up, and serving nothing."""
    client = Client(replica.port, replica.root_token, timeout=20)
    for _ in range(3):
        reply = client.call("GET", KV + "kept")
        assert refusal(reply), f"{reply.status} {reply.raw[:300]}"
    client.close()


def without_the_file(claims, cluster, kept):
    """What is not detected, as documented: a host that takes back the server's own file as well."""
    replica = cluster.replicas[0]
    files = list(replica.folder.glob("last-seen*"))
    with claims.claim("not detected by one server alone, as documented: its own file taken away as well; the others refuse"):
        assert files, f"no such file in {sorted(p.name for p in replica.folder.iterdir())}"
        before = marks(cluster.replicas)
        with another_database(cluster.database, kept):
            replica.kill()
            raw = {path: path.read_bytes() for path in files}
            for path in files:
                path.unlink()
            replica.launch()
            assert replica.answers()
            deadline = time.monotonic() + 5
            while not replica.serves() and time.monotonic() < deadline:
                time.sleep(0.05)
            assert replica.serves(), "it does detect it: say so in the documents"
            for other, mark in list(zip(cluster.replicas, before))[1:]:
                refuses(other, mark)
            replica.kill()
        for path, text in raw.items():
            path.write_bytes(text)
            path.chmod(0o600)
        replica.launch()
        resumes(cluster)


def forked(claims, cluster, kind):
    """The store is copied; one server goes on with each; then the two stores change places."""
    other = KINDS[kind]()
    one, two = cluster.replicas[0], cluster.replicas[1]
    try:
        with claims.claim("two servers on copies of one database each refuse the other's"):
            cluster.database.stop()
            cluster.database.keep(other.folder / "first")
            other.made = True
            copy_into(other, other.folder / "first")
            cluster.database.start()
            two.kill()
            two.uri, two.tee = other.uri(other.port), None
            two.configure()
            two.start()
            cluster.all_serve()
            use([one], "one", 3)
            use([two], "two", 3)
            # As long as each other, then one longer: neither continues the other.
            for more in (0, 6):
                if more:
                    use([two], "more", more)
                swap_and_refuse(cluster.database, other, (one, two))
            assert read(one, "one/0") == "one by 0" and read(two, "two/0") == "two by 1"
            assert read(one, "two/0") == 404 and read(two, "one/0") == 404
    finally:
        other.remove()


def copy_into(database, kept):
    """A copy of another's data becomes this one's."""
    database.restore(kept)
    database.adopt()
    database.start()


def swap(a, b):
    """What each has, to the other."""
    for database in (a, b):
        database.stop()
        database.lend(database.folder / "swapped")
    for database, source in ((a, b), (b, a)):
        database.take(source.folder / "swapped")
        database.adopt()
        database.start()


def swap_and_refuse(a, b, replicas):
    before = marks(replicas)
    swap(a, b)
    for replica, mark in zip(replicas, before):
        refuses(replica, mark)
    swap(a, b)
    until = time.monotonic() + BACK_S
    while not all(replica.serves() for replica in replicas):
        assert time.monotonic() < until, "they do not serve again"
        time.sleep(0.02)


def main():
    kind = sys.argv[1]
    claims = Claims()
    try:
        database = KINDS[kind]()
    except Absent as reason:
        claims.skip(f"an older copy of {kind}", str(reason))
        claims.end()
    with Cluster(database, REPLICAS) as cluster:
        use(cluster.replicas, "early", 2)
        write(cluster.replicas[0], "kept", SECRET)
        kept = database.folder / "kept"
        database.stop()
        database.keep(kept)
        database.start()
        cluster.all_serve()
        use(cluster.replicas, "late")
        older = judge.whole(cluster.replicas[0])[0]
        under_running_servers(claims, cluster, kept)
        under_a_restarted_server(claims, cluster, kept)
        if not QUICK:
            without_the_file(claims, cluster, kept)
        with claims.claim("after all of it the ledger is whole and goes on from what was seen before"):
            for replica in cluster.replicas:
                assert not judge.whole(replica, older)[1]
                assert not judge.verified(replica)
    with Cluster(KINDS[kind](), 2) as cluster:
        use(cluster.replicas, "early", 2)
        forked(claims, cluster, kind)
    claims.end()


if __name__ == "__main__":
    main()
