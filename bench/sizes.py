# SPDX-License-Identifier: Apache-2.0
"""What a million secrets cost: per operation, in memory, on the disk, and at a start."""
import os
import shutil
import statistics
import subprocess
import tempfile
import time

import stores
from measuring import ARGS, Server, median, pinned, scripts, spread, table, timed

SEED = """local h = {["X-Vault-Token"] = "%s", ["Content-Type"] = "application/json"}
local sent, most = 0, %d
request = function()
  sent = sent + 1
  return wrk.format("POST", "/v1/secret/data/bench/" .. (sent - 1) %% most, h,
    string.format('{"data":{"username":"service","password":"%%030d"}}', sent))
end
"""
SEEDERS = 256
NAMES = {"read": "read of 1000 of them", "write": "write of 1000 of them", "cold": "read of any"}
HOT = 1000  # secrets that are read and written again and again, wherever they are among the others


class Sqlite:
    """The database that is a file beside the server."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="tee-secrets-sqlite-")
        self.file = os.path.join(self.folder, "store.db")

    def start(self):
        pass

    def store(self):
        return "sqlite:" + self.file

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def bytes(self):
        return sum(os.path.getsize(self.file + s) for s in ("", "-wal") if os.path.exists(self.file + s))

    def forget_snapshot(self):
        import sqlite3
        with sqlite3.connect(self.file) as db:
            table_name, = next(db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%key%value%'"))
            db.execute(f"DELETE FROM {table_name} WHERE key >= x'53' AND key < x'54'")


class Postgres(stores.Postgres):
    def bytes(self):
        return int(self.sql("SELECT pg_total_relation_size('tee_secrets.kv')"))

    def forget_snapshot(self):
        self.sql("DELETE FROM tee_secrets.kv WHERE key >= '\\x53' AND key < '\\x54'")


class Redis(stores.Redis):
    def bytes(self):
        return sum(f.stat().st_size for f in self.files())

    def forget_snapshot(self):
        self.words("EVAL", """for _, k in ipairs(redis.call('ZRANGEBYLEX', '{tee-secrets}:keys', '[S', '(T')) do
  redis.call('HDEL', '{tee-secrets}:kv', k)
  redis.call('ZREM', '{tee-secrets}:keys', k)
end
return 'done'""", "0")


KINDS = {"SQLite": Sqlite, "PostgreSQL": Postgres, "Redis": Redis}


class Filled:
    """A server with so many secrets, on a database of its own."""

    def __init__(self, kind, count, folder):
        self.count = count
        self.database = KINDS[kind]()
        self.database.start()
        home = tempfile.mkdtemp(prefix="sized-", dir=folder)
        self.server = Server(home, self.database.store())
        rss, size = self.server.rss_mib(), self.database.bytes()
        script = os.path.join(home, "seed.lua")
        with open(script, "w", encoding="ascii") as out:
            out.write(SEED % (self.server.token, count))
        self.seed(script)
        leaves = self.server.metric("tee_secrets_ledger_leaves")
        self.row_kib = (self.server.rss_mib() - rss) * 1024 / count
        self.disk = (self.database.bytes() - size) / leaves
        self.cold, _ = scripts(tempfile.mkdtemp(dir=home), self.server.token, count)
        self.read, self.write = scripts(home, self.server.token, HOT, count // HOT)

    def seed(self, script):
        """Until as many were written as there are, and those that were still under way."""
        wrk = subprocess.Popen(pinned(1, ["wrk", "-t1", f"-c{SEEDERS}", "-d3600s", "-s", script,
                                          f"http://127.0.0.1:{self.server.port}"]), stdout=subprocess.DEVNULL)
        try:
            while self.server.metric("tee_secrets_ledger_operations_total") < self.count + 2 * SEEDERS:
                time.sleep(0.1)
        finally:
            wrk.kill()
            wrk.wait()

    def restarted(self):
        self.server.stop()
        self.server.start()
        return self.server.start_ms

    def restarted_without(self):
        self.server.stop()
        self.database.forget_snapshot()
        self.server.start()
        return self.server.start_ms

    def remove(self):
        self.server.stop()
        self.database.remove()


def measure_cost(kind, filled):
    """All sizes are up at once and take turns."""
    rows = []
    for what in ("read", "write", "cold"):
        got = {f.count: [] for f in filled}
        for _ in range(ARGS.rounds):
            for f in filled:
                got[f.count].append(timed(f.server.process.pid, f.server.port, 64, getattr(f, what)))
        first = got[filled[0].count]
        for f in filled:
            of = got[f.count]
            rows.append((kind, NAMES[what], f.count, f"{statistics.median(r[0] for r in of):.0f}",
                         spread([b[0] / a[0] for a, b in zip(of, first)]), median([r[3] for r in of]),
                         spread([a[3] / b[3] for a, b in zip(of, first)])))
    return rows


def measure_sizes(folder):
    sizes = [n for n in (1000, 10000, 100000, 1000000) if n <= ARGS.largest]
    costs, starts = [], []
    for kind in KINDS:
        if ARGS.store not in (None, kind):
            continue
        filled = []
        try:
            for n in sizes:
                filled.append(Filled(kind, n, folder))
            costs += measure_cost(kind, filled)
            for f in filled:
                with_it = [f.restarted() for _ in range(min(3, ARGS.rounds))]
                leaves = f.server.metric("tee_secrets_ledger_leaves")
                rss = f.server.rss_mib()
                without = f.restarted_without()
                starts.append((kind, f.count, f"{leaves:.0f}", f"{statistics.median(with_it):.0f}", f"{without:.0f}",
                               f"{f.row_kib:.2f}", f"{rss:.0f}", f"{f.disk:.0f}"))
        finally:
            for f in filled:
                f.remove()
        table(f"{kind}: what an operation costs as secrets of 50 bytes become more (64 connections)", costs,
              ("store", "what", "secrets", "/s", "time to that of the first", "CPU us", "CPU to that of the first"))
        table("Starts, and what a secret takes", starts,
              ("store", "secrets", "leaves", "start ms", "without a snapshot ms", "KiB of memory per secret",
               "MiB after a start", "bytes on the disk per write"))
        costs, starts = [], []
