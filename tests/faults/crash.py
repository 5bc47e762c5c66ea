# SPDX-License-Identifier: Apache-2.0
"""Nothing acknowledged is lost: eight writers, a server that is killed at any moment, and after each
start every key exactly as it was answered, in a ledger that verifies from leaf 0.

A kill takes the process, not the machine: what a power cut would do to the disk is the store's
contract (synchronous=FULL) and tests/plugins/ looks at it."""

import http.client
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from reader import Ledger
from rig import KV, METADATA, QUICK, Claims, Live

ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "5" if QUICK else "200"))
# A store lives this many rounds, so that many histories begin and none gets too long to reread.
ROUNDS_PER_STORE = 20
WRITERS = 8
OWN_KEYS = 3
SHARED_KEYS = 2
KEPT = 10  # versions: the default of the mount
GONE = (OSError, http.client.HTTPException)
LIVE, DELETED, DESTROYED = "live", "deleted", "destroyed"


class Key:
    """What a secret must be, told by the answers: {version: (state, data)}, None when it is not there."""

    def __init__(self, path):
        self.path = path
        self.now = None
        self.may_be = None  # after the operation that was never answered

    def current(self):
        return max(self.now) if self.now else 0

    def after_put(self, data):
        versions = dict(self.now or {})
        number = self.current() + 1
        versions[number] = (LIVE, data)
        return {v: s for v, s in versions.items() if v > number - KEPT}

    def after_change(self, number, state):
        versions = dict(self.now)
        old, data = versions[number]
        if old != DESTROYED:
            versions[number] = (state, None if state == DESTROYED else data)
        return versions


