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
from versions import DELETED, DESTROYED, LIVE, Key, Shared, check_own, check_shared

ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "5" if QUICK else "200"))
# A store lives this many rounds, so that many histories begin and none gets too long to reread.
ROUNDS_PER_STORE = 20
WRITERS = 8
OWN_KEYS = 3
SHARED_KEYS = 2
GENESIS_ROUNDS = 3 if QUICK else 40
GONE = (OSError, http.client.HTTPException)


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


class Admin(threading.Thread):
    """Makes and revokes tokens, changes policies, makes and removes mounts, rotates keys."""

    def __init__(self, server, office, seed):
        super().__init__()
        self.client, self.office, self.chance = server.client(), office, random.Random(seed)
        self.acknowledged, self.wrong, self.writes = [], None, 0

    def run(self):
        try:
            while True:
                getattr(self, self.chance.choice(("token", "token", "revoke", "policy", "policy", "mount", "rotate")))()
                time.sleep(0.002)
        except GONE:
            pass
        except Exception as error:  # told by the main thread
            self.wrong = error
        finally:
            self.client.close()

    def ask(self, method, path, body=None):
        reply = self.client.call(method, path, body)
        assert reply.status in (200, 204), f"{method} {path}: {reply.status} {reply.raw[:200]}"
        self.acknowledged.append(reply.index)
        self.writes += 1
        return reply

    def token(self):
        reply = self.ask("POST", "/v1/auth/token/create", {"policies": ["default"], "ttl": "1h"})
        self.office.tokens[reply.json["auth"]["client_token"]] = (True,)

    def revoke(self):
        live = [t for t, may_be in self.office.tokens.items() if may_be == (True,)]
        if live:
            token = self.chance.choice(live)
            self.office.tokens[token] = (True, False)
            self.ask("POST", "/v1/auth/token/revoke", {"token": token})
            self.office.tokens[token] = (False,)

    def policy(self):
        name = f"p{self.chance.randrange(4)}"
        text = f'path "secret/data/{self.chance.getrandbits(64):x}" {{ capabilities = ["read"] }}'
        self.office.policies[name] = (*self.office.policies.get(name, (None,)), text)
        self.ask("PUT", f"/v1/sys/policies/acl/{name}", {"policy": text})
        self.office.policies[name] = (text,)

    def mount(self):
        name = f"m{self.chance.randrange(3)}"
        there = self.office.mounts.get(name, (False,)) == (True,)
        self.office.mounts[name] = (True, False)
        if there:
            self.ask("DELETE", f"/v1/sys/mounts/{name}")
        else:
            self.ask("POST", f"/v1/sys/mounts/{name}", {"type": "kv", "options": {"version": "2"}})
        self.office.mounts[name] = (not there,)

    def rotate(self):
        if self.chance.random() < 0.2:
            self.ask("POST", "/v1/sys/rotate", {})


class Office:
    """What tokens, policies and mounts may be: one state, or two when an answer never came."""

    def __init__(self):
        self.tokens, self.policies, self.mounts = {}, {}, {}

    def check(self, server, client):
        for token, may_be in self.tokens.items():
            own = server.client(token)
            found = own.call("GET", "/v1/auth/token/lookup-self").status
            own.close()
            assert found in (200, 403) and (found == 200) in may_be, f"a token: {found}, may be live: {may_be}"
        # Those that are dead stay dead; to ask each again and again would be most of the time.
        self.tokens = {t: m for t, m in self.tokens.items() if m == (True,)}
        while len(self.tokens) > 8:
            self.tokens.popitem()
        for name, may_be in self.policies.items():
            reply = client.call("GET", f"/v1/sys/policies/acl/{name}")
            found = reply.json["data"]["policy"] if reply.status == 200 else None
            assert found in may_be, f"policy {name} is {found}, may be {may_be}"
            self.policies[name] = (found,)
        mounts = client.call("GET", "/v1/sys/mounts").json["data"]
        for name, may_be in self.mounts.items():
            found = f"{name}/" in mounts
            assert found in may_be, f"mount {name}: {found}, may be {may_be}"
            self.mounts[name] = (found,)


class Store:
    """One server's life over many kills."""

    def __init__(self, server, chance):
        self.server, self.chance = server, chance
        self.keys = [[Key(f"own/{w}/{k}") for k in range(OWN_KEYS)] for w in range(WRITERS)]
        self.shared = [Shared(f"shared/{k}") for k in range(SHARED_KEYS)]
        self.office = Office()
        self.writes = self.reread = self.leaves = 0
        self.start_s = []
        self.ledger = None

    def round(self):
        seeds = [self.chance.getrandbits(64) for _ in range(WRITERS)]
        writers = [Writer(self.server, keys, self.shared, seed) for keys, seed in zip(self.keys, seeds)]
        writers.append(Admin(self.server, self.office, self.chance.getrandbits(64)))
        for writer in writers:
            writer.start()
        time.sleep(self.chance.uniform(0.05, 0.4))
        if self.chance.random() < 0.15:
            # In the middle of a clean end: draining, or writing its snapshot.
            self.server.process.terminate()
            time.sleep(self.chance.uniform(0.0, 0.08))
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
        self.office.check(self.server, client)
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


class Unborn(Live):
    """Configured and running, and not initialized."""

    def __enter__(self):
        self.configure()
        self.start()
        return self


def genesis(chance):
    """Killed while it is made: it is there with all it answered, or it can be made again."""
    kinds = {"answered": 0, "made, not answered": 0, "not made": 0}
    for _ in range(GENESIS_ROUNDS):
        with Unborn() as server:
            answer = []

            def ask(client=server.client("none")):
                try:
                    answer.append(client.call("POST", "/v1/sys/init", {}))
                except GONE:
                    pass

            asking = threading.Thread(target=ask)
            asking.start()
            time.sleep(chance.uniform(0.0, 0.012))
            server.kill()
            asking.join()
            server.start()
            made = server.client("none").call("GET", "/v1/sys/init").json["initialized"]
            if answer:
                assert made, "it was answered, and is not there"
            elif not made:
                answer.append(server.client("none").call("POST", "/v1/sys/init", {}))
                kinds["not made"] += 1
            else:
                kinds["made, not answered"] += 1
                Ledger(server.client("none"))
                continue
            assert answer[0].status == 200, answer[0].raw
            kinds["answered"] += made
            server.root_token = answer[0].json["root_token"]
            client = server.client()
            assert client.call("POST", KV + "first", {"data": {"a": "b"}}).status == 200
            server.kill()
            server.start()
            assert server.client().call("GET", KV + "first").json["data"]["data"] == {"a": "b"}
            Ledger(server.client())
    return kinds


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
    with claims.claim(f"killed while it is initialized, {GENESIS_ROUNDS} times: there with what it answered, or to be made again"):
        claims.figure(f"initialized under a kill: {genesis(chance)}")
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
