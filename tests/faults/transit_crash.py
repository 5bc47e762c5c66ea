# SPDX-License-Identifier: Apache-2.0
"""A key is wholly there or wholly not: six clients make, import, rotate, trim, delete and use keys, the
server is killed at any moment, and after each start every key is as it was answered, each of its
versions works, what was deleted is gone, and the log verifies."""

import base64
import os
import pathlib
import random
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from crash import GONE
from reader import Ledger
from rig import HERE, QUICK, Claims, Live

sys.path.insert(0, str(pathlib.Path(HERE).parent / "clients" / "transit"))

ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "4" if QUICK else "60"))
WRITERS = 6
NAMES = 3
KINDS = ("aes256-gcm96", "chacha20-poly1305", "ecdsa-p256", "ed25519", "ecdsa-secp256k1", "rsa-2048")
ODDS = (6, 3, 6, 4, 4, 1)
IMPORTED = ("aes256-gcm96", "ecdsa-p256", "ed25519")
ENCRYPTS = ("aes256-gcm96", "chacha20-poly1305")
MOUNT = "/v1/transit/"


def b64(data):
    return base64.b64encode(data).decode()


@dataclass(frozen=True)
class State:
    """What a read shows of it."""

    kind: str
    imported: bool = False
    latest: int = 1
    available: int = 0
    decryption: int = 1
    encryption: int = 0
    deletable: bool = False


def seen(data):
    return State(
        data["type"], data["imported_key"], data["latest_version"], data["min_available_version"],
        data["min_decryption_version"], data["min_encryption_version"], data["deletion_allowed"],
    )  # fmt: skip


class Key:
    def __init__(self, name):
        self.name = name
        self.now = None  # a State; None: it is not there
        self.may_be = ()  # one more, after the operation that was never answered
        self.marks = {}  # {version: (text, what it is of)}
        self.dead = []  # marks of keys that had this name before


class Writer(threading.Thread):
    """Changes keys of its own until the server is gone."""

    def __init__(self, server, keys, seed, bring):
        super().__init__()
        self.client, self.keys, self.bring = server.client(), keys, bring
        self.chance = random.Random(seed)
        self.acknowledged, self.wrong, self.changes = [], None, 0

    def run(self):
        try:
            while True:
                self.step(self.chance.choice(self.keys))
        except GONE:
            pass
        except Exception as error:  # told by the main thread
            self.wrong = error
        finally:
            self.client.close()

    def step(self, key):
        if key.now is None:
            self.make(key)
            return
        ways = [self.rotate, self.rotate, self.rotate, self.use, self.use, self.limit, self.delete]
        self.chance.choice(ways)(key)

    def change(self, key, then, method, path, body=None):
        key.may_be = (then,)
        reply = self.client.call(method, MOUNT + path, body)
        assert reply.status in (200, 204), f"{method} {path}: {reply.status} {reply.raw[:200]}"
        assert reply.index is not None, "acknowledged without a leaf"
        self.acknowledged.append(reply.index)
        self.changes += 1
        key.now, key.may_be = then, ()

    def make(self, key):
        if self.chance.random() < 0.3:
            kind = self.chance.choice(IMPORTED)
            body = {"type": kind, "ciphertext": self.bring(kind), "allow_rotation": True}
            self.change(key, State(kind, imported=True), "POST", f"keys/{key.name}/import", body)
        else:
            (kind,) = self.chance.choices(KINDS, ODDS)
            self.change(key, State(kind), "POST", f"keys/{key.name}", {"type": kind})
        self.use(key)

    def rotate(self, key):
        latest = key.now.latest + 1
        # A version made here ends the right to bring more of them.
        if key.now.imported and self.chance.random() < 0.5:
            body = {"ciphertext": self.bring(key.now.kind)}
            self.change(key, replace(key.now, latest=latest), "POST", f"keys/{key.name}/import_version", body)
        else:
            self.change(key, replace(key.now, latest=latest, imported=False), "POST", f"keys/{key.name}/rotate", {})
        self.use(key)

    def use(self, key):
        """Something of the latest version, for later."""
        data = os.urandom(20)
        text = mark(self.client, key, data)
        assert f":v{key.now.latest}:" in text, f"{text[:12]} is not of the latest version, {key.now.latest}"
        key.marks[key.now.latest] = (text, data, key.now.kind in ENCRYPTS)

    def limit(self, key):
        """One step further to a trim: both minima, then the versions go."""
        state, path = key.now, f"keys/{key.name}"
        if state.latest < 3 or state.available == state.latest - 1:
            return
        least = state.latest - 1
        if min(state.decryption, state.encryption) > state.available:
            then = replace(state, available=min(state.decryption, state.encryption))
            self.change(key, then, "POST", f"{path}/trim", {"min_available_version": then.available})
        else:
            then = replace(state, decryption=least, encryption=least)
            self.change(key, then, "POST", f"{path}/config", {"min_decryption_version": least, "min_encryption_version": least})

    def delete(self, key):
        if not key.now.deletable:
            self.change(key, replace(key.now, deletable=True), "POST", f"keys/{key.name}/config", {"deletion_allowed": True})
            return
        self.change(key, None, "DELETE", f"keys/{key.name}")
        forget(key)


