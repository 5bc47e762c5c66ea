# SPDX-License-Identifier: Apache-2.0
"""Three servers of one database, clients that never rest, and a nemesis that breaks one thing after the
other: kills and stops servers and the database, cuts, delays and holds back what they say to each
other, fills the disk.  It heals each thing, waits until every server serves by itself, leaves a quiet
moment in which nothing may fail, and goes on.  In the end judge.py looks at all that was said.

    nemesis.py postgresql | redis | sqlite

FAULTS_SEED repeats a run as far as clocks allow; FAULTS_SECONDS makes it longer; FAULTS_KINDS names the
faults, with commas; FAULTS_KEEP a folder for the history and the logs."""

import os
import random
import shutil
import sys
import time
from collections import Counter

import judge
from cluster import Cluster, kept_folder
from databases import KINDS, Absent
from rig import QUICK, Claims, sanitized
from workload import Workload

SECONDS = float(os.environ.get("FAULTS_SECONDS", "10" if QUICK else "60"))
LONG = SECONDS > 300
REPLICAS = int(os.environ.get("FAULTS_REPLICAS", "3"))
DISK_MIB = 4000 if LONG else 800
# From the moment that nothing is broken any more to that in which every server serves.
RECOVERY_S = 10
# The servers' storage.timeout, and what a busy machine adds.
REFUSAL_S = 5 + 2
# Longer than any session or timeout between server and database.
LONG_PAUSE_S = 8


