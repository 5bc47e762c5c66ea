# SPDX-License-Identifier: Apache-2.0
"""Keys rotate while they are used: four clients encrypt, decrypt, sign and verify, and one rotates both
keys a hundred times.  Nothing fails; each reply is of a version that was the latest while it was asked
for; and old versions behave afterwards as the limits say.  Once with one server, once with three."""

import base64
import random
import threading
import time

from cluster import Cluster
from databases import KINDS, Absent
from rig import QUICK, Claims

CLIENTS = 4
ROTATIONS = 30 if QUICK else 100
ROTATIONS_OF_THREE = 10 if QUICK else 25
BETWEEN_S = 0.01
PATIENCE_S = 2
ENCRYPTING, SIGNING = "cipher", "signer"
TOO_OLD = "ciphertext or signature version is disallowed by policy (too old)"


def b64(data):
    return base64.b64encode(data).decode()


def version_of(text):
    return int(text.split(":")[1][1:])


class Mount:
    """The two keys, and what is known of the latest version: nobody may be told less than `sure`, nor
    more than `begun`."""

    def __init__(self, client, kinds):
        assert client.call("POST", "/v1/sys/mounts/transit", {"type": "transit"}).status == 204
        self.names = (ENCRYPTING, SIGNING)
        for name, kind in zip(self.names, kinds):
            reply = client.call("POST", f"/v1/transit/keys/{name}", {"type": kind})
            assert reply.status == 200, reply.raw
        self.sure = dict.fromkeys(self.names, 1)
        self.begun = dict.fromkeys(self.names, 1)
        self.used = dict.fromkeys(self.names, 0)  # the latest that a user got
        self.over = threading.Event()


def ask(client, path, **body):
    reply = client.call("POST", f"/v1/transit/{path}", body)
    assert reply.status == 200, f"{path}: {reply.status} {reply.raw[:300]}"
    return reply.json["data"]


class User(threading.Thread):
    """Uses both keys until the rotations are over, and keeps some of what came of it."""

    def __init__(self, server, mount, seed):
        super().__init__()
        self.client, self.mount = server.client(), mount
        self.chance = random.Random(seed)
        self.ciphertexts, self.signatures = {}, {}  # {version: (text, what it is of)}
        self.done = 0
        self.wrong = None

    def run(self):
        try:
            while not self.mount.over.is_set():
                self.encrypt()
                self.sign()
                self.look_back()
        except Exception as error:  # told by the main thread
            self.wrong = error
            self.mount.over.set()
        finally:
            self.client.close()

    def fresh(self, name, path, body, member):
        """Of a version that was the latest at some moment between question and answer."""
        least = self.mount.sure[name]
        data = ask(self.client, f"{path}/{name}", **body)
        most = self.mount.begun[name]
        version = version_of(data[member])
        assert least <= version <= most, f"{path}: version {version}, where {least} to {most} was the latest"
        assert data["key_version"] == version
        self.mount.used[name] = version
        self.done += 1
        return version, data[member]

    def encrypt(self):
        plain = self.chance.randbytes(self.chance.choice((0, 20, 900)))
        version, text = self.fresh(ENCRYPTING, "encrypt", {"plaintext": b64(plain)}, "ciphertext")
        self.ciphertexts[version] = (text, plain)

    def sign(self):
        message = self.chance.randbytes(40)
        version, text = self.fresh(SIGNING, "sign", {"input": b64(message)}, "signature")
        self.signatures[version] = (text, message)

    def look_back(self):
        text, plain = self.chance.choice(list(self.ciphertexts.values()))
        assert ask(self.client, f"decrypt/{ENCRYPTING}", ciphertext=text)["plaintext"] == b64(plain), "another plaintext"
        text, message = self.chance.choice(list(self.signatures.values()))
        body = {"signature": text, "input": b64(message)}
        assert ask(self.client, f"verify/{SIGNING}", **body)["valid"] is True, "a signature does not verify"
        body["input"] = b64(message + b".")
        assert ask(self.client, f"verify/{SIGNING}", **body)["valid"] is False, "anything verifies"
        self.done += 3


def rotate(client, mount, times):
    """Both keys so often, with the users at work in between."""
    for _ in range(times):
        for name in mount.names:
            mount.begun[name] += 1
            reply = client.call("POST", f"/v1/transit/keys/{name}/rotate", {})
            assert reply.status in (200, 204), f"rotate: {reply.status} {reply.raw[:300]}"
            mount.sure[name] += 1
        if mount.over.is_set():
            return
        wait_for_users(mount)


def wait_for_users(mount):
    """Until somebody used what there is now, so that there is something of each version."""
    until = time.monotonic() + PATIENCE_S
    time.sleep(BETWEEN_S)
    while time.monotonic() < until and any(mount.used[name] < mount.sure[name] for name in mount.names):
        time.sleep(0.002)


def under_load(servers, mount, times):
    users = [User(servers[n % len(servers)], mount, n) for n in range(CLIENTS)]
    for user in users:
        user.start()
    try:
        rotate(servers[0].client(), mount, times)
    finally:
        mount.over.set()
        for user in users:
            user.join()
    for user in users:
        assert user.wrong is None, f"a user: {user.wrong}"
    return users


def all_of(users, kept):
    """{version: [(text, what it is of)]}"""
    out = {}
    for user in users:
        for version, item in getattr(user, kept).items():
            out.setdefault(version, []).append(item)
    return out


