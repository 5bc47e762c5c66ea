# SPDX-License-Identifier: Apache-2.0
"""What somebody does who brings a key: RSA-OAEP of an AES key, and the key under that by AES-KWP."""

import os

from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from engine import AEADS, b64

OAEP = {"SHA1": hashes.SHA1, "SHA224": hashes.SHA224, "SHA256": hashes.SHA256, "SHA384": hashes.SHA384,
        "SHA512": hashes.SHA512}  # fmt: skip
MAKERS = {
    "ecdsa-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ecdsa-p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ecdsa-secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa-4096": lambda: rsa.generate_private_key(65537, 4096),
}


def pkcs8(private):
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def spki_pem(private):
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def wrap(wrapping_pem, material, hash_name="SHA256"):
    aes = os.urandom(32)
    algorithm = OAEP[hash_name]()
    public = load_pem_public_key(wrapping_pem.encode())
    assert public.key_size == 4096
    first = public.encrypt(aes, padding.OAEP(padding.MGF1(algorithm), algorithm, None))
    return b64(first + keywrap.aes_key_wrap_with_padding(aes, material))


def made(kind):
    """(private key of the library or None, what is wrapped)"""
    if kind in AEADS or kind == "hmac":
        return None, os.urandom(AEADS.get(kind, 32))
    private = MAKERS[kind]()
    return private, pkcs8(private)
