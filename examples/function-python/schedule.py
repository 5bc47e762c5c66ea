# SPDX-License-Identifier: Apache-2.0
"""Every value that amc-v1 derives, by the names of docs/channel.md.  Bytes in, bytes out."""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PROTO = b"tee-secrets-amc-v1"
SUITE = "P384-A256GCM-SHA384"
SPKI_HEAD = bytes.fromhex("3076301006072a8648ce3d020106052b81040022036200")
FROM_INITIATOR, FROM_RESPONDER = b"\0", b"\1"


def H(data):
    return hashlib.sha384(data).digest()


def LP(data):
    return struct.pack(">I", len(data)) + data


def u32(number):
    return struct.pack(">I", number)


def u64(number):
    return struct.pack(">Q", number)


def mac(key, data):
    return hmac.new(key, data, "sha384").digest()


def extract(salt, ikm):
    return mac(salt, ikm)


def expand(prk, label, context, length):
    """HKDF-Expand with info = LP(label) and what follows it."""
    out, block, count = b"", b"", 1
    while len(out) < length:
        block = mac(prk, block + LP(label) + context + bytes([count]))
        out, count = out + block, count + 1
    return out[:length]


# ---- keys on P-384 ----


def new_key():
    return ec.generate_private_key(ec.SECP384R1())


def point(key):
    """Of a private or a public key: 97 bytes."""
    public = key.public_key() if hasattr(key, "public_key") else key
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def spki(key):
    return SPKI_HEAD + point(key)


def load_point(data):
    """ValueError: not a point of the curve in this form."""
    if len(data) != 97 or data[0] != 4:
        raise ValueError("not an uncompressed point of P-384")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), data)


def load_spki(data):
    if len(data) != 120 or not data.startswith(SPKI_HEAD):
        raise ValueError("not a P-384 key")
    return load_point(data[len(SPKI_HEAD) :])


def agree(own, peer):
    return own.exchange(ec.ECDH(), peer)


def sign(key, message):
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA384())))
    return r.to_bytes(48, "big") + s.to_bytes(48, "big")


def verify(public, signature, message):
    """cryptography.exceptions.InvalidSignature, ValueError."""
    if len(signature) != 96:
        raise ValueError("a signature has 96 bytes")
    der = encode_dss_signature(int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big"))
    public.verify(der, message, ec.ECDSA(hashes.SHA384()))


# ---- transcript and bindings ----


def th1(b1, b2):
    return H(LP(PROTO) + LP(b"hello") + LP(b1) + LP(b2))


def th2(first, er):
    return H(LP(PROTO) + LP(b"r-evidence") + first + LP(er))


def th3(second, ei):
    return H(LP(PROTO) + LP(b"i-evidence") + second + LP(ei))


def prk(nonce_i, nonce_r, ss, psk=b""):
    return extract(H(LP(PROTO) + nonce_i + nonce_r), LP(ss) + LP(psk))


def binding(role, th, secret, eph, identity):
    """bind_r with role b"R" over th1, bind_i with b"I" over th2; `secret` is prk."""
    binder = expand(secret, {b"R": b"binder r", b"I": b"binder i"}[role], th, 48)
    return H(LP(PROTO) + LP(b"evidence") + role + th + binder + H(eph) + H(identity))


def identity_binding(role, identity, made_at):
    return H(LP(PROTO) + LP(b"identity") + role + H(identity) + u64(made_at))


def rekey_binding(role, epoch, exporter):
    return H(LP(PROTO) + LP(b"reattest") + role + u32(epoch) + exporter)


def next_master(master, ss, nonce_i, nonce_r, r1, r2):
    return expand(extract(master, LP(ss) + LP(nonce_i + nonce_r)), b"rekey", H(r1 + r2), 48)


def seal_once(key, th, plain):
    """Er and Ei: a key for one message."""
    return AESGCM(key).encrypt(bytes(12), plain, th)


def open_once(key, th, sealed):
    return AESGCM(key).decrypt(bytes(12), sealed, th)


# ---- messages ----


class Epoch:
    """The keys of one epoch."""

    def __init__(self, master, number):
        self.master, self.number = master, number
        self.key = {}
        for direction, name in ((FROM_INITIATOR, b"i2r"), (FROM_RESPONDER, b"r2i")):
            key = expand(master, b"key " + name, u32(number), 32)
            self.key[direction] = (key, expand(master, b"iv " + name, u32(number), 12))
        self.exporter = expand(master, b"exporter", u32(number), 48)

    def _parts(self, cid, seq, direction, method, path):
        key, iv = self.key[direction]
        nonce = (int.from_bytes(iv, "big") ^ seq).to_bytes(12, "big")
        aad = LP(PROTO) + LP(b"msg") + LP(cid) + u32(self.number) + u64(seq) + direction
        return AESGCM(key), nonce, aad + LP(method.encode()) + LP(path.encode())

    def seal(self, cid, seq, direction, method, path, plain):
        aead, nonce, aad = self._parts(cid, seq, direction, method, path)
        return aead.encrypt(nonce, plain, aad)

    def open(self, cid, seq, direction, method, path, sealed):
        """cryptography.exceptions.InvalidTag."""
        aead, nonce, aad = self._parts(cid, seq, direction, method, path)
        return aead.decrypt(nonce, sealed, aad)