def forget(key):
    """It is gone, and its marks must not come to life."""
    key.dead = (key.dead + [(key.marks[v], v) for v in sorted(key.marks)])[-3:]
    key.marks, key.now = {}, None


def mark(client, key, data, **more):
    """A ciphertext or a signature."""
    if key.now.kind in ENCRYPTS:
        path, body, member = "encrypt", {"plaintext": b64(data), **more}, "ciphertext"
    else:
        path, body, member = "sign", {"input": b64(data), **more}, "signature"
    reply = client.call("POST", f"{MOUNT}{path}/{key.name}", body)
    assert reply.status == 200, f"{path} {key.name} {more}: {reply.status} {reply.raw[:200]}"
    return reply.json["data"][member]


# ---- after a start ----


def check(client, key):
    reply = client.call("GET", f"{MOUNT}keys/{key.name}")
    assert reply.status in (200, 404), f"{key.name}: {reply.status} {reply.raw[:200]}"
    found = seen(reply.json["data"]) if reply.status == 200 else None
    allowed = (key.now, *key.may_be)
    assert found in allowed, f"{key.name} is {found}, may be {allowed}"
    if key.now is not None and found is None:
        forget(key)
    key.now, key.may_be = found, ()
    looked = 0
    if found is not None:
        first = max(found.available, found.decryption)
        numbers = sorted(int(v) for v in reply.json["data"]["keys"])
        assert numbers == list(range(first, found.latest + 1)), f"{key.name}: versions {numbers} of {found}"
        key.marks = {v: mark for v, mark in key.marks.items() if v >= found.available}
        for version in range(found.latest, first - 1, -1):
            looked += works(client, key, version)
        for version, made in key.marks.items():
            if version >= first:
                assert opens(client, key, made), f"{key.name}: what version {version} made does not work"
                looked += 1
    for made, version in key.dead:
        assert not opens(client, key, made), f"{key.name}: version {version} of a deleted key works"
    return looked


def works(client, key, version):
    """A new ciphertext or signature of that version, and back; where the limits let it be made."""
    if version < key.now.encryption:
        return 0
    data = os.urandom(8)
    made = (mark(client, key, data, key_version=version), data, key.now.kind in ENCRYPTS)
    assert opens(client, key, made), f"{key.name} version {version} does not undo what it did"
    return 1


def opens(client, key, made):
    text, data, encrypted = made
    if encrypted:
        reply = client.call("POST", f"{MOUNT}decrypt/{key.name}", {"ciphertext": text})
        holds = reply.status == 200 and reply.json["data"]["plaintext"] == b64(data)
    else:
        reply = client.call("POST", f"{MOUNT}verify/{key.name}", {"signature": text, "input": b64(data)})
        holds = reply.status == 200 and reply.json["data"]["valid"] is True
    assert reply.status in (200, 400), f"{key.name}: {reply.status} {reply.raw[:200]}"
    return holds


