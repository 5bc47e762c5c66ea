# SPDX-License-Identifier: Apache-2.0
"""XAES-256-GCM as C2SP writes it down: a key for the first half of a nonce, and GCM for the rest."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def parts(key, nonce):
    assert len(key) == 32 and len(nonce) == 24
    block = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update
    doubled = int.from_bytes(block(bytes(16)), "big") << 1
    mask = doubled ^ (1 << 128 | 0x87 if doubled >> 128 else 0)
    halves = [int.from_bytes(bytes([0, n, 0x58, 0]) + nonce[:12], "big") ^ mask for n in (1, 2)]
    return AESGCM(b"".join(block(half.to_bytes(16, "big")) for half in halves)), nonce[12:]


class Xaes:
    """As the library's own AEADs."""

    def __init__(self, key):
        self.key = key

    def encrypt(self, nonce, plain, associated):
        gcm, rest = parts(self.key, nonce)
        return gcm.encrypt(rest, plain, associated)

    def decrypt(self, nonce, data, associated):
        gcm, rest = parts(self.key, nonce)
        return gcm.decrypt(rest, data, associated)