class Nemesis:
    def __init__(self, cluster, chance):
        self.cluster, self.database, self.proxy = cluster, cluster.database, cluster.proxy
        self.chance = chance
        self.done = []  # (kind, begin, end, seconds to recover)
        self.paused = []  # (server, begin, end)
        self.ends = []  # (server, begin, end)
        self.ended = 0  # servers that gave up at their start, and were started again
        servers = [self.kill_server, self.kill_every_server, self.pause_server, self.end_server]
        if self.database is None:
            self.kinds = servers
            return
        self.kinds = [
            *servers, self.pause_server_long, self.kill_database, self.crash_database, self.stop_database,
            self.pause_database, self.pause_database_long, self.start_without_database, self.cut_connections,
            self.lose_connections, self.delay, self.isolate, self.isolate_long, self.hold_answers,
        ]  # fmt: skip
        if not LONG:  # a database of half an hour's work takes long to copy
            self.kinds.append(self.set_back)
        if self.database.mounted:
            self.kinds.append(self.fill_disk)
        if os.environ.get("FAULTS_KINDS"):
            self.kinds = [getattr(self, name) for name in os.environ["FAULTS_KINDS"].split(",")]
        elif QUICK:
            slow = (self.pause_server_long, self.pause_database_long, self.isolate_long, self.delay)
            self.kinds = [kind for kind in self.kinds if kind not in slow]

    def run(self, seconds):
        until = time.monotonic() + seconds
        bag = []
        while time.monotonic() < until:
            bag = bag or self.chance.sample(self.kinds, len(self.kinds))
            self.one(bag.pop())

    def one(self, kind):
        time.sleep(self.chance.uniform(0.3, 0.8))
        begin = time.monotonic_ns()
        try:
            kind()
        finally:
            healed = time.monotonic()
            print(f"    {kind.__name__}: {(healed - begin / 1e9):.2f} s", end="", flush=True)
            self.come_back(begin, healed)
            self.done.append((kind.__name__, begin, time.monotonic_ns(), time.monotonic() - healed))
            print(f", recovered after {self.done[-1][3]:.3f} s")

    def come_back(self, begin, healed):
        """By themselves: all that anybody does is what a service manager does."""
        while True:
            for replica in self.cluster.replicas:
                if not replica.runs:
                    self.ended += 1
                    self.ends.append((replica.number, begin, time.monotonic_ns()))
                    replica.launch()
            try:
                self.cluster.all_serve(RECOVERY_S - (time.monotonic() - healed))
                return
            except AssertionError:
                if time.monotonic() - healed > RECOVERY_S:
                    raise

    def troubles(self):
        return [(begin, end) for _, begin, end, _ in self.done]

    def some(self, least=0.2, most=2.0):
        time.sleep(self.chance.uniform(least, most))

    def any_server(self):
        return self.chance.choice(self.cluster.replicas)

    # ---- servers ----

    def kill(self, replica):
        begin = time.monotonic_ns()
        replica.kill()
        self.ends.append((replica.number, begin, time.monotonic_ns()))

    def kill_server(self):
        replica = self.any_server()
        self.kill(replica)
        self.some(0, 1.5)
        replica.launch()

    def kill_every_server(self):
        for replica in self.cluster.replicas:
            self.kill(replica)
        for replica in self.cluster.replicas:
            replica.launch()

    def end_server(self):
        """As its service manager would, for a new version."""
        replica = self.any_server()
        begin = time.monotonic_ns()
        status = replica.terminate()
        self.ends.append((replica.number, begin, time.monotonic_ns()))
        assert status == 0, f"server {replica.number} ends with {status}:\n{replica.log[-2000:]}"
        replica.launch()

    def pause(self, seconds):
        replica = self.any_server()
        begin = time.monotonic_ns()
        replica.pause()
        time.sleep(seconds)
        replica.resume()
        self.paused.append((replica.number, begin, time.monotonic_ns()))

    def pause_server(self):
        self.pause(self.chance.uniform(0.2, 2.5))

    def pause_server_long(self):
        """Its sessions end meanwhile, and the others write on."""
        self.pause(self.chance.uniform(60, 150) if LONG and self.chance.random() < 0.3 else LONG_PAUSE_S)

    # ---- the database ----

    def kill_database(self):
        self.database.kill()
        self.some(0, 2)
        self.database.start()

    def crash_database(self):
        self.database.crash()
        self.some(0, 1)
        self.database.start()

    def stop_database(self):
        """An operator restarts it."""
        self.database.stop()
        self.database.start()

    def pause_database(self):
        self.database.pause()
        self.some()
        self.database.resume()

    def pause_database_long(self):
        self.database.pause()
        time.sleep(LONG_PAUSE_S)
        self.database.resume()

    def start_without_database(self):
        """Servers that come up before their database does."""
        self.database.kill()
        replica = self.any_server()
        self.kill(replica)
        replica.launch()
        self.some(0.5, 2)
        self.database.start()

    def fill_disk(self):
        self.database.fill()
        self.some(1, 2)
        self.database.free()
        if not self.database.runs or not self.database.answers():
            if self.database.runs:
                self.database.kill()
            self.database.start()

    def set_back(self):
        """An older copy in its place for a while, with requests under way as it comes and as it goes; what
        was written between the copy and its return is not there, and nobody may say so."""
        kept, own = self.database.folder / "older", self.database.folder / "own"
        self.database.stop()
        self.database.keep(kept)
        self.database.start()
        self.some(0.5, 1)
        self.database.crash()
        self.database.lend(own)
        self.database.restore(kept)
        self.database.start()
        self.some(0.3, 1)
        if self.chance.random() < 0.5:
            replica = self.any_server()
            self.kill(replica)
            replica.launch()
        self.some(0.3, 1)
        self.database.crash()
        self.database.take(own)
        self.database.start()
        shutil.rmtree(kept)

    # ---- what is between them ----

    def cut_connections(self):
        for _ in range(self.chance.randrange(1, 12)):
            self.proxy.cut(self.chance.choice([None, *range(REPLICAS)]))
            self.some(0, 0.2)

    def lose_connections(self):
        self.proxy.set("lossy", per=self.chance.randrange(5, 40))
        self.some(0.5, 2)
        self.proxy.set("pass")

    def delay(self):
        self.proxy.set("delay", ms=self.chance.randrange(2, 60))
        self.some(0.5, 2)
        self.proxy.set("pass")

    def hold(self, mode, link, seconds):
        """Held back, and then delivered late or never."""
        self.proxy.set(mode, link)
        time.sleep(seconds)
        if self.chance.random() < 0.5:
            self.proxy.cut(link)
        self.proxy.set("pass", link)

    def isolate(self):
        self.hold(self.chance.choice(("stall", "mute", "refuse")), self.chance.randrange(REPLICAS), self.chance.uniform(0.3, 2))

    def isolate_long(self):
        """One is cut off; the others serve."""
        self.hold("stall", self.chance.randrange(REPLICAS), LONG_PAUSE_S)

    def hold_answers(self):
        """What is asked is done, and nobody hears of it."""
        self.hold("deaf", self.chance.choice([None, *range(REPLICAS)]), self.chance.uniform(0.2, 3))


