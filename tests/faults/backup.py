# SPDX-License-Identifier: Apache-2.0
"""The commands of docs/backup.md, beside a service that goes on: a backup is of one moment, opens in a
server with a state_dir of its own, has everything that was acknowledged before it began, is verified
by an auditor, and shows whoever holds it nothing."""

import pathlib
import shutil
import subprocess
import sys
import threading

from cluster import Cluster, Replica
from databases import KINDS, Absent, Postgres, Redis
from rig import KV, QUICK, Claims

CANARY = "backup-canary-that-nobody-may-read"
SECRETS = 20 if QUICK else 100


class Writer(threading.Thread):
    """Writes numbered values until it is told to end; `done` is the last that was acknowledged."""

    def __init__(self, replica):
        super().__init__(daemon=True)
        self.client, self.done, self.ending = replica.client(), 0, False

    def run(self):
        while not self.ending:
            n = self.done + 1
            for key in ("left", "right"):
                reply = self.client.call("POST", f"{KV}{key}", {"data": {"value": f"{CANARY}-{n}"}})
                assert reply.status == 200, reply.raw[:200]
            self.done = n

    def end(self):
        self.ending = True
        self.join()


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=120, **options)
    assert done.returncode == 0, f"{command[0]}: {done.stderr[-600:]}"


def program(database, name):
    return shutil.which(name) or database.programs / name


def dump(database, to):
    run(program(database, "pg_dump"), "--format=custom", "--schema=tee_secrets", f"--file={to}", database.uri(database.port))


def from_dump(kept):
    database = Postgres()
    database.start()
    run(program(database, "pg_restore"), "--no-owner", f"--dbname={database.uri(database.port)}", kept)
    return database


def base(database, to):
    uri = f"postgresql://operator@127.0.0.1:{database.port}/postgres"
    run(program(database, "pg_basebackup"), f"--pgdata={to}", "--wal-method=stream", "--checkpoint=fast", f"--dbname={uri}")


def from_base(kept):
    database = Postgres()
    database.restore(kept)
    database.adopt()
    database.made = True
    database.start()
    return database


def rdb(database, to):
    run("redis-cli", "-u", database.uri(database.port), "--rdb", to)


def from_rdb(kept):
    """An RDB file is read by a server without a log, which is then told to begin one."""
    database = Redis()
    database.make()
    database.made = True
    shutil.copy(kept, database.data / "dump.rdb")
    whole = database.command
    words = whole()
    words[words.index("--appendonly") + 1] = "no"
    database.command = lambda: words
    database.start()
    run("redis-cli", "-u", database.uri(database.port), "CONFIG", "SET", "appendonly", "yes")
    database.command = whole
    return database


WAYS = {
    "postgresql": [("pg_dump", dump, from_dump), ("pg_basebackup", base, from_base)],
    "redis": [("redis-cli --rdb", rdb, from_rdb)],
}


def raw(kept):
    """All of it, files of a folder one after the other."""
    paths = [p for p in sorted(kept.rglob("*")) if p.is_file()] if kept.is_dir() else [kept]
    return b"".join(path.read_bytes() for path in paths)


def try_copy(claims, source, uri, database_file, least):
    """A server of its own on the copy."""
    copy = Replica(9, uri, source.folder)
    copy.root_token = source.root_token
    try:
        copy.configure()
        if database_file:
            shutil.copy(database_file, copy.database)
        copy.start()
        client = copy.client()
        numbers = []
        for key in ("left", "right"):
            reply = client.call("GET", f"{KV}{key}")
            assert reply.status == 200, reply.raw[:200]
            numbers.append(int(reply.json["data"]["data"]["value"].rpartition("-")[2]))
        left, right = numbers
        assert left >= least, f"it lacks {least}, which was acknowledged before it began"
        assert left - 1 <= right <= left, f"of two moments: {numbers}"
        for n in range(SECRETS):
            assert client.call("GET", f"{KV}s{n}").status == 200
        copy.cli("audit", "verify")
        claims.figure(f"backup of {least} to {left} pairs")
    finally:
        copy.__exit__()


def one_way(claims, name, take, source, restore=None):
    writer = Writer(source)
    writer.start()
    while writer.done < 5:
        assert writer.is_alive()
    folder = pathlib.Path(source.folder)
    kept = folder / f"backup-{name.split()[0]}"
    with claims.claim(f"{name} beside the service: a copy of one moment, sealed, that opens and verifies"):
        least = writer.done
        take(kept)
        writer.end()
        assert CANARY.encode() not in raw(kept)
        if restore is None:
            try_copy(claims, source, None, kept, least)
            return
        database = restore(kept)
        try:
            try_copy(claims, source, database.uri(database.port), None, least)
        finally:
            database.remove()


def main():
    claims = Claims()
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    try:
        database = KINDS[kind]() if kind in KINDS else None
    except Absent as reason:
        claims.skip("backups", str(reason))
        claims.end()
        return
    with Cluster(database) as cluster:
        source = cluster.replicas[0]
        client = source.client()
        for n in range(SECRETS):
            assert client.call("POST", f"{KV}s{n}", {"data": {"value": f"{CANARY}-{n}"}}).status == 200
        if database is None:
            one_way(claims, "sqlite3 .backup", lambda to: run("sqlite3", source.database, f".backup {to}"), source)
        for name, take, restore in WAYS.get(kind, []):
            one_way(claims, name, lambda to, take=take: take(database, to), source, restore)
    claims.end()


if __name__ == "__main__":
    main()
