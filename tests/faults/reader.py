# SPDX-License-Identifier: Apache-2.0
"""A reader of the ledger that shares nothing with the server: RFC 6962 trees, C2SP tiles, signed
notes, and Ed25519 as RFC 8032 writes it down.  It believes only what it computes."""

import base64
import hashlib
import struct

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
KINDS = {1: "boot", 2: "epoch", 3: "audit", 4: "mutation", 5: "snapshot", 6: "config", 7: "rotation"}


# ---- Ed25519, verification only: nothing here is secret ----


def add(p, r):
    a = (p[1] - p[0]) * (r[1] - r[0]) % P
    b = (p[1] + p[0]) * (r[1] + r[0]) % P
    c = 2 * p[3] * r[3] * D % P
    d = 2 * p[2] * r[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, p):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = add(out, p)
        p = add(p, p)
        n >>= 1
    return out


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519_verifies(public, message, signature):
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(public) != 32 or len(signature) != 64 or a is None or r is None or s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = times(s, BASE), add(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- trees ----


def leaf_hash(leaf):
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_root(hashes):
    """RFC 6962 over leaf hashes."""
    stack = []  # (leaves below, hash), each a full subtree, largest first
    for h in hashes:
        n = 1
        while stack and stack[-1][0] == n:
            h = node_hash(stack.pop()[1], h)
            n *= 2
        stack.append((n, h))
    if not stack:
        return hashlib.sha256(b"").digest()
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


def tile_path(area, n, width):
    """C2SP: three digits a level, all but the last with an x."""
    parts = [f"{n % 1000:03d}"]
    while n >= 1000:
        n //= 1000
        parts.append(f"x{n % 1000:03d}")
    return f"/v1/audit/tile/{area}/" + "/".join(reversed(parts)) + ("" if width == 256 else f".p/{width}")


# ---- notes ----


class Checkpoint:
    def __init__(self, note, vkey):
        name, key_id, key = vkey.strip().split("+", 2)
        key = base64.b64decode(key, validate=True)
        assert key[0] == 1, f"a key of kind {key[0]}, not Ed25519"
        computed = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        assert computed.hex() == key_id, "the key's id is not of this key"
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        signed = [s for s in signatures.splitlines() if s.startswith(f"— {name} ")]
        assert len(signed) == 1, f"{len(signed)} signatures of {name}"
        signature = base64.b64decode(signed[0].rsplit(" ", 1)[1], validate=True)
        assert signature[:4] == computed, "a signature of another key"
        assert ed25519_verifies(key[1:], text.encode(), signature[4:]), "the signature does not verify"
        lines = text.split("\n")
        assert lines[0] == name, f"origin {lines[0]}, key of {name}"
        self.origin, self.size = name, int(lines[1])
        self.root = base64.b64decode(lines[2], validate=True)


class Leaf:
    def __init__(self, raw, index):
        magic, kind, flags, zero, told = struct.unpack(">4sBBHQ", raw[:16])
        assert magic == b"TSL1" and flags == 0 and zero == 0 and told == index, f"leaf {index} has a wrong header"
        self.kind = KINDS.get(kind, kind)
        self.raw, self.index = raw, index

    @property
    def epoch(self):
        return struct.unpack(">I", self.raw[16:20])[0]

    @property
    def wrapped(self):
        """The age file of an epoch leaf."""
        length = struct.unpack(">H", self.raw[28:30])[0]
        return self.raw[30 : 30 + length]


class Ledger:
    """Everything from leaf 0 to a signed checkpoint, checked; an AssertionError says what is not so."""

    def __init__(self, client):
        self.client = client
        self.vkey = self.get("/v1/audit/vkey").decode()
        self.note = self.get("/v1/audit/checkpoint").decode()
        self.checkpoint = Checkpoint(self.note, self.vkey)
        self.size = self.checkpoint.size
        self.leaves = []
        self.hashes = []
        for n in range(0, self.size, 256):
            self.read_bundle(n // 256, min(256, self.size - n))
        assert tree_root(self.hashes) == self.checkpoint.root, "the leaves do not hash to the signed root"
        self.check_tiles()

    def get(self, path):
        reply = self.client.call("GET", path)
        assert reply.status == 200, f"{path}: {reply.status} {reply.raw[:200]}"
        return reply.raw

    def read_bundle(self, n, width):
        path = tile_path("entries", n, width)
        raw = self.get(path)
        at = 0
        for _ in range(width):
            (length,) = struct.unpack_from(">H", raw, at)
            leaf = raw[at + 2 : at + 2 + length]
            assert len(leaf) == length, f"{path} is cut"
            self.hashes.append(leaf_hash(leaf))
            self.leaves.append(Leaf(leaf, len(self.leaves)))
            at += 2 + length
        assert at == len(raw), f"{path} has stray bytes"

    def check_tiles(self):
        """Every tile that the tree has is what its leaves make it."""
        level, hashes = 0, self.hashes
        while hashes:
            for n in range(0, len(hashes), 256):
                width = min(256, len(hashes) - n)
                path = tile_path(str(level), n // 256, width)
                assert self.get(path) == b"".join(hashes[n : n + width]), f"{path} is not of these leaves"
            hashes = [tree_root(hashes[n : n + 256]) for n in range(0, len(hashes) - 255, 256)]
            level += 1

    def begins_as(self, older):
        """Nothing that an older look saw has changed."""
        return older.size <= self.size and self.hashes[: older.size] == older.hashes
