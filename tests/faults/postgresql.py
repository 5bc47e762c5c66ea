# SPDX-License-Identifier: Apache-2.0
"""A whole server on PostgreSQL, as docs/store-pg.md says to run it: one role makes the tables and
another serves, with passwords, over TLS that verifies the name, through the way out of an enclave.
It is killed, and so is its database; what was acknowledged is there, and no password is told."""

import os
import pathlib
import shutil
import subprocess
import time

from cluster import Replica
from databases import Absent, Postgres
from egress import Bridge
from reader import Ledger
from rig import KV, QUICK, SANITIZER, Claims

ROUNDS = 2 if QUICK else 10
NAME = "database.invalid"
OWNER, SERVES = "owner-sesame", "serves-sesame"
# A busy machine, as during `make check`, takes its own time.
BACK_S = 3.0 if QUICK else 1.0


def refused(done, *words):
    told = done.stderr + done.stdout
    assert done.returncode == 78, f"{done.returncode}: {told}"
    for word in words:
        assert word in told, f"without {word!r}: {told}"
    assert "sesame" not in told, told


class Place:
    """A cluster with a certificate of its own, two roles, and the server's configuration."""

    def __init__(self, database):
        self.db = database
        self.server = Replica(0, uri="${DB_URI}")
        self.bridge = Bridge(self.server.folder / "bridge", database.port)
        self.ca = self.server.folder / "ca.pem"

    def make(self):
        db, folder = self.db, self.db.folder
        db.make()
        db.run(
            shutil.which("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
            "-keyout", folder / "key.pem", "-out", folder / "cert.pem",
        )  # fmt: skip
        shutil.copy(folder / "cert.pem", self.ca)
        (db.data / "pg_hba.conf").write_text(
            "host all operator 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        )
        with open(db.data / "postgresql.conf", "a", encoding="ascii") as conf:
            conf.write(f"ssl = on\nssl_cert_file = '{folder}/cert.pem'\nssl_key_file = '{folder}/key.pem'\n")
        db.start()
        db.sql(f"CREATE ROLE makes LOGIN PASSWORD '{OWNER}'")
        db.sql(f"CREATE ROLE serves LOGIN PASSWORD '{SERVES}'")
        db.sql("CREATE SCHEMA vault AUTHORIZATION makes")
        self.bridge.start()
        self.server.configure()
        with open(self.server.folder / "server.yaml", "a", encoding="ascii") as conf:
            conf.write(f'\negress:\n  "{NAME}:7777": "unix:{self.bridge.path}"\n')

    def uri(self, role, password, host=NAME, port=7777):
        return (
            f"postgresql://{role}:{password}@{host}:{port}/tee_secrets"
            f"?schema=vault&sslmode=verify-full&sslrootcert={self.ca}"
        )

    def run(self, *options, uri):
        return subprocess.run(
            [str(self.server.build / "tee-secretsd"), *options, "-c", str(self.server.folder / "server.yaml")],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False, cwd=self.server.folder,
            env=dict(os.environ, TEE_SECRETS_DEV_DIR=str(self.server.folder), DB_URI=uri, **SANITIZER),
        )  # fmt: skip

    def grant(self):
        self.db.sql("GRANT USAGE ON SCHEMA vault TO serves")
        self.db.sql("GRANT SELECT ON vault.version TO serves")
        self.db.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON vault.kv TO serves")

    def serve(self):
        os.environ["DB_URI"] = self.uri("serves", SERVES)
        self.server.start()

    def end(self):
        if self.server.process is not None and self.server.runs:
            self.server.kill()
        self.bridge.stop()
        self.db.remove()
        shutil.rmtree(self.server.folder, ignore_errors=True)


def tables(claims, place):
    with claims.claim("a role that may not make the tables is told who may"):
        refused(place.run(uri=place.uri("serves", SERVES)), "privilege")
        refused(place.run("--migrate", uri=place.uri("serves", SERVES)), "was not migrated")
    with claims.claim("a wrong password is a wrong configuration, and is not told"):
        refused(place.run("--migrate", uri=place.uri("makes", "sesame-wrong")), "refuses the role")
    with claims.claim("another name than the certificate's is not connected to"):
        told = place.run("--migrate", uri=place.uri("makes", OWNER, host="127.0.0.1", port=place.db.port))
        assert told.returncode == 69, f"{told.returncode}: {told.stderr}"
        assert "certificate" in told.stderr and "sesame" not in told.stderr, told.stderr
    with claims.claim("--migrate makes the tables, and has nothing to do the second time"):
        for word in ("format 0 became 1", "nothing to do"):
            done = place.run("--migrate", uri=place.uri("makes", OWNER))
            assert done.returncode == 0 and word in done.stderr, done.stderr


def write(client, names, number):
    for name in names:
        reply = client.call("POST", KV + name, {"data": {"number": str(number)}})
        assert reply.status == 200, f"{reply.status} {reply.raw}"


def read(client, names, number):
    for name in names:
        found = client.call("GET", KV + name)
        assert found.status == 200, f"{found.status} {found.raw}"
        assert found.json["data"]["data"] == {"number": str(number)}, found.raw


def crash_database(server, database):
    """The time from its return to the first answer."""
    client = server.client()
    database.crash()
    reply = client.call("GET", KV + "a")
    assert reply.status == 503 and reply.headers.get("Retry-After"), f"{reply.status} {reply.raw}"
    assert server.health()["store"]["state"] != "ok", server.health()
    database.start()
    began = time.monotonic()
    while client.call("GET", KV + "a").status != 200:
        assert time.monotonic() - began < 10 * BACK_S, "no service after the database's return"
        time.sleep(0.005)
    client.close()
    return time.monotonic() - began


def life(claims, place):
    server, names = place.server, [f"{letter}" for letter in "abcdefgh"]
    place.serve()
    status, told = server.request("POST", "/v1/sys/init", {})
    assert status == 200, told
    server.root_token = told["root_token"]
    with claims.claim("the system calls that it uses pass the filter"):
        text = pathlib.Path(f"/proc/{server.pid}/status").read_text()
        assert "Seccomp:\t2" in text, text
    for number in range(ROUNDS):
        with claims.claim(f"round {number + 1}: kill -9 of the server, and what was acknowledged is there"):
            write(server.client(), names, number)
            server.kill()
            place.serve()
            read(server.client(), names, number)
        with claims.claim(f"round {number + 1}: a crash of the database is a 503, and it is back at once"):
            took = crash_database(server, place.db)
            read(server.client(), names, number)
            assert took < BACK_S, f"{took:.2f} s"
            claims.figure(f"{took * 1000:.0f} ms from the database's return to the first answer")
    with claims.claim("the ledger verifies"):
        Ledger(server.client())
    with claims.claim("SIGTERM ends it, and nothing has told a password or the way to it"):
        assert server.terminate() == 0
        for secret in (OWNER, SERVES, place.uri("serves", SERVES)):
            assert secret not in server.log
    with claims.claim("no session is left in the database"):
        assert place.db.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'serves'").strip() == "0"


def main():
    claims = Claims()
    try:
        place = Place(Postgres())
    except Absent as absent:
        claims.skip("a server on PostgreSQL", absent)
        claims.end()
    if shutil.which("openssl") is None:
        claims.skip("a server on PostgreSQL", "no openssl to make a certificate with")
        claims.end()
    try:
        place.make()
        tables(claims, place)
        place.grant()
        life(claims, place)
    finally:
        place.end()
    claims.end()


if __name__ == "__main__":
    main()
