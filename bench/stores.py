# SPDX-License-Identifier: Apache-2.0
"""Measurements over PostgreSQL and Redis, each started for it on a folder of its own: what one
server reaches of raw grouped commits, and what two reach of one."""
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from measuring import ARGS, HERE, Server, free_port, median, pinned, scripts, spread, table, timed, wrk

sys.path[:0] = [os.path.join(HERE, "..", "tests", folder) for folder in ("faults", "clients")]

import databases  # noqa: E402

KEYS = 1000
COUNTS = (1, 16, 64, 256)


class Postgres(databases.Postgres):
    """Settings as one would run it; fsync and synchronous_commit as they come: on."""

    def make(self):
        super().make()
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as file:
            file.write("shared_buffers = 256MB\nmax_wal_size = 4GB\nmin_wal_size = 512MB\n"
                       "checkpoint_timeout = 15min\n")

    def store(self):
        return self.uri(self.port)

    def shape(self):
        """Segments, bytes in them, rows, bytes in those; as the server's plugin keeps them."""
        out = self.sql("SELECT count(*) FILTER (WHERE k = 'e'), coalesce(sum(v) FILTER (WHERE k = 'e'), 0),"
                       " count(*) FILTER (WHERE k = 'r'), coalesce(sum(v) FILTER (WHERE k = 'r'), 0) FROM"
                       " (SELECT substr(encode(substr(key, 1, 1), 'escape'), 1, 1) AS k, length(value) AS v"
                       "  FROM tee_secrets.kv) AS x")
        return [int(n) for n in out.strip().split("|")]


class Redis(databases.Redis):
    def command(self):
        return [*super().command(), "--save", ""]

    def store(self):
        return self.uri(self.port)

    def shape(self):
        script = """local out = {0, 0, 0, 0}
for _, k in ipairs(redis.call('ZRANGE', '{tee-secrets}:keys', 0, -1)) do
  local at = ({e = 1, r = 3})[string.sub(k, 1, 1)]
  if at then
    out[at] = out[at] + 1
    out[at + 1] = out[at + 1] + redis.call('HSTRLEN', '{tee-secrets}:kv', k)
  end
end
return table.concat(out, ' ')"""
        return [int(n) for n in self.words("EVAL", script, "0").split()]

    def words(self, *words):
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(b"*%d\r\n" % len(words)
                               + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words))
            with connection.makefile("rb") as file:
                return file.read(int(file.readline()[1:])).decode()


KINDS = {"PostgreSQL": Postgres, "Redis": Redis}


class Over:
    """A database, and servers over it; `with Over(kind, 2, folder) as over`."""

    def __init__(self, kind, servers, folder):
        self.database = KINDS[kind]()
        self.folder = tempfile.mkdtemp(prefix=kind + "-", dir=folder)
        self.count, self.servers = servers, []

    def __enter__(self):
        try:
            self.database.start()
            for i in range(self.count):
                home = os.path.join(self.folder, str(i))
                os.mkdir(home)
                self.servers.append(Server(home, self.database.store(), self.servers[0] if i else None))
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for server in self.servers:
            server.stop()
        self.database.remove()


class Shape:
    """Bytes per operation, seen in the database before and after some."""

    def __init__(self, over, script, connections=16):
        server = over.servers[0]
        before, leaves = over.database.shape(), server.metric("tee_secrets_ledger_leaves")
        done = server.metric("tee_secrets_ledger_operations_total")
        wrk(server.port, connections, 1, script)
        after = over.database.shape()
        self.ops = server.metric("tee_secrets_ledger_operations_total") - done - 1
        self.leaf = round((after[1] - before[1]) / self.ops)
        self.leaves = (server.metric("tee_secrets_ledger_leaves") - leaves) / self.ops
        rows = (after[2] - before[2]) / self.ops
        self.row = 0 if rows < 0.05 else round(after[3] / after[2])


def group(uri, shape, *words):
    return pinned(0, [os.path.join(ARGS.build, "bench/ceiling_group"), uri, str(shape.leaf), str(shape.row),
                      *(str(w) for w in words)])


def ceiling_loop(uri, shape, ops):
    return float(subprocess.run(group(uri, shape, "loop", ops, ARGS.seconds), check=True, capture_output=True,
                                text=True).stdout)