def rows(server):
    """Sealed rows in the store of a server that does not run."""
    db = sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)
    (count,) = db.execute("SELECT count(*) FROM kv WHERE substr(key, 1, 1) = x'72'").fetchone()
    db.close()
    return count


class Store:
    def __init__(self, server, chance):
        self.server, self.chance = server, chance
        client = server.client()
        assert client.call("POST", "/v1/sys/mounts/transit", {"type": "transit"}).status == 204
        self.pem = client.call("GET", MOUNT + "wrapping_key").json["data"]["public_key"]
        self.keys = [[Key(f"k{w}-{n}") for n in range(NAMES)] for w in range(WRITERS)]
        self.changes = self.looked = 0
        self.ledger = None

    def bring(self, kind):
        """Another key each time, wrapped."""
        from wrapping import made, wrap

        return wrap(self.pem, made(kind)[1])

    def round(self):
        writers = [Writer(self.server, keys, self.chance.getrandbits(64), self.bring) for keys in self.keys]
        for writer in writers:
            writer.start()
        time.sleep(self.chance.uniform(0.02, 0.25))
        self.server.kill()
        for writer in writers:
            writer.join()
        for writer in writers:
            assert writer.wrong is None, f"before the kill: {writer.wrong}"
        self.changes += sum(w.changes for w in writers)
        self.server.start()
        self.check([leaf for w in writers for leaf in w.acknowledged])

    def check(self, acknowledged):
        with ThreadPoolExecutor(WRITERS) as pool:
            self.looked += sum(pool.map(self.check_keys, self.keys))
        client = self.server.client()
        everyone = [key for keys in self.keys for key in keys]
        listed = client.call("GET", MOUNT + "keys?list=true")
        names = listed.json["data"]["keys"] if listed.status == 200 else []
        assert names == sorted(key.name for key in everyone if key.now is not None), "the list says otherwise"
        ledger = Ledger(client)
        for leaf in acknowledged:
            assert leaf < ledger.size and ledger.leaves[leaf].kind == "audit", f"leaf {leaf} was acknowledged"
        assert self.ledger is None or ledger.begins_as(self.ledger), "the ledger's past has changed"
        self.ledger = ledger
        client.close()

    def check_keys(self, keys):
        client = self.server.client()
        try:
            return sum(check(client, key) for key in keys)
        finally:
            client.close()

    def delete_all(self):
        client = self.server.client()
        for key in (key for keys in self.keys for key in keys if key.now is not None):
            assert client.call("POST", f"{MOUNT}keys/{key.name}/config", {"deletion_allowed": True}).status in (200, 204)
            assert client.call("DELETE", f"{MOUNT}keys/{key.name}").status == 204


def main():
    seed = int(os.environ.get("FAULTS_SEED", "20260505"))
    chance = random.Random(seed)
    claims = Claims()
    try:
        import cryptography  # noqa: F401
    except ImportError:
        claims.skip("keys under kills", "no python3-cryptography to wrap keys with")
        claims.end()
    with Live() as server:
        store = Store(server, chance)
        assert server.terminate() == 0
        empty = rows(server)
        server.start()
        with claims.claim(f"{ROUNDS} kills: each key wholly there as acknowledged, or wholly not; each version works"):
            for number in range(ROUNDS):
                try:
                    store.round()
                except AssertionError as error:
                    raise AssertionError(f"round {number}, seed {seed}: {error}") from error
        with claims.claim("the log verifies by the command line too"):
            server.cli("audit", "verify")
        with claims.claim("deleted, the keys leave no row behind"):
            store.delete_all()
            assert server.terminate() == 0
            left = rows(server)
            assert left == empty, f"{left} rows, {empty} before there was a key"
        with claims.claim("enough was changed for this to mean anything"):
            assert store.changes > 4 * ROUNDS, store.changes
    claims.figure(f"{store.changes} acknowledged changes, {store.looked} versions and marks looked at again")
    claims.end()


if __name__ == "__main__":
    main()