class Writer(threading.Thread):
    """Changes its own keys, and fights for the shared ones, until the server is gone."""

    def __init__(self, server, keys, shared, seed):
        super().__init__()
        self.client = server.client()
        self.keys, self.shared = keys, shared
        self.chance = random.Random(seed)
        self.acknowledged = []  # leaves
        self.wrong = None
        self.writes = 0

    def data(self):
        """Of many sizes, so that rows are of many classes and a torn one would show."""
        size = self.chance.choice((10, 200, 900, 5000))
        word = f"{self.chance.getrandbits(64):016x}"
        return {"word": word, "long": word * (size // 16)}

    def run(self):
        try:
            while True:
                if self.chance.random() < 0.25:
                    self.fight(self.chance.choice(self.shared))
                else:
                    self.change(self.chance.choice(self.keys))
        except GONE:
            pass
        except Exception as error:  # told by the main thread
            self.wrong = error
        finally:
            self.client.close()

    def done(self, reply, *statuses):
        assert reply.status in statuses, f"{reply.status} {reply.raw[:200]}"
        assert reply.index is not None, "acknowledged without a leaf"
        self.acknowledged.append(reply.index)
        self.writes += reply.status < 300

    def change(self, key):
        what = self.chance.random()
        if what < 0.7 or not key.now:
            data = self.data()
            body = {"data": data}
            if self.chance.random() < 0.5:
                body["options"] = {"cas": key.current()}
            self.attempt(key, key.after_put(data), "POST", KV + key.path, body, 200)
        elif what < 0.73:
            self.attempt(key, None, "DELETE", METADATA + key.path, None, 204)
        else:
            number = self.chance.choice(list(key.now))
            verb, state = self.chance.choice((("delete", DELETED), ("undelete", LIVE), ("destroy", DESTROYED)))
            path = f"/v1/secret/{verb}/{key.path}"
            self.attempt(key, key.after_change(number, state), "POST", path, {"versions": [number]}, 204)

    def attempt(self, key, then, method, path, body, status):
        key.may_be = (then,)
        self.done(self.client.call(method, path, body), status)
        key.now, key.may_be = then, None

    def fight(self, shared):
        """cas against the other writers: one of them wins each version."""
        data = self.data()
        guess = shared.highest
        attempt = shared.begin(data)
        reply = self.client.call("POST", KV + shared.path, {"data": data, "options": {"cas": guess}})
        self.done(reply, 200, 400)
        shared.answered(attempt, reply, guess)


class Shared:
    """A key that all write to.  Each version belongs to at most one answer."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.highest = 0
        self.answers = {}  # version: data
        self.open = {}  # attempts without an answer
        self.attempts = 0
        self.conflicts = 0

    def begin(self, data):
        with self.lock:
            self.attempts += 1
            self.open[self.attempts] = data
            return self.attempts

    def answered(self, attempt, reply, guess):
        with self.lock:
            data = self.open.pop(attempt)
            if reply.status != 200:
                assert b"check-and-set" in reply.raw, reply.raw
                self.conflicts += 1
                return
            version = reply.json["data"]["version"]
            assert version == guess + 1, f"cas {guess} made version {version}"
            assert version not in self.answers, f"version {version} was acknowledged twice"
            self.answers[version] = data
            self.highest = max(self.highest, version)


def seen(client, path):
    """A secret as the server tells it: {version: (state, data)}, None when it is not there."""
    reply = client.call("GET", METADATA + path)
    if reply.status == 404:
        return None
    assert reply.status == 200, f"{path}: {reply.status} {reply.raw[:200]}"
    meta = reply.json["data"]
    numbers = sorted(int(v) for v in meta["versions"])
    if not numbers:
        return None
    assert numbers == list(range(numbers[0], meta["current_version"] + 1)), f"{path}: torn: {numbers}"
    out = {}
    for number in numbers:
        told = meta["versions"][str(number)]
        state = DESTROYED if told["destroyed"] else DELETED if told["deletion_time"] else LIVE
        reply = client.call("GET", f"{KV}{path}?version={number}")
        body = reply.json["data"]
        assert reply.status == (200 if state == LIVE else 404), f"{path} {number} {state}: {reply.status}"
        assert body["metadata"]["version"] == number
        assert (body["data"] is None) == (state != LIVE), f"{path} {number} {state}: {body['data']}"
        out[number] = (state, body["data"])
    return out


def same(found, expected):
    """What a deleted version holds is seen only once it is brought back."""
    if found is None or expected is None:
        return not found and not expected
    hidden = {v: (s, d if s == LIVE else None) for v, (s, d) in expected.items()}
    return found == hidden


def check_own(client, key):
    found = seen(client, key.path)
    if key.may_be is not None and not same(found, key.now):
        assert same(found, key.may_be[0]), f"{key.path} is neither as before nor as after what was asked"
        key.now = key.may_be[0]
    key.may_be = None
    assert same(found, key.now), f"{key.path}: {brief(found)}, acknowledged was {brief(key.now)}"
    return 1 if not found else 1 + len(found)


def check_shared(client, shared):
    found = seen(client, shared.path) or {}
    current = max(found, default=0)
    assert current >= shared.highest, f"{shared.path}: {current}, acknowledged was {shared.highest}"
    assert current - shared.highest <= len(shared.open), "more versions than anybody asked for"
    waiting = list(shared.open.values())
    for number, (state, data) in found.items():
        assert state == LIVE
        if number in shared.answers:
            assert data == shared.answers[number], f"{shared.path} {number} has other data"
        else:
            assert data in waiting, f"{shared.path} {number} has data nobody sent"
            shared.answers[number] = data
            waiting.remove(data)
    assert all(v in found for v in shared.answers if v > current - KEPT), "a version is missing"
    shared.highest, shared.open = current, {}
    return 1 + len(found)


def brief(versions):
    return None if versions is None else {v: s for v, (s, _) in versions.items()}


class Store:
    """One server's life over many kills."""

    def __init__(self, server, chance):
        self.server, self.chance = server, chance
        self.keys = [[Key(f"own/{w}/{k}") for k in range(OWN_KEYS)] for w in range(WRITERS)]
        self.shared = [Shared(f"shared/{k}") for k in range(SHARED_KEYS)]
        self.writes = self.conflicts = self.reread = self.leaves = 0
        self.start_s = []
        self.ledger = None

    def round(self):
        seeds = [self.chance.getrandbits(64) for _ in range(WRITERS)]
        writers = [Writer(self.server, keys, self.shared, seed) for keys, seed in zip(self.keys, seeds)]
        for writer in writers:
            writer.start()
        time.sleep(self.chance.uniform(0.05, 0.4))
        self.server.kill()
        for writer in writers:
            writer.join()
        for writer in writers:
            assert writer.wrong is None, f"before the kill: {writer.wrong}"
        self.writes += sum(w.writes for w in writers)
        self.restart()
        self.check([leaf for w in writers for leaf in w.acknowledged])

    def restart(self):
        # One start in four is killed as well, somewhere in the replay or at its boot leaf.
        if self.chance.random() < 0.25:
            self.server.launch()
            time.sleep(self.chance.uniform(0.0, 0.03))
            self.server.kill()
        before = time.monotonic()
        self.server.start()
        self.start_s.append(time.monotonic() - before)
        # A clean end now and then leaves a snapshot, for the next starts to begin at.
        if self.chance.random() < 0.1:
            assert self.server.terminate() == 0
            self.server.start()

    def check(self, acknowledged):
        with ThreadPoolExecutor(WRITERS) as pool:
            self.reread += sum(pool.map(self.check_keys, self.keys))
        client = self.server.client()
        self.reread += sum(check_shared(client, shared) for shared in self.shared)
        ledger = Ledger(client)
        client.close()
        for leaf in acknowledged:
            assert leaf < ledger.size and ledger.leaves[leaf].kind == "audit", f"leaf {leaf} was acknowledged"
        assert self.ledger is None or ledger.begins_as(self.ledger), "the ledger's past has changed"
        self.ledger = ledger
        self.server.cli("audit", "verify")

    def check_keys(self, keys):
        client = self.server.client()
        try:
            return sum(check_own(client, key) for key in keys)
        finally:
            client.close()


def the_check_notices(chance):
    """A commit that is taken back after it was acknowledged, by putting an older database back."""
    with Live() as server:
        store = Store(server, chance)
        store.round()
        assert server.terminate() == 0
        kept = server.folder / "kept.db"
        server.keep_database(kept)
        server.start()
        restore = server.kill

        def kill_and_lose():
            restore()
            server.restore_database(kept)

        server.kill = kill_and_lose
        try:
            store.round()
        except AssertionError:
            return
        raise AssertionError("acknowledged writes were lost, and nothing was noticed")


def main():
    seed = int(os.environ.get("FAULTS_SEED", "20260101"))
    chance = random.Random(seed)
    claims = Claims()
    rounds, stores = 0, []
    while rounds < ROUNDS:
        begun = rounds
        with claims.claim(f"kills {rounds + 1} on: every key as acknowledged, ledger whole, CLI agrees"):
            with Live() as server:
                store = Store(server, chance)
                stores.append(store)
                while rounds < ROUNDS and rounds - begun < ROUNDS_PER_STORE:
                    rounds += 1
                    store.round()
                store.leaves = store.ledger.size
        rounds = max(rounds, begun + 1)
    with claims.claim("the check itself notices acknowledged writes that are lost"):
        the_check_notices(chance)
    writes = sum(s.writes for s in stores)
    starts = sorted(t for s in stores for t in s.start_s)
    with claims.claim("enough was written for this to mean anything"):
        assert writes > 20 * rounds, writes
    with claims.claim("writers did collide"):
        assert sum(k.conflicts for s in stores for k in s.shared) > rounds
    claims.figure(f"seed {seed}, {rounds} kills over {len(stores)} stores, {writes} acknowledged writes, none lost")
    claims.figure(f"{sum(s.reread for s in stores)} reads back, {sum(s.leaves for s in stores)} leaves")
    claims.figure(f"start after a kill: median {starts[len(starts) // 2]:.3f} s, worst {starts[-1]:.3f} s")
    claims.end()


if __name__ == "__main__":
    main()
