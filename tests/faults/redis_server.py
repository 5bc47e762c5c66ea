# SPDX-License-Identifier: Apache-2.0
"""A whole server on Redis, as docs/store-redis.md says to run it: a user with the rights given there,
settings that keep what is acknowledged.  It is killed, and so is Redis; what was acknowledged is
there, and no password is told."""

import os
import pathlib
import re
import subprocess
import tempfile
import time

import redis_rig
from cluster import Replica
from reader import Ledger
from rig import KV, QUICK, SANITIZER, Claims, Client
from server import TREE

ROUNDS = 2 if QUICK else 10
PASSWORD = "sesame-open"
BACK_S = 1.0


def rule():
    """The user as the manual makes it."""
    text = (TREE / "docs" / "store-redis.md").read_text()
    found = re.search(r"^    ACL SETUSER tee .*\n(?:        \+.*\n)+", text, re.M)
    assert found, "no rule in the manual"
    return found.group().replace("PASSWORD", PASSWORD).split()


class Place:
    """One server and its Redis; `allow` lets Redis be volatile."""

    def __init__(self, folder):
        self.redis = redis_rig.Redis(pathlib.Path(folder) / "redis")
        self.server = Replica(0, uri="${DB_URI}")
        self.server.configure()
        self.uri(self.redis.tcp_uri(user=f"tee:{PASSWORD}@"))

    def uri(self, uri):
        os.environ["DB_URI"] = uri

    def allow(self):
        config = self.server.folder / "server.yaml"
        text = config.read_text()
        assert "\nplugins:\n" in text
        config.write_text(text.replace("\nplugins:\n", '\nplugins:\n  store-redis:\n    allow_volatile: "true"\n'))

    def refused(self, status, *words):
        """That the server does not start, with these words and without the password."""
        done = subprocess.run(
            [str(self.server.build / "tee-secretsd"), "-c", str(self.server.folder / "server.yaml")],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False, cwd=self.server.folder,
            env=dict(os.environ, TEE_SECRETS_DEV_DIR=str(self.server.folder), **SANITIZER),
        )  # fmt: skip
        told = done.stderr + done.stdout
        assert done.returncode == status, f"{done.returncode}: {told}"
        for word in words:
            assert word in told, f"without {word!r}: {told}"
        assert "sesame" not in told, told

    def end(self):
        if self.server.runs:
            self.server.kill()
        self.redis.kill()
        self.server.__exit__()


def refusals(claims, place):
    redis = place.redis
    with claims.claim("a user that is not there is refused, and its password is not told"):
        place.refused(78, "WRONGPASS")
    redis.ask(*rule())
    for name, bad, good in (
        ("appendonly", "no", "yes"),
        ("appendfsync", "everysec", "always"),
        ("no-appendfsync-on-rewrite", "yes", "no"),
    ):
        with claims.claim(f"{name} {bad} is refused, with the line to set"):
            redis.ask("CONFIG", "SET", name, bad)
            place.refused(78, f"set in redis.conf: {name} {good}")
            redis.ask("CONFIG", "SET", name, good)
    with claims.claim("eviction is refused, with the line to set"):
        redis.ask("CONFIG", "SET", "maxmemory", "1gb", "maxmemory-policy", "allkeys-lru")
        place.refused(78, "maxmemory-policy noeviction")
        redis.ask("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction")
    with claims.claim("rediss: is refused with what to do"):
        good = os.environ["DB_URI"]
        place.uri(good.replace("redis:", "rediss:"))
        place.refused(78, "stunnel")
        place.uri(good)


def write(server, names, number):
    client = server.client()
    for name in names:
        reply = client.call("POST", KV + name, {"data": {"number": str(number)}})
        assert reply.status == 200, f"{reply.status} {reply.raw}"
    client.close()


def read(server, names, number):
    client = server.client()
    for name in names:
        found = client.call("GET", KV + name)
        assert found.status == 200, f"{found.status} {found.raw}"
        assert found.json["data"]["data"] == {"number": str(number)}, found.raw
    client.close()


def crash_redis(server, redis):
    """The time from its return to the first answer."""
    client = server.client()
    redis.kill()
    reply = client.call("GET", KV + "a")
    assert reply.status == 503 and reply.headers.get("Retry-After"), f"{reply.status} {reply.raw}"
    assert server.health()["store"]["state"] == "failed", server.health()
    redis.start()
    redis.ask(*rule())
    began = time.monotonic()
    while client.call("GET", KV + "a").status != 200:
        assert time.monotonic() - began < 10 * BACK_S, "no service after the return of Redis"
        time.sleep(0.005)
    client.close()
    return time.monotonic() - began


def life(claims, place):
    server, names = place.server, list("abcdefgh")
    server.start()
    reply = Client(server.port).call("POST", "/v1/sys/init", {})
    assert reply.status == 200, reply.raw
    server.root_token = reply.json["root_token"]
    with claims.claim("the system calls that it uses pass the filter"):
        text = pathlib.Path(f"/proc/{server.pid}/status").read_text()
        assert "Seccomp:\t2" in text, text
    for number in range(ROUNDS):
        with claims.claim(f"round {number + 1}: kill -9 of the server, and what was acknowledged is there"):
            write(server, names, number)
            server.kill()
            server.start()
            read(server, names, number)
        with claims.claim(f"round {number + 1}: kill -9 of Redis is a 503, and it is back at once"):
            write(server, names, number + 100)
            took = crash_redis(server, place.redis)
            read(server, names, number + 100)
            assert took < BACK_S, f"{took:.2f} s"
            claims.figure(f"{took * 1000:.0f} ms from the return of Redis to the first answer")
    with claims.claim("the ledger verifies"):
        Ledger(server.client())
    with claims.claim("SIGTERM ends it, and nothing has told the password"):
        assert server.terminate() == 0
        assert "sesame" not in server.log
    with claims.claim("no connection is left at Redis"):
        assert b"user=tee" not in place.redis.ask("CLIENT", "LIST")


def volatile(claims, place):
    """The same database, with what may be lost allowed."""
    server = place.server
    place.redis.ask("CONFIG", "SET", "appendfsync", "everysec")
    place.allow()
    with claims.claim("what is allowed to be volatile says so in health and in the log"):
        server.start()
        store = server.health()["store"]
        assert store["state"] == "degraded" and "appendfsync always" in store["detail"], store
        assert "allow_volatile" in server.log
        write(server, "v", 1)
    server.terminate()
    place.redis.ask("CONFIG", "SET", "appendfsync", "always")
    with claims.claim("and not when there is nothing to say"):
        server.start()
        assert server.health()["store"]["state"] == "ok", server.health()
        read(server, "v", 1)
    server.terminate()


def by_socket(claims, place):
    """The same database again, by its socket, as the user that Redis has by itself."""
    place.uri(place.redis.uri())
    with claims.claim("the database is the same by its Unix socket"):
        place.server.start()
        read(place.server, "v", 1)
        place.server.terminate()


def main():
    claims = Claims()
    if not redis_rig.available():
        claims.skip("a server on Redis", "no redis-server on this machine")
        claims.end()
    with tempfile.TemporaryDirectory(prefix="tee-secrets-") as folder:
        place = Place(folder)
        try:
            place.redis.start()
            refusals(claims, place)
            life(claims, place)
            volatile(claims, place)
            by_socket(claims, place)
        finally:
            place.end()
    claims.end()


if __name__ == "__main__":
    main()
