# SPDX-License-Identifier: Apache-2.0
"""The database file in hostile hands: every row of it flipped, cut, swapped, put back in time,
deleted, copied.  The server refuses to start and names it, or refuses to serve that one; what it
serves is never altered.

A tile is not needed to start (it is made of leaves that are checked), so an altered one is refused
when somebody asks for it.  The whole database put back in time is another matter: without witnesses
nothing in the enclave can know, and the last claims show who does."""

import os
import pathlib
import re
import sqlite3
import threading
import time

from reader import Ledger, tile_path
from rig import KV, QUICK, Claims, Live

CANARY = "canary-value-that-must-not-come-out"
SECRETS = 6


def fill(server, reads):
    """Secrets with versions, policies, tokens, a role; more leaves than one tile holds."""
    client = server.client()
    must = lambda reply, *ok: reply if reply.status in ok else fail(reply)
    for n in range(SECRETS):
        for version in range(3):
            body = {"data": {"value": f"{CANARY}-{n}-{version}", "pad": "p" * (n * 300)}}
            must(client.call("POST", f"{KV}s{n}", body), 200)
    for n in range(3):
        text = f'path "secret/data/s{n}" {{ capabilities = ["read"] }}'
        must(client.call("PUT", f"/v1/sys/policies/acl/p{n}", {"policy": text}), 204)
        must(client.call("POST", "/v1/auth/token/create", {"policies": [f"p{n}"]}), 200)
    must(client.call("POST", "/v1/sys/auth/approle", {"type": "approle"}), 204, 400)
    must(client.call("POST", "/v1/auth/approle/role/r", {"token_policies": ["p0"]}), 204)
    read_from_all_sides(server, reads)


def fail(reply):
    raise AssertionError(f"{reply.status} {reply.raw[:200]}")


