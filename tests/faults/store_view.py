# SPDX-License-Identifier: Apache-2.0
"""What whoever runs the database can see of what is kept in it: its files, its log with every statement
in it, its rows, and all that passed between it and the servers.  Never a name or a value.

    store_view.py postgresql | redis"""

import pathlib
import sys
import tempfile
import time

import host_view
from cluster import Cluster
from databases import KINDS, Absent, Postgres, Redis
from rig import Claims

PROBE = "canary-probe-that-is-to-be-found-Bd6"


class Talkative(Postgres):
    """Its log has each statement with its parameters."""

    def make(self):
        super().make()
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as file:
            file.write("log_statement = 'all'\nlog_parameter_max_length = -1\nlog_min_messages = debug1\n")

    def rows(self):
        """Every row of every table as text."""
        tables = self.sql("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                          "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')").split()  # fmt: skip
        assert tables, "no table"
        out = "".join(self.sql(f"COPY {table} TO STDOUT") for table in tables)
        # bytea as hex: the bytes themselves are what is to be searched.
        return unhex(out)

    def show(self):
        """Everything on the disk that it would write there some time."""
        self.sql("CHECKPOINT")

    def plant(self, word):
        self.sql(f"CREATE TABLE probe (word text); INSERT INTO probe VALUES ('{word}')", "postgres")

    places = ("pg_wal", "base", "/log")


class Open(Redis):
    def rows(self):
        out = b""
        for key in self.keys():
            out += key + b"\0" + self.dump(key)
        return out

    def keys(self):
        return [k for k in self.many("KEYS", "*") if k is not None]

    def dump(self, key):
        kind = self.ask("TYPE", key).lstrip(b"+")
        questions = {
            b"string": ("GET", key), b"hash": ("HGETALL", key), b"zset": ("ZRANGE", key, "0", "-1"),
            b"set": ("SMEMBERS", key), b"list": ("LRANGE", key, "0", "-1"),
        }  # fmt: skip
        return b"\0".join(word or b"" for word in self.many(*questions[kind]))

    def show(self):
        """The log as it is, and both files that it can be rewritten to."""
        assert self.ask("SAVE") == b"+OK"
        for path in self.files():
            (self.folder / f"before-{path.name}").write_bytes(path.read_bytes())
        self.ask("BGREWRITEAOF")
        time.sleep(0.5)

    def plant(self, word):
        self.ask("SET", "probe", word)

    places = ("dump.rdb", ".aof")


VIEWED = {"postgresql": Talkative, "redis": Open}


def unhex(text):
    out = [text.encode()]
    for line in text.splitlines():
        for field in line.split("\t"):
            if field.startswith("\\\\x"):
                out.append(bytes.fromhex(field[3:]))
    return b"\0".join(out)


def state_of(database):
    """What tells a file that nobody has written since."""
    stats = ((p, p.stat()) for p in database.folder.rglob("*") if p.is_file())
    return {path: (stat.st_mtime_ns, stat.st_size, stat.st_ino) for path, stat in stats}


def look(database, record, before, sought):
    """Into all that was written since: PostgreSQL's own catalogues are a thousand files."""
    changed = sorted(path for path, state in state_of(database).items() if before.get(path) != state)
    seen = []
    for path in changed + sorted(record.parent.glob(record.name + ".*")):
        host_view.find(path.read_bytes().rstrip(b"\0"), path.name, sought)
        host_view.find(str(path).encode(), "a file's name", sought)
        seen.append(str(path))
    return seen


def found(database, word):
    """Which files have it."""
    return [str(path) for path in database.files() if word.encode() in path.read_bytes()]


def main():
    claims = Claims()
    try:
        database = VIEWED[sys.argv[1]]()
    except Absent as reason:
        claims.skip(f"what {sys.argv[1]} shows", str(reason))
        claims.end()
    with tempfile.TemporaryDirectory() as folder:
        record = pathlib.Path(folder) / "traffic"
        database.start()
        database.show()
        before = state_of(database)
        with Cluster(database, 2, record) as cluster:
            words = host_view.use(cluster.replicas[0])
            sought = host_view.needles(words)
            reader = cluster.replicas[1].client()
            for size in (10, 300_000):
                path = f"{host_view.KV}{host_view.CANARIES['path']}/s{size}"
                assert host_view.CANARIES["value"].encode()[:6] in reader.call("GET", path).raw
            with claims.claim("the search finds what it is given, in each form"):
                host_view.the_search_finds(words)
            with claims.claim("it finds what somebody does keep in the open, in the files of the database"):
                database.plant(PROBE)
                database.show()
                assert found(database, PROBE), "the probe is in no file"
            with claims.claim("no file of the database has a name or value, nor its log with every statement, nor the traffic"):
                seen = look(database, record, before, sought)
                for place in database.places:
                    assert any(place in path for path in seen), f"{place} was not looked at"
                assert sum("traffic." in path for path in seen) == 2
                claims.figure(f"{len(words)} words in {len(sought)} forms, in {len(seen)} files")
            with claims.claim("nor any row, as a client of the database reads it"):
                rows = database.rows()
                assert len(rows) > 300_000, "what was written is not in what was read"
                host_view.find(rows, "a row", sought)
                claims.figure(f"{len(rows)} bytes of rows")
            with claims.claim("the traffic that was looked at is the traffic: it has the rows in it"):
                counts = [cluster.proxy.counts(link) for link in (0, 1)]
                assert counts[0]["up"] > 300_000 and counts[1]["down"] > 300_000, counts
                claims.figure(f"traffic {counts}")
            with claims.claim("nor what the servers keep beside it"):
                for replica in cluster.replicas:
                    host_view.look_at_files(replica, sought, {"server.log"})
    claims.end()


if __name__ == "__main__":
    main()
