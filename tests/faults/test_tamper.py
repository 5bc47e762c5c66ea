# SPDX-License-Identifier: Apache-2.0
"""A database that somebody altered: the server refuses, says what, and shows no data."""

import os
import shutil
import sqlite3

import pytest
from server import Server

CANARY = "canary-value-that-must-not-come-out"


class Victim:
    """A server that was used and stopped, and its database as it then was, to be restored."""

    def __init__(self, server):
        self.server = server
        for n in range(8):
            for version in range(3):
                body = {"data": {"value": f"{CANARY}-{n}-{version}"}}
                status, _ = server.request("POST", f"/v1/secret/data/s{n}", body, server.root_token)
                assert status == 200
        server.stop()
        self.database = next(server.folder.glob("*.db"))
        self.merge()
        self.saved = self.database.with_suffix(".saved")
        shutil.copy2(self.database, self.saved)

    def open(self):
        return sqlite3.connect(self.database, isolation_level=None)

    def merge(self):
        with self.open() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def restore(self):
        self.server.stop()
        for extra in ("-wal", "-shm", "-journal"):
            self.database.with_name(self.database.name + extra).unlink(missing_ok=True)
        shutil.copy2(self.saved, self.database)

    def keys(self, db, prefix):
        return [
            bytes(k) for (k,) in db.execute("SELECT key FROM kv ORDER BY key") if bytes(k)[:1] == prefix
        ]

    def value(self, db, key):
        return bytes(db.execute("SELECT value FROM kv WHERE key = ?", (key,)).fetchone()[0])

    def put(self, db, key, value):
        db.execute("INSERT OR REPLACE INTO kv (key, value) VALUES (?, ?)", (key, value))

    def refuses(self, named=()):
        """Starts it: it must end by itself, tell what is wrong, and tell no secret."""
        mark = len(self.server.log)
        try:
            self.server.start()
        except RuntimeError:
            told = self.server.log[mark:]
            assert "tampered" in told or "authentication" in told or "altered" in told, told
            assert CANARY not in told
            if named:
                assert any(key[1:].hex() in told for key in named), f"no row is named: {told}"
            return
        # It may serve, but not one of the secrets that were touched.
        told = []
        for n in range(8):
            status, body = self.server.request(
                "GET", f"/v1/secret/data/s{n}", token=self.server.root_token
            )
            told.append(status)
            assert status in (200, 500, 503), body
        assert any(status >= 500 for status in told), "it serves as if nothing had happened"


@pytest.fixture(scope="module")
def victim():
    with Server() as server:
        yield Victim(server)


@pytest.fixture(autouse=True)
def restored(victim):
    victim.restore()
    yield


def flip(value, at):
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


def test_the_database_as_it_was_is_accepted(victim):
    victim.server.start()
    status, body = victim.server.request(
        "GET", "/v1/secret/data/s0", token=victim.server.root_token
    )
    assert status == 200 and body["data"]["data"]["value"] == f"{CANARY}-0-2"