def read_from_all_sides(server, reads):
    """Concurrent reads share segments: a few of many leaves, besides many of a few."""
    threads = [threading.Thread(target=read_often, args=(server, reads // 12)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def read_often(server, reads):
    client = server.client()
    for n in range(reads):
        assert client.call("GET", f"{KV}s{n % SECRETS}").status == 200
    client.close()


def truth(client):
    """Everything that must never be told otherwise."""
    out = {}
    for n in range(SECRETS):
        for version in (1, 2, 3):
            reply = client.call("GET", f"{KV}s{n}?version={version}")
            out[f"s{n}@{version}"] = reply.json["data"]["data"] if reply.status == 200 else reply.status
    for n in range(3):
        reply = client.call("GET", f"/v1/sys/policies/acl/p{n}")
        out[f"p{n}"] = reply.json["data"]["policy"] if reply.status == 200 else reply.status
    return out


class Victim:
    """A stopped server, its database as it was at two times, and how to begin again."""

    def __init__(self, server, reads):
        self.server = server
        fill(server, reads)
        self.ledger_then = Ledger(server.client())
        self.stop()
        self.then = self.rows()
        self.kept_then = server.folder / "then.db"
        server.keep_database(self.kept_then)
        self.start()
        if reads > 4096:
            read_from_all_sides(server, reads)
        client = server.client()
        for n in range(SECRETS):
            assert client.call("POST", f"{KV}s{n}", {"data": {"value": f"{CANARY}-{n}-3"}}).status == 200
        assert client.call("PUT", "/v1/sys/policies/acl/p0", {"policy": 'path "x" { capabilities = ["deny"] }'}).status == 204
        assert client.call("POST", "/v1/sys/rotate", {}).status in (200, 204)
        assert client.call("DELETE", "/v1/sys/policies/acl/p2").status == 204
        self.truth = truth(client)
        self.ledger = Ledger(client)
        # The log ends in a write: cutting off a tail of reads is another claim, below.
        assert client.call("POST", f"{KV}last", {"data": {"value": CANARY}}).status == 200
        self.stop()
        self.now = self.rows()
        self.kept_now = server.folder / "now.db"
        server.keep_database(self.kept_now)
        self.tried = self.refused = self.unserved = self.harmless = 0

    def start(self):
        self.server.start()

    def stop(self):
        """Ended, with everything in the database file itself."""
        if self.server.process.poll() is None:
            assert self.server.terminate() == 0
        db = self.open()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def open(self):
        return sqlite3.connect(self.server.database, isolation_level=None)

    def rows(self):
        db = self.open()
        out = {bytes(k): bytes(v) for k, v in db.execute("SELECT key, value FROM kv")}
        db.close()
        return out

    def alter(self, changes, kept=None):
        """changes: {key: value, or None to delete}, over the database as it was now, or that one."""
        self.server.restore_database(kept or self.kept_now)
        db = self.open()
        db.execute("BEGIN")
        for key, value in changes.items():
            if value is None:
                db.execute("DELETE FROM kv WHERE key = ?", (key,))
            else:
                db.execute("INSERT OR REPLACE INTO kv (key, value) VALUES (?, ?)", (key, value))
        db.execute("COMMIT")
        db.close()

    def stopped(self, client, patience):
        """Whether it notices by itself, beside its service, and serves nothing from then on."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            parts = {p["name"]: p["state"] for p in client.call("GET", "/v1/tee/health").json["parts"]}
            if parts["node"] == "failed":
                assert {s for s in truth(client).values()} == {503}, "it goes on serving"
                return True
            time.sleep(0.02)
        return False

    def outcome(self, patience=0):
        """'refused' and what it said, 'stopped' likewise, or 'serves' and what it would not tell.
        Patience is for what is checked beside the service: the log before a snapshot."""
        mark = len(self.server.log)
        self.server.launch()
        if not self.server.answers():
            told = self.server.log[mark:]
            assert self.server.process.returncode > 0, f"ended by {self.server.process.returncode}: {told}"
            assert CANARY not in told, "the refusal tells a secret"
            return "refused", told
        try:
            client = self.server.client()
            if self.stopped(client, patience):
                return "stopped", self.server.log[mark:]
            found = truth(client)
            for name, expected in self.truth.items():
                assert found[name] == expected or found[name] in (500, 503), f"{name} is told as {found[name]}"
            silent = [name for name in found if found[name] != self.truth[name]]
            silent += self.ledger_outcome(client)
            return "serves", silent
        finally:
            self.server.kill()

    def ledger_outcome(self, client):
        """Which tiles and bundles are refused; those that are served are the true ones."""
        silent = []
        full = self.ledger.size // 256
        for n in range(full):
            hashes = b"".join(self.ledger.hashes[256 * n : 256 * n + 256])
            leaves = self.ledger.leaves[256 * n : 256 * n + 256]
            bundle = b"".join(len(leaf.raw).to_bytes(2, "big") + leaf.raw for leaf in leaves)
            for area, expected in (("0", hashes), ("entries", bundle)):
                reply = client.call("GET", tile_path(area, n, 256))
                if reply.status == 200:
                    assert reply.raw == expected, f"altered {area} {n} was served"
                else:
                    assert reply.status == 500, f"{area} {n}: {reply.status} {reply.raw[:200]}"
                    assert expected[:32] not in reply.raw
                    silent.append(f"{area}/{n}")
        return silent

    def try_one(self, what, key, changes, patience=0):
        self.tried += 1
        self.alter(changes)
        how, told = self.outcome(patience)
        if how in ("refused", "stopped"):
            self.refused += 1
            assert names(told, key), f"{what}: {how}, and names nothing: {told[-600:]}"
            return
        if told:
            self.unserved += 1
            assert key[:1] == b"t", f"{what}: it started: {told}"
            return
        self.harmless += 1
        assert harmless(key, changes, self), f"{what}: it serves as if nothing had happened"


def names(told, key):
    """The refusal says which row, leaf, segment, slot or keyring."""
    if key[:1] == b"r" and key[1:].hex() in told:
        return True
    if key[:1] == b"r":
        return re.search(r"row failed authentication: [0-9a-f]{64}|a row key of \d+ bytes", told)
    if key[:1] == b"e":
        # The last segment may be the one that vouches for the snapshot.
        return re.search(r"(leaf|segment)( at leaf)? \d+|row failed authentication|the ledger's snapshot|rollback detected", told)
    if key[:1] == b"h":
        return re.search("head of the ledger|rollback detected", told)
    if key[:1] == b"k":
        return "keyring" in told
    if key[:1] == b"S":
        return "snapshot" in told
    return re.search(r"root slot|root key|sealed", told)


def harmless(key, changes, victim):
    """Rows that were not of the database as it was and that nobody will ask for: a tile past the end of
    the log, the head of an earlier one, a keyring older than the one in use, a slot besides the one that opens.  And a snapshot
    taken away, or one of an earlier time, which the log still vouches for: the start reads more of it."""
    now, then = victim.now, victim.then
    if key[:1] == b"k":
        return key != max(k for k in now if k[:1] == b"k")
    if key[:1] == b"S":
        return all(v is None or then.get(k) == v for k, v in changes.items())
    return key not in now and key[:1] in b"tsh"


def flip(value, at):
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


def tamperings(victim, key):
    """(what, changes) for one row."""
    now, then = victim.now, victim.then
    value = now[key]
    for at in sorted({0, 4, min(8, len(value) - 1), len(value) // 2, len(value) - 1}):
        yield f"byte {at} flipped", {key: flip(value, at)}
    for length in sorted({0, 1, len(value) // 2, len(value) - 1}):
        yield f"cut to {length}", {key: value[:length]}
    yield "one byte longer", {key: value + b"\0"}
    yield "deleted", {key: None}
    others = sorted(k for k in now if k[:1] == key[:1] and now[k] != value)
    if others:
        other = others[(others.index(min(others)) + len(value)) % len(others)]
        yield "swapped with another", {key: now[other], other: value}
        yield "overwritten by another", {key: now[other]}
    if then.get(key, value) != value:
        yield "put back in time", {key: then[key]}


def additions(victim):
    """Rows that were not there: copies under other keys, and what was deleted, put back."""
    now, then = victim.now, victim.then
    for key in sorted(set(then) - set(now)):
        yield "deleted, and put back", key, {key: then[key]}
    rows = sorted(k for k in now if k[:1] == b"r")
    yield "a row copied under another key", b"r" + os.urandom(32), None
    yield "a row under a short key", b"r" + rows[0][1:17], None
    segments = sorted(k for k in now if k[:1] == b"e")
    end = int.from_bytes(segments[-1][1:], "big") + int.from_bytes(now[segments[-1]][4:8], "big")
    yield "a segment repeated at the end", b"e" + end.to_bytes(8, "big"), segments[-1]
    yield "a segment far past the end", b"e" + (end + 1000).to_bytes(8, "big"), segments[0]
    tiles = sorted(k for k in now if k[:1] == b"t")
    yield "a tile past the end", b"t\0" + (77).to_bytes(8, "big"), tiles[0]
    rings = sorted(k for k in now if k[:1] == b"k")
    yield "a keyring as of a later version", rings[-1][:-1] + bytes([rings[-1][-1] + 1]), rings[-1]


def every_row(claims, victim):
    kinds = {b"r": "row", b"e": "segment", b"h": "head", b"t": "tile", b"k": "keyring", b"s": "root slot"}
    for prefix, kind in kinds.items():
        keys = sorted(k for k in victim.now if k[:1] == prefix)
        chosen = keys if not QUICK else sorted({keys[0], keys[len(keys) // 2], keys[-1]})
        before = victim.tried
        with claims.claim(f"each {kind} that is flipped, cut, swapped, replayed or deleted is refused and named"):
            assert keys, "there is none"
            for n, key in enumerate(chosen):
                every = list(tamperings(victim, key))
                # Each way on some row of each kind, a third of the ways on each.
                whole = key in (keys[0], keys[len(keys) // 2], keys[-1])
                for what, changes in every if whole else every[n % 3 :: 3]:
                    victim.try_one(f"{kind} {key.hex()} {what}", key, changes)
        claims.figure(f"{len(chosen)} of {len(keys)} {kind}s, {victim.tried - before} alterations")


def added_rows(claims, victim):
    with claims.claim("a row that was added, copied or brought back is refused, or never asked for"):
        for what, key, changes in additions(victim):
            if not isinstance(changes, dict):
                source = changes or min(k for k in victim.now if k[:1] == b"r")
                changes = {key: victim.now[source]}
            victim.try_one(what, key, changes)


def file_bytes(claims, victim):
    """Below the rows: the pages of the file."""
    size = os.path.getsize(victim.kept_now)
    step = max(1, size // (12 if QUICK else 150))
    served = refused = 0
    with claims.claim("a byte of the file flipped anywhere: refused, or only the truth is served"):
        for at in range(17, size, step):
            victim.server.restore_database(victim.kept_now)
            with open(victim.server.database, "r+b") as file:
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ 0x10]))
            how, _ = victim.outcome()
            served += how == "serves"
            refused += how == "refused"
    claims.figure(f"bytes of the file: {refused} refused, {served} did not matter")


def state_files(claims, victim):
    """What stands beside the database: the simulated TEE's keys."""
    folder = victim.server.folder
    names = [n for n in ("seal.key", "root.key", "root.pem") if (folder / n).exists()]
    counts = {"refused": 0, "serves": 0}
    with claims.claim("the files beside the database altered: refused, or only the truth is served"):
        assert "seal.key" in names, sorted(p.name for p in folder.iterdir())
        for name in names:
            kept = (folder / name).read_bytes()
            ways = [flip(kept, at) for at in (0, len(kept) // 2, len(kept) - 1)]
            for raw in (*ways, kept[: len(kept) // 2], b"", None):
                victim.alter({})
                (folder / name).unlink()
                if raw is not None:
                    (folder / name).write_bytes(raw)
                    (folder / name).chmod(0o600)
                how, _ = victim.outcome()
                counts[how] += 1
                assert how == "refused" or name != "seal.key", f"{name} altered, and it starts"
                (folder / name).write_bytes(kept)
                (folder / name).chmod(0o600)
        victim.alter({})
        assert victim.outcome() == ("serves", []), "not whole again"
    claims.figure(f"{', '.join(names)}: {counts}")


def write_ahead_log(claims, victim):
    """What was not yet moved into the database file.  SQLite drops a log from the first frame that does
    not check, which is the database of an earlier moment: allowed, as below, and nothing else is."""
    server = victim.server
    server.restore_database(victim.kept_now)
    server.start()
    client = server.client()
    values = {n: [{"value": f"{CANARY}-{n}-3"}] for n in range(SECRETS)}
    for round_ in range(6):
        for n in range(SECRETS):
            values[n].append({"value": f"{CANARY}-{n}-wal-{round_}"})
            assert client.call("POST", f"{KV}s{n}", {"data": values[n][-1]}).status == 200
    true = Ledger(client)
    server.kill()
    kept = server.folder / "wal.db"
    server.keep_database(kept)
    wal = pathlib.Path(f"{server.database}-wal")
    whole = wal.read_bytes()
    older = pathlib.Path(f"{victim.kept_now}-wal").read_bytes() if pathlib.Path(f"{victim.kept_now}-wal").exists() else b""
    size = len(whole)
    steps = 10 if QUICK else 80
    changes = [("taken away", None), ("emptied", b""), ("an older one", older), ("doubled", whole + whole[32:])]
    changes += [(f"cut at {n}", whole[:n]) for n in range(33, size, size // steps)]
    changes += [(f"flipped at {n}", flip(whole, n)) for n in range(5, size, size // steps)]
    counts = {"refused": 0, "earlier": 0, "whole": 0}
    with claims.claim("the write-ahead log cut, flipped or taken away: refused, or an earlier moment, never a mix"):
        for what, raw in changes:
            server.restore_database(kept)
            if raw is None:
                wal.unlink()
            else:
                wal.write_bytes(raw)
            counts[one_moment(victim, values, true, what)] += 1
    claims.figure(f"write-ahead log of {size} bytes, {len(changes)} alterations: {counts}")


def one_moment(victim, values, true, what):
    """All secrets are of one moment, and the log is the true one up to it."""
    server = victim.server
    mark = len(server.log)
    server.launch()
    if not server.answers():
        told = server.log[mark:]
        assert server.process.returncode > 0 and CANARY not in told, f"{what}: {told}"
        return "refused"
    try:
        client = server.client()
        ledger = Ledger(client)
        same = sum(a == b for a, b in zip(ledger.hashes, true.hashes))
        # Its own first leaf is the boot after the moment; all before it is the true log.
        boot = max(leaf.index for leaf in ledger.leaves if leaf.kind == "boot")
        assert same == min(boot, true.size), f"{what}: {same} leaves are the true ones, it began at {boot}"
        seen = []
        for n in range(SECRETS):
            reply = client.call("GET", f"{KV}s{n}")
            assert reply.status == 200, f"{what}: s{n}: {reply.status}"
            assert reply.json["data"]["data"] in values[n], f"{what}: s{n} has a value it never had"
            seen.append(values[n].index(reply.json["data"]["data"]))
        # They were written in turn: at any moment each is as far as the one before it, or one less.
        assert seen == sorted(seen, reverse=True) and seen[0] - seen[-1] <= 1, f"{what}: of different moments: {seen}"
        return "whole" if boot >= true.size else "earlier"
    finally:
        server.kill()


def back_in_time(claims, victim):
    """The limits, said aloud: a consistent older database is accepted without witnesses."""
    server = victim.server
    server.restore_database(victim.kept_now)
    server.start()
    server.cli("audit", "verify")  # an auditor who has seen the newer log
    assert server.terminate() == 0
    with claims.claim("not detected, as documented: the whole database of an earlier time starts"):
        server.restore_database(victim.kept_then)
        server.start()
        assert server.client().call("GET", f"{KV}s0").json["data"]["metadata"]["version"] == 3
    with claims.claim("and the server says so: in its health and in its log"):
        assert server.client().call("GET", "/v1/tee/health").json["freshness"] == "unwitnessed"
        assert "freshness is not witnessed" in server.log
    with claims.claim("it is detected by whoever remembers a checkpoint: tee-secrets audit verify refuses"):
        done = server.cli("audit", "verify", check=False)
        assert done.returncode != 0, "the auditor accepts a log that has lost leaves"
    with claims.claim("and by whoever kept the leaves: the new tail is another one"):
        client = server.client()
        for _ in range(victim.ledger.size):
            client.call("GET", f"{KV}s0")
        assert not Ledger(client).begins_as(victim.ledger)
    server.kill()
    last_segments(claims, victim)


def cut_off(rows, first):
    """The segments from leaf `first` on taken away, and the head as it was before them."""
    segments = sorted(k for k in rows if k[:1] == b"e")
    gone = [k for k in segments if int.from_bytes(k[1:], "big") >= first]
    before = rows[segments[len(segments) - len(gone) - 1]]
    changes = {k: None for k in gone + [k for k in rows if k[:1] == b"h"]}
    changes[b"h" + before[-32:]] = gone[0][1:]
    return changes


def last_segments(claims, victim):
    """Only reads at the end of the log: cutting them off leaves rows and log in agreement."""
    server = victim.server
    memory = str(server.folder / "another-auditor")
    server.restore_database(victim.kept_now)
    server.start()
    client = server.client()
    for _ in range(3):
        assert client.call("GET", f"{KV}s1").status == 200
    longer = Ledger(client)
    server.cli("audit", "verify", "-state", memory)
    victim.stop()
    with claims.claim("not detected at start, as documented: a tail of reads cut off; the auditor's memory detects it"):
        rows = victim.rows()
        last = max(k for k in rows if k[:1] == b"e")
        server.keep_database(victim.server.folder / "longer.db")
        victim.alter(cut_off(rows, int.from_bytes(last[1:], "big")), server.folder / "longer.db")
        server.start()
        shorter = Ledger(server.client())
        assert not shorter.begins_as(longer)
        assert server.cli("audit", "verify", "-state", memory, check=False).returncode != 0
        server.kill()
    with claims.claim("detected: the tail cut off where a write was in it"):
        writes = [leaf.index for leaf in victim.ledger.leaves if leaf.kind == "mutation"]
        victim.alter(cut_off(victim.now, writes[-1] - 20))
        how, told = victim.outcome()
        assert how == "refused" and re.search("row failed authentication|keyring", told), (how, told)


def with_snapshot(claims):
    """A log so long that the start begins at a snapshot, and reads what lies before it beside its
    service."""
    with Live() as server:
        victim = Victim(server, 4800)
        snapshots = sorted(k for k in victim.now if k[:1] == b"S")
        assert snapshots[0] == b"S" and len(snapshots) > 1, "no pointer, or no parts"
        begins = int.from_bytes(victim.now[b"S"][:8], "big")
        segments = sorted(k for k in victim.now if k[:1] == b"e")
        early = [k for k in segments if int.from_bytes(k[1:], "big") < begins - 256]
        chosen = (early[0], early[1], early[len(early) // 2], early[-1], segments[-2], segments[-1])
        with claims.claim("with a snapshot, unaltered, it starts and serves everything, and stays"):
            victim.alter({})
            assert victim.outcome(patience=1) == ("serves", [])
        with claims.claim("a snapshot that is flipped, cut or exchanged is refused; taken away or older, it is not needed"):
            for key in snapshots:
                for what, changes in tamperings(victim, key):
                    victim.try_one(f"snapshot {what}", key, changes)
            older = {k: v for k, v in victim.then.items() if k[:1] == b"S"}
            assert older and set(older) != set(snapshots), "both times have the same snapshot"
            victim.try_one("an older snapshot", snapshots[0], {**{k: None for k in snapshots}, **older})
            victim.try_one("both snapshots", snapshots[0], older)
            victim.try_one("the parts of both", snapshots[0], {k: v for k, v in older.items() if k != b"S"})
        with claims.claim("a segment before the snapshot that is altered stops the service and is named"):
            for key in chosen:
                for what, changes in tamperings(victim, key):
                    victim.try_one(f"segment {key.hex()} {what}", key, changes, patience=4)
        rows = sorted(k for k in victim.now if k[:1] == b"r")
        with claims.claim("a row that is altered is refused by what the snapshot says of it"):
            for key in (rows[0], rows[len(rows) // 2], rows[-1]):
                for what, changes in tamperings(victim, key):
                    victim.try_one(f"row {key.hex()} {what}", key, changes)
        claims.figure(f"with a snapshot at {begins} of {victim.ledger.size} leaves: {victim.tried} alterations")


def main():
    claims = Claims()
    with Live() as server:
        victim = Victim(server, 360)
        with claims.claim("the store has more than one full tile's leaves, in several segments"):
            assert victim.ledger.size > 256
            assert sum(k[:1] == b"e" for k in victim.now) > 10
        with claims.claim("unaltered, it starts and serves everything"):
            victim.alter({})
            assert victim.outcome() == ("serves", [])
        every_row(claims, victim)
        added_rows(claims, victim)
        claims.figure(
            f"{victim.tried} alterations: {victim.refused} stopped the start, {victim.unserved} were not served, "
            f"{victim.harmless} were of rows nobody reads"
        )
        file_bytes(claims, victim)
        state_files(claims, victim)
        write_ahead_log(claims, victim)
        back_in_time(claims, victim)
    if not QUICK:
        with_snapshot(claims)
    claims.end()


if __name__ == "__main__":
    main()