def show(claims, nemesis, work, seconds):
    kinds = Counter(kind for kind, *_ in nemesis.done)
    recovered = sorted(took for *_, took in nemesis.done)
    broken = sum(end - begin for begin, end in nemesis.troubles()) / 1e9
    failed = [c for c in work.calls if not c.known]
    claims.figure(f"{len(work.calls)} operations of {len(work.workers)} clients in {seconds:.0f} s: {judge.counts(work.calls)}")
    claims.figure(f"{len(nemesis.done)} faults: {dict(sorted(kinds.items()))}")
    claims.figure(f"something was broken for {broken:.1f} s; {len(failed)} operations of unknown outcome")
    claims.figure(f"every server serves again: median {recovered[len(recovered) // 2]:.2f} s, worst {recovered[-1]:.2f} s")
    if nemesis.ended:
        claims.figure(f"{nemesis.ended} starts without a database, or on an older one, ended and were repeated")


def judge_all(claims, cluster, nemesis, work, older, first_kib):
    build = cluster.replicas[0].build

    def nothing(found):
        assert not found, "\n        ".join([f"{len(found)} complaints", *map(str, found)])

    with claims.claim("every key's history is linearizable, and ends with all that was acknowledged"):
        nothing(judge.linearizable(build, work.calls, f"nemesis-{cluster.name}"))
    with claims.claim("every answer names a leaf of its own"):
        nothing(judge.audited(work.calls))
    with claims.claim("leaves are in the order of the answers, whichever server gave them"):
        nothing(judge.in_order(work.calls))
    with claims.claim("every failure is a 503 with Retry-After while something was broken, or ended with its server"):
        nothing(judge.explained(work.calls, nemesis.troubles(), nemesis.ends, nemesis.paused))
    with claims.claim(f"a server that cannot serve says so within {REFUSAL_S} s"):
        nothing(judge.prompt(work.calls, nemesis.paused, REFUSAL_S))
    leaves = 0
    with claims.claim("every server shows the same ledger, whole, and it goes on from what was seen before"):
        for replica in cluster.replicas:
            older, found = judge.whole(replica, older)
            nothing(found)
            nothing(judge.verified(replica))
        leaves = older.size
    with claims.claim("every answer is in the decrypted log as what it was, and nothing is there twice"):
        replica = cluster.replicas[-1]
        entries = judge.decrypted(replica)
        nothing(judge.recorded(work.calls, entries, judge.pseudonyms(replica, work.calls)))
        claims.figure(f"{leaves} leaves, {len(entries)} entries")
    with claims.claim("no server's memory has grown without bound"):
        after = [replica.rss_kib() for replica in cluster.replicas]
        claims.figure(f"memory: {first_kib} KiB at first, {after} KiB in the end")
        if not sanitized(build):
            nothing([c for kib in after for c in judge.grown(first_kib, kib, leaves)])


def play(claims, database, seed):
    chance = random.Random(seed)
    with Cluster(database, REPLICAS) as cluster:
        nemesis = Nemesis(cluster, chance)
        try:
            with claims.claim("after each fault every server serves again by itself"):
                began = time.monotonic()
                with Workload(cluster.replicas, chance.getrandbits(64), rest_s=0.08 if LONG else 0.02) as work:
                    time.sleep(1)
                    older, first_kib = judge.whole(cluster.replicas[0])[0], max(r.rss_kib() for r in cluster.replicas)
                    nemesis.run(SECONDS - 1)
                    time.sleep(0.5)
                seconds = time.monotonic() - began
            if not claims.failed:
                show(claims, nemesis, work, seconds)
                judge_all(claims, cluster, nemesis, work, older, first_kib)
        finally:
            if kept_folder():
                cluster.keep_logs(os.path.join(kept_folder(), cluster.name))


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    seed = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().getrandbits(32))
    claims = Claims()
    try:
        database = KINDS[kind](disk=DISK_MIB) if kind in KINDS else None
    except Absent as reason:
        claims.skip(f"nemesis over {kind}", str(reason))
        claims.end()
    if database and not database.mounted:
        claims.skip("a full disk", "mounting a small file system needs root")
    claims.figure(f"seed {seed}, {SECONDS:.0f} s over {kind}")
    play(claims, database, seed)
    claims.end()


if __name__ == "__main__":
    main()