class Gathering:
    """The bare HTTP server whose requests wait for raw commits."""

    def __init__(self, uri, shape, body, folder):
        path = os.path.join(folder, "body")
        with open(path, "wb") as out:
            out.write(body)
        self.port = free_port()
        self.process = subprocess.Popen(group(uri, shape, "http", self.port, path))
        time.sleep(0.3)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def measure_against(kind, over, what, script, folder):
    """One server: rates as ratios to raw commits of as many operations, and to those behind HTTP."""
    server, uri = over.servers[0], over.database.store()
    shape = Shape(over, script)
    body = server.raw("/v1/secret/data/bench/0") if what == "read" else b'{"data":{"version":1}}' + b" " * 200
    rows = []
    with Gathering(uri, shape, body, over.folder) as bare:
        wrk(bare.port, 64, 1, script)
        for c in COUNTS:
            ours, alone, full, http, sizes = [], [], [], [], []
            for _ in range(ARGS.rounds):
                ops, batches = (server.metric(f"tee_secrets_ledger_{n}_total") for n in ("operations", "batches"))
                ours.append(timed(server.process.pid, server.port, c, script))
                ops = server.metric("tee_secrets_ledger_operations_total") - ops
                sizes.append(max(1, ops / max(1, server.metric("tee_secrets_ledger_batches_total") - batches)))
                alone.append(ceiling_loop(uri, shape, min(c, max(1, round(sizes[-1])))))
                http.append(timed(bare.process.pid, bare.port, c, script))
            rows.append((c, f"{statistics.median(r[0] for r in ours):.0f}", f"{statistics.median(sizes):.1f}",
                         f"{statistics.median(alone):.0f}", spread([a[0] / b for a, b in zip(ours, alone)]),
                         f"{statistics.median(r[0] for r in http):.0f}",
                         spread([a[0] / b[0] for a, b in zip(ours, http)]),
                         median([r[3] for r in ours]), median([r[1] for r in ours]), median([r[2] for r in ours])))
    table(f"{kind}: KV {what}, audited and durable, {shape.leaf} bytes of segment"
          + (f" and a row of {shape.row}" if shape.row else "") + " per operation", rows,
          ("connections", "ours /s", "per commit", "raw commits /s", "ratio", "raw behind HTTP /s", "ratio ", "CPU us",
           "p50 ms", "p99 ms"))


def measure_stores(folder):
    for kind in (k for k in KINDS if ARGS.store in (None, k)):
        with Over(kind, 1, folder) as over:
            server = over.servers[0]
            server.seed(0, KEYS)
            read, write = scripts(over.folder, server.token, KEYS)
            measure_against(kind, over, "read", read, folder)
            measure_against(kind, over, "write of 1 KiB", write, folder)


# ---- replicas ----


def together(servers, connections, script):
    """Each server with as many connections, all at once: a list of (rate, p50, p99)."""
    out = [None] * len(servers)

    def work(i):
        try:
            out[i] = wrk(servers[i].port, connections, ARGS.seconds, script)
        except RuntimeError as error:
            out[i] = error

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(servers))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for one in out:
        if isinstance(one, Exception):
            raise one
    return out


def measure_replicas(folder, connections=64):
    rows = []
    for kind in (k for k in KINDS if ARGS.store in (None, k)):
        with Over(kind, 2, folder) as over:
            first, second = over.servers
            first.seed(0, KEYS)
            for what, script in zip(("read", "write"), scripts(over.folder, first.token, KEYS)):
                one, two, conflicts = [], [], []
                for _ in range(ARGS.rounds):
                    one.append(together([first], connections, script)[0])
                    before = [[s.metric(f"tee_secrets_ledger_{n}_total") for n in ("conflicts", "batches", "operations")]
                              for s in over.servers]
                    two.append(together([first, second], connections, script))
                    after = [[s.metric(f"tee_secrets_ledger_{n}_total") for n in ("conflicts", "batches", "operations")]
                             for s in over.servers]
                    conflicts.append([sum(a[i] - b[i] for a, b in zip(after, before)) for i in range(3)])
                rows.append((kind, what, f"{statistics.median(r[0] for r in one):.0f}",
                             f"{statistics.median(sum(r[0] for r in pair) for pair in two):.0f}",
                             spread([sum(r[0] for r in pair) / o[0] for pair, o in zip(two, one)]),
                             spread([min(r[0] for r in pair) / sum(r[0] for r in pair) for pair in two]),
                             median([c[0] / max(1, c[1]) for c in conflicts]),
                             median([c[2] / max(1, c[1]) for c in conflicts]),
                             f"{median([r[1] for r in one])} / {median([r[2] for r in one])}",
                             f"{median([max(r[1] for r in pair) for pair in two])} / "
                             f"{median([max(r[2] for r in pair) for pair in two])}"))
    table(f"Two servers over one store, {connections} connections each, against one", rows,
          ("store", "what", "one /s", "two /s", "ratio", "smaller share", "conflicts per commit", "ops per commit",
           "one: p50 / p99 ms", "two, the slower: p50 / p99 ms"))