def check(client, ciphertexts, signatures, least, refusal):
    """From version `least` on everything works, and below it nothing does."""
    counted = 0
    for version, items in ciphertexts.items():
        for text, plain in items:
            reply = client.call("POST", f"/v1/transit/decrypt/{ENCRYPTING}", {"ciphertext": text})
            judge(reply, version >= least, lambda data: data["plaintext"] == b64(plain), refusal, version)
            counted += 1
    for version, items in signatures.items():
        for text, message in items:
            reply = client.call("POST", f"/v1/transit/verify/{SIGNING}", {"signature": text, "input": b64(message)})
            judge(reply, version >= least, lambda data: data["valid"] is True, refusal, version)
            counted += 1
    return counted


def judge(reply, works, holds, refusal, version):
    if works:
        assert reply.status == 200 and holds(reply.json["data"]), f"version {version}: {reply.status} {reply.raw[:200]}"
    else:
        assert reply.status == 400, f"version {version}: {reply.status} {reply.raw[:200]}"
        told = reply.json["errors"][0]
        assert refusal is None or told == refusal, f"version {version}: {told}"


def configure(client, status=(200, 204), **settings):
    for name in (ENCRYPTING, SIGNING):
        reply = client.call("POST", f"/v1/transit/keys/{name}/config", settings)
        assert reply.status in status, f"config {settings}: {reply.status} {reply.raw[:200]}"


def limits(claims, client, users, latest):
    ciphertexts, signatures = all_of(users, "ciphertexts"), all_of(users, "signatures")
    half = latest // 2
    with claims.claim(f"of {latest} versions nearly all were used"):
        for found in (ciphertexts, signatures):
            assert len(found) > latest * 3 // 4, f"{len(found)} of {latest}"
    with claims.claim("without limits everything ever made works"):
        claims.figure(f"{check(client, ciphertexts, signatures, 1, None)} old ciphertexts and signatures")
    with claims.claim(f"with min_decryption_version {half} exactly the older are refused"):
        configure(client, min_decryption_version=half)
        check(client, ciphertexts, signatures, half, TOO_OLD)
    with claims.claim("with min_encryption_version no older one is made"):
        configure(client, min_encryption_version=latest - 1)
        for path, body in ((f"encrypt/{ENCRYPTING}", {"plaintext": ""}), (f"sign/{SIGNING}", {"input": ""})):
            for version, status in ((latest - 2, 400), (latest - 1, 200), (latest, 200), (latest + 1, 400)):
                reply = client.call("POST", f"/v1/transit/{path}", {**body, "key_version": version})
                assert reply.status == status, f"{path} {version}: {reply.status} {reply.raw[:200]}"
    with claims.claim("lowered again the older work again, and trimmed they are gone for good"):
        configure(client, min_decryption_version=1)
        check(client, ciphertexts, signatures, 1, None)
        configure(client, min_decryption_version=half)
        for name in (ENCRYPTING, SIGNING):
            reply = client.call("POST", f"/v1/transit/keys/{name}/trim", {"min_available_version": half})
            assert reply.status in (200, 204), reply.raw
        configure(client, status=(400,), min_decryption_version=1)
        check(client, ciphertexts, signatures, half, None)


def one_server(claims):
    with Cluster() as cluster:
        server = cluster.replicas[0]
        client = server.client()
        mount = Mount(client, ("aes256-gcm96", "ecdsa-p256"))
        users = []
        with claims.claim(f"{CLIENTS} clients use two keys while each rotates {ROTATIONS} times: nothing fails"):
            users = under_load([server], mount, ROTATIONS)
            for name in mount.names:
                shown = client.call("GET", f"/v1/transit/keys/{name}").json["data"]
                assert shown["latest_version"] == ROTATIONS + 1 == len(shown["keys"])
            claims.figure(f"{sum(user.done for user in users)} operations in between")
        if users:
            limits(claims, client, users, ROTATIONS + 1)
        with claims.claim("the log verifies, and after a start everything is as it was"):
            server.cli("audit", "verify")
            assert server.terminate() == 0
            server.start()
            check(server.client(), all_of(users, "ciphertexts"), all_of(users, "signatures"), (ROTATIONS + 1) // 2, None)


def three_servers(claims, kind):
    text = f"three servers over {kind}, keys that rotate {ROTATIONS_OF_THREE} times: what one made the others use at once"
    try:
        database = KINDS[kind]()
    except Absent as reason:
        claims.skip(text, str(reason))
        return
    with Cluster(database, 3) as cluster:
        client = cluster.replicas[0].client()
        users = []
        with claims.claim(text):
            mount = Mount(client, ("chacha20-poly1305", "ed25519"))
            users = under_load(cluster.replicas[::-1], mount, ROTATIONS_OF_THREE)
            claims.figure(f"{sum(user.done for user in users)} operations in between")
        with claims.claim("a limit that one server was told holds on the others"):
            ciphertexts, signatures = all_of(users, "ciphertexts"), all_of(users, "signatures")
            configure(client, min_decryption_version=ROTATIONS_OF_THREE // 2)
            for replica in cluster.replicas:
                assert check(replica.client(), ciphertexts, signatures, ROTATIONS_OF_THREE // 2, TOO_OLD)


def main():
    claims = Claims()
    one_server(claims)
    three_servers(claims, "postgresql")
    claims.end()


if __name__ == "__main__":
    main()
