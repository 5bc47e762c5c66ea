# SPDX-License-Identifier: Apache-2.0
"""Opens what /v1/tee/release wraps: a compact JWE (RFC 7516), ECDH-ES+A256KW with A256GCM, P-384."""

import base64
import struct

import schedule
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from wire import read, unb64u

ALG, ENC, CURVE = "ECDH-ES+A256KW", "A256GCM", "P-384"


class Refused(Exception):
    """Not for this key, or altered."""


def open_jwe(key, token):
    """The plaintext.  `key`: the private half of the recipient."""
    try:
        protected, wrapped, iv, ciphertext, tag = token.split(".")
        header = read(unb64u(protected))
        epk = header["epk"]
        if (header["alg"], header["enc"], epk["kty"], epk["crv"]) != (ALG, ENC, "EC", CURVE):
            raise ValueError("another algorithm")
        if "zip" in header or "crit" in header:
            raise ValueError("a header that is not understood")
        peer = schedule.load_point(b"\4" + unb64u(epk["x"], 48) + unb64u(epk["y"], 48))
        info = _field(ALG.encode()) + _field(_optional(header, "apu")) + _field(_optional(header, "apv"))
        kdf = ConcatKDFHash(hashes.SHA256(), 32, info + struct.pack(">I", 256))
        cek = aes_key_unwrap(kdf.derive(key.exchange(ec.ECDH(), peer)), unb64u(wrapped, 40))
        return AESGCM(cek).decrypt(unb64u(iv, 12), unb64u(ciphertext) + unb64u(tag, 16), protected.encode())
    except (KeyError, TypeError, ValueError, InvalidTag, InvalidUnwrap) as error:
        raise Refused(f"the wrapped secret: {error or type(error).__name__}") from error


def _field(data):
    return struct.pack(">I", len(data)) + data


def _optional(header, name):
    return unb64u(header[name]) if name in header else b""


def spki_b64(key):
    """The recipient's public half, as a request names it."""
    return base64.b64encode(schedule.spki(key)).decode()