@pytest.mark.parametrize("where", ["magic", "algorithm", "key id", "nonce", "middle", "tag"])
def test_a_flipped_bit_in_a_row_is_refused(victim, where):
    db = victim.open()
    key = victim.keys(db, b"r")[3]
    value = victim.value(db, key)
    at = {"magic": 0, "algorithm": 4, "key id": 8, "nonce": 12, "middle": len(value) // 2, "tag": -1}[where]
    victim.put(db, key, flip(value, at % len(value)))
    db.close()
    victim.refuses([key])


@pytest.mark.parametrize("length", [0, 1, 48, -1])
def test_a_row_that_was_cut_is_refused(victim, length):
    db = victim.open()
    key = victim.keys(db, b"r")[2]
    victim.put(db, key, victim.value(db, key)[:length])
    db.close()
    victim.refuses([key])


def test_two_rows_that_were_swapped_are_refused(victim):
    db = victim.open()
    one, other = victim.keys(db, b"r")[:2]
    values = victim.value(db, one), victim.value(db, other)
    victim.put(db, one, values[1])
    victim.put(db, other, values[0])
    db.close()
    victim.refuses([one, other])


def test_each_row_that_is_missing_is_refused(victim):
    db = victim.open()
    keys = victim.keys(db, b"r")
    db.close()
    for key in (keys[0], keys[len(keys) // 2], keys[-1]):
        victim.restore()
        db = victim.open()
        db.execute("DELETE FROM kv WHERE key = ?", (key,))
        db.close()
        victim.refuses([key])


def test_a_row_that_was_put_there_is_refused(victim):
    db = victim.open()
    key = victim.keys(db, b"r")[0]
    stranger = b"r" + os.urandom(len(key) - 1)
    victim.put(db, stranger, victim.value(db, key))
    db.close()
    victim.refuses([stranger])


def test_an_earlier_state_of_rows_is_refused(victim):
    """Rows of before a write, under the ledger of after it."""
    db = victim.open()
    old = {key: victim.value(db, key) for key in victim.keys(db, b"r")}
    db.close()
    victim.server.start()
    victim.server.request(
        "POST", "/v1/secret/metadata/s0", {"custom_metadata": {"a": "b"}}, victim.server.root_token
    )
    victim.server.stop()
    db = victim.open()
    changed = [k for k in victim.keys(db, b"r") if k in old and victim.value(db, k) != old[k]]
    assert changed
    for key in changed:
        victim.put(db, key, old[key])
    db.close()
    victim.refuses(changed)


@pytest.mark.parametrize("which", ["first", "middle", "last"])
@pytest.mark.parametrize("how", ["flipped", "cut", "deleted", "repeated"])
def test_a_segment_of_the_ledger_that_was_altered_is_refused(victim, which, how):
    db = victim.open()
    segments = victim.keys(db, b"e")
    key = {"first": segments[0], "middle": segments[len(segments) // 2], "last": segments[-1]}[which]
    value = victim.value(db, key)
    if how == "flipped":
        victim.put(db, key, flip(value, len(value) // 2))
    elif how == "cut":
        victim.put(db, key, value[:-1])
    elif how == "deleted":
        db.execute("DELETE FROM kv WHERE key = ?", (key,))
    else:
        other = segments[0] if which != "first" else segments[-1]
        victim.put(db, key, victim.value(db, other))
    db.close()
    victim.refuses()


def test_two_segments_that_were_swapped_are_refused(victim):
    db = victim.open()
    one, other = victim.keys(db, b"e")[1:3]
    values = victim.value(db, one), victim.value(db, other)
    victim.put(db, one, values[1])
    victim.put(db, other, values[0])
    db.close()
    victim.refuses()


@pytest.mark.parametrize("how", ["flipped", "deleted"])
def test_a_key_ring_that_was_altered_is_refused(victim, how):
    db = victim.open()
    key = victim.keys(db, b"k")[-1]
    value = victim.value(db, key)
    if how == "flipped":
        victim.put(db, key, flip(value, len(value) // 2))
    else:
        db.execute("DELETE FROM kv WHERE key = ?", (key,))
    db.close()
    mark = len(victim.server.log)
    with pytest.raises(RuntimeError):
        victim.server.start()
    assert CANARY not in victim.server.log[mark:]


def test_every_row_is_refused_when_one_bit_of_it_is_flipped(victim):
    """No row is left out of the check, whatever it holds."""
    db = victim.open()
    keys = victim.keys(db, b"r")
    db.close()
    for key in keys:
        victim.restore()
        db = victim.open()
        value = victim.value(db, key)
        victim.put(db, key, flip(value, len(value) - 20))
        db.close()
        victim.refuses([key])


def test_flipped_bytes_of_the_file_itself_are_refused_or_harmless(victim):
    """Anywhere in the file: it starts and serves the truth, or it refuses."""
    size = victim.saved.stat().st_size
    for at in range(120, size, max(1, size // 40)):
        victim.restore()
        with open(victim.database, "r+b") as file:
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 0x10]))
        try:
            victim.server.start()
        except RuntimeError:
            continue
        for n in range(8):
            status, body = victim.server.request(
                "GET", f"/v1/secret/data/s{n}", token=victim.server.root_token
            )
            if status == 200:
                assert body["data"]["data"]["value"] == f"{CANARY}-{n}-2", f"byte {at}"
