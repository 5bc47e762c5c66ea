# SPDX-License-Identifier: Apache-2.0
"""Private key bytes stay where they belong.  Keys with known private parts are brought in, used in every
way and refused in some; then those bytes are looked for: in every reply, in the files of the store, in
the logs, and in the memory of the process.  There they may be as long as a key is there: of curves and
Ed25519 in locked pages only; of RSA and ciphers also where the library keeps what it works with.  Once
a key is deleted or the server sealed they are nowhere."""

import base64
import hashlib
import math
import os
import pathlib
import sys

from reader import Ledger
from rig import HERE, Claims, Live, sanitized

sys.path.insert(0, str(pathlib.Path(HERE).parent / "clients" / "transit"))

MOUNT = "/v1/transit/"
PLAIN = b"plaintext-that-stays-nowhere-Wq7"
CONTEXT = b"tenant 7"
CHUNK = 1 << 18
CURVES = {"ecdsa-p256": 32, "ecdsa-p384": 48, "ecdsa-secp256k1": 32}
AEADS = {"aes256-gcm96": 32, "aes128-gcm96": 16, "chacha20-poly1305": 32, "xaes256-gcm": 32}


def b64(data):
    return base64.b64encode(data).decode()


def whole(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def parts_of(kind, private, material):
    """{what it is: bytes}, as they would lie in memory."""
    if kind in CURVES:
        return {"scalar": private.private_numbers().private_value.to_bytes(CURVES[kind], "big")}
    if kind == "ed25519":
        seed = material[-32:]
        expanded = hashlib.sha512(seed).digest()
        return {"seed": seed, "scalar before clamping": expanded[1:31], "prefix": expanded[32:]}
    if kind.startswith("rsa"):
        numbers = private.private_numbers()
        parts = {name: getattr(numbers, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp")}
        less = parts["p"] - 1, parts["q"] - 1
        parts.update({"p - 1": less[0], "q - 1": less[1]})
        # Of these the upper halves are as public as the modulus.
        low = {"phi": whole(less[0] * less[1])[-64:], "lambda": whole(math.lcm(*less))[-64:]}
        return {**{name: whole(number) for name, number in parts.items()}, **low}
    return {"key": material}


def forms(raw):
    """Of the first 32 bytes and the last, since whoever has half of a prime has it."""
    for part in {raw[:32], raw[-32:]}:
        yield "as it is", part
        yield "reversed", part[::-1]
        yield "hex", part.hex().encode()
        yield "HEX", part.hex().upper().encode()
        for shift in range(3):
            text = base64.b64encode((b"\0" * shift + part)[: 3 * ((shift + len(part)) // 3)])[4 if shift else 0 :]
            yield f"base64+{shift}", text
            yield f"base64url+{shift}", text.replace(b"+", b"-").replace(b"/", b"_")


class Sought:
    """Bytes that are to be found nowhere, by what they are of."""

    def __init__(self):
        self.needles = {}  # bytes: text

    def add(self, what, raw):
        for form, part in forms(raw):
            assert len(part) >= 15, "short enough to be there by chance"
            self.needles[part] = f"{what}, {form}"

    def found_in(self, data):
        return [text for raw, text in self.needles.items() if raw in data]

    def only(self, *kinds):
        out = Sought()
        out.needles = {raw: text for raw, text in self.needles.items() if text.split(" ")[0].rstrip(",") in kinds}
        return out


# ---- the server at work ----


class User:
    """Every reply is kept to be looked at."""

    def __init__(self, server):
        self.client, self.replies = server.client(), []

    def ask(self, method, path, body=None, ok=(200, 204), keep=True):
        reply = self.client.call(method, path if path.startswith("/") else MOUNT + path, body)
        assert reply.status in ok, f"{method} {path}: {reply.status} {reply.raw[:200]}"
        if keep:
            self.replies.append((path, reply.raw + repr(reply.headers.items()).encode()))
        return reply.json

    def bring(self, sought, kind, name, **settings):
        from wrapping import made, wrap

        private, material = made(kind)
        for what, raw in parts_of(kind, private, material).items():
            sought.add(f"{name} {what}", raw)
        pem = self.ask("GET", "wrapping_key")["data"]["public_key"]
        self.ask("POST", f"keys/{name}/import", {"type": kind, "ciphertext": wrap(pem, material), **settings})
        if settings.get("derived"):
            from cryptography.hazmat.primitives import hashes
            from cryptography.hazmat.primitives.kdf.hkdf import HKDF

            sought.add(f"{name} derived", HKDF(hashes.SHA256(), 32, None, CONTEXT).derive(material))

    def use(self, name, kind, derived=False):
        """In every way that it knows, well and badly."""
        more = {"context": b64(CONTEXT)} if derived else {}
        both = (200, 400)
        if kind in AEADS or kind.startswith("rsa"):
            made = self.ask("POST", f"encrypt/{name}", {"plaintext": b64(PLAIN), **more})["data"]["ciphertext"]
            told = self.ask("POST", f"decrypt/{name}", {"ciphertext": made, **more}, keep=False)
            assert told["data"]["plaintext"] == b64(PLAIN)
            self.ask("POST", f"decrypt/{name}", {"ciphertext": made[:-8] + "AAAAAAA=", **more}, both)
            self.ask("POST", f"rewrap/{name}", {"ciphertext": made, **more})
            self.ask("POST", f"datakey/wrapped/{name}", more)
            self.ask("POST", f"encrypt/{name}", {"batch_input": [{"plaintext": b64(PLAIN), **more}] * 20})
        if kind not in AEADS and kind != "hmac":
            for asked in ({}, {"deterministic": True}, {"hash_algorithm": "sha2-512"}, {"prehashed": True}):
                made = self.ask("POST", f"sign/{name}", {"input": b64(bytes(32)), **asked}, both)
                if made.get("data"):
                    body = {"input": b64(bytes(32)), "signature": made["data"]["signature"], **asked}
                    self.ask("POST", f"verify/{name}", body, both)
            self.ask("POST", f"sign/{name}", {"batch_input": [{"input": b64(PLAIN)}] * 20})
            self.ask("POST", f"keys/{name}/csr", {}, both)
        self.ask("POST", f"hmac/{name}", {"input": b64(PLAIN)})
        self.ask("GET", f"keys/{name}")
        self.ask("GET", f"keys/{name}/attestation?nonce=AAAAAAAAAAAAAAAA")
        for what in ("encryption-key", "signing-key", "hmac-key"):
            self.ask("GET", f"export/{what}/{name}", ok=(400,))
        self.ask("GET", f"backup/{name}", ok=(400, 403, 500))


# ---- memory ----


class Region:
    def __init__(self, first, last, mode, name):
        self.first, self.last, self.mode, self.name = first, last, mode, name
        self.locked = False


def regions(pid):
    """Those that it may write to, and whether their pages are locked."""
    out = []
    with open(f"/proc/{pid}/smaps", encoding="ascii") as file:
        for line in file:
            words = line.split()
            if not words[0].endswith(":"):
                first, last = (int(part, 16) for part in words[0].split("-"))
                out.append(Region(first, last, words[1], " ".join(words[5:]) or "anonymous"))
            elif words[0] == "VmFlags:":
                out[-1].locked = "lo" in words[1:]
    return [region for region in out if region.mode.startswith("rw")]


def memory(pid):
    """(region, its bytes in pieces that overlap)"""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for region in regions(pid):
            at, tail = region.first, b""
            while at < region.last:
                try:
                    data = os.pread(file.fileno(), min(CHUNK, region.last - at), at)
                except OSError:
                    break
                if not data:
                    break
                if data.count(0) < len(data):
                    yield region, tail + data
                at, tail = at + len(data), data[-128:]


def look(pid, sought):
    """{region: what was found there}, and the bytes looked at."""
    found, size = {}, 0
    for region, data in memory(pid):
        size += len(data)
        for text in sought.found_in(data):
            where = f"{region.name} {region.first:x}{'' if region.locked else ', not locked'}"
            found.setdefault((where, region.locked), set()).add(text)
    return found, size


def tell(found):
    return "; ".join(f"{where}: {', '.join(sorted(texts)[:6])}" for (where, _), texts in found.items())


def nowhere(pid, sought):
    found, size = look(pid, sought)
    assert size > 1 << 20, f"{size} bytes are not the memory of a server"
    assert not found, tell(found)
    return size


# ---- the claims ----

BROUGHT = {**dict.fromkeys(AEADS), **dict.fromkeys(CURVES), "ed25519": None, "rsa-2048": None, "hmac": None}


def prepare(server, sought):
    user = User(server)
    user.ask("POST", "/v1/sys/mounts/transit", {"type": "transit"})
    for kind in BROUGHT:
        user.bring(sought, kind, kind)
        user.use(kind, kind)
    user.bring(sought, "aes256-gcm96", "derived", derived=True)
    user.use("derived", "aes256-gcm96", derived=True)
    sought.add("plaintext", PLAIN)
    return user


def in_files(server, sought):
    seen = set()
    for path in sorted(server.folder.rglob("*")):
        if path.is_file():
            found = sought.found_in(path.read_bytes())
            assert not found, f"{path.name}: {found[:6]}"
            seen.add(path.name)
    assert {"store.db", "server.log"} <= seen, seen
    return seen


OWN = ("rsa-2048", "ecdsa-p384", "ecdsa-secp256k1")


def made_here(user, sought):
    """Keys whose making is what might leave something."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    for kind in OWN:
        user.ask("POST", f"keys/own-{kind}", {"type": kind, "exportable": True})
        user.ask("POST", f"sign/own-{kind}", {"input": ""})
        pem = user.client.call("GET", f"{MOUNT}export/signing-key/own-{kind}?format=pem").json["data"]["keys"]["1"]
        for what, raw in parts_of(kind, load_pem_private_key(pem.encode(), None), None).items():
            sought.add(f"own-{kind} {what}", raw)


def exported(server, sought):
    """What may leave does, in the reply and nowhere else."""
    user = User(server)
    for kind in ("aes256-gcm96", "ecdsa-p256", "ed25519", "rsa-2048"):
        user.bring(sought, kind, f"open-{kind}", exportable=True, allow_plaintext_backup=True)
        what = "encryption-key" if kind in AEADS else "signing-key"
        for form in ("", "?format=der"):
            user.client.call("GET", f"{MOUNT}export/{what}/open-{kind}{form}")
        backup = user.client.call("GET", f"{MOUNT}backup/open-{kind}").json["data"]["backup"]
        user.ask("POST", f"restore/copy-{kind}", {"backup": backup})
    made_here(user, sought)
    raw = user.client.call("GET", f"{MOUNT}export/encryption-key/open-aes256-gcm96").raw
    assert sought.found_in(raw), "the exported key is not in the reply: the search does not search"
    kinds = ("aes256-gcm96", "ecdsa-p256", "ed25519", "rsa-2048")
    for name in [f"{way}-{kind}" for way in ("open", "copy") for kind in kinds] + [f"own-{kind}" for kind in OWN]:
        user.ask("POST", f"keys/{name}/config", {"deletion_allowed": True})
        user.ask("DELETE", f"keys/{name}")
    user.client.close()


def main():
    claims = Claims()
    try:
        import cryptography  # noqa: F401
    except ImportError:
        claims.skip("private bytes", "no python3-cryptography to bring keys with")
        claims.end()
    sought = Sought()
    with Live() as server:
        user = None
        with claims.claim("keys with known private parts are brought and used in every way"):
            user = prepare(server, sought)
        if user is None:
            claims.end()
        claims.figure(f"{len(sought.needles)} forms of {len(BROUGHT) + 1} keys")
        with claims.claim("no reply has any of them"):
            for path, raw in user.replies:
                assert not sought.found_in(raw), f"{path}: {sought.found_in(raw)[:6]}"
        with claims.claim("no file has any of them: store, its log, the server's log"):
            claims.figure(f"looked at {', '.join(sorted(in_files(server, sought)))}")
        with claims.claim("nor has the log of what was done, sealed or opened by its auditor"):
            ledger = Ledger(server.client())
            opened = server.cli("audit", "decrypt", "-identity", str(server.identity)).stdout.encode()
            assert len(opened) > 10_000
            for data in (opened, b"".join(leaf.raw for leaf in ledger.leaves)):
                assert not sought.found_in(data), sought.found_in(data)[:6]
        in_memory(claims, server, user, sought)
    claims.end()


def in_memory(claims, server, user, sought):
    if sanitized(server.build):
        claims.skip("nothing is left in memory", "what a sanitizer has freed waits in its quarantine")
        return
    try:
        open(f"/proc/{server.pid}/mem", "rb").close()
    except PermissionError:
        claims.skip("nothing is left in memory", "looking into a process that is not dumpable needs root")
        return
    user.client.close()
    with claims.claim("those of curves and Ed25519 are in locked pages only"):
        found, size = look(server.pid, sought.only(*CURVES, "ed25519"))
        loose = {where: texts for where, texts in found.items() if not where[1]}
        assert not loose, tell(loose)
        assert found, "not even a cached key was found: the search does not search"
    found, _ = look(server.pid, sought)
    claims.figure(f"{size >> 10} KiB looked at; while the keys are there: {tell(found)}")
    with claims.claim("no plaintext is left of what was encrypted and decrypted"):
        nowhere(server.pid, sought.only("plaintext"))
    with claims.claim("what was exported and restored and then deleted is left nowhere"):
        others = Sought()
        exported(server, others)
        nowhere(server.pid, others)
    with claims.claim("deleted, a key is left nowhere, and the others are still there"):
        gone = ("aes256-gcm96", "ecdsa-p256", "ecdsa-secp256k1", "ed25519", "rsa-2048")
        for name in gone:
            user.ask("POST", f"keys/{name}/config", {"deletion_allowed": True})
            user.ask("DELETE", f"keys/{name}")
        nowhere(server.pid, sought.only(*gone))
        user.ask("POST", "sign/ecdsa-p384", {"input": ""})
    with claims.claim("sealed, the process has none of them anywhere"):
        assert user.client.call("POST", "/v1/sys/seal", {}).status == 204
        user.client.close()
        nowhere(server.pid, sought)


if __name__ == "__main__":
    main()
