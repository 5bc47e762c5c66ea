# SPDX-License-Identifier: Apache-2.0
"""A recipient as docs/release.md has it: a key, the evidence for it, and what opens the answer."""

import base64
import hashlib
import json
import struct
import subprocess

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwcrypto import jwe, jwk

LABEL = b"tee-secrets-release-v1"
KINDS = {
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RSA-2048": lambda: rsa.generate_private_key(65537, 2048),
    "RSA-3072": lambda: rsa.generate_private_key(65537, 3072),
}


def lp(data):
    return struct.pack(">I", len(data)) + data


def b64(data):
    return base64.b64encode(data).decode()


def unb64u(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Recipient:
    def __init__(self, kind="P-384"):
        self.key = KINDS[kind]()
        self.spki = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def jwk(self):
        return jwk.JWK.from_pem(self.pem).export_public(as_dict=True)

    def binding(self, nonce):
        return hashlib.sha384(lp(LABEL) + lp(nonce) + lp(self.spki)).digest()

    def open_jwe(self, token):
        opened = jwe.JWE(algs=["ECDH-ES+A256KW", "RSA-OAEP-256", "A256GCM"])
        opened.deserialize(token, jwk.JWK.from_pem(self.pem))
        return json.loads(opened.payload)

    def open_cms(self, text, folder):
        (folder / "key.pem").write_bytes(self.pem)
        out = subprocess.run(
            ["openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-inkey", str(folder / "key.pem")],
            input=base64.b64decode(text, validate=True), check=True, capture_output=True,
        )  # fmt: skip
        return json.loads(out.stdout)


def challenge(server):
    status, body = server.request("POST", "/v1/tee/challenge", {})
    assert status == 200, body
    return body["data"]["nonce"]


def ask(tee, to, nonce, paths, **more):
    """The body of a release."""
    evidence = tee.evidence(to.binding(unb64u(nonce)))
    return {"role": "worker", "format": "sim-v1", "evidence": b64(evidence), "nonce": nonce,
            "recipient": b64(to.spki), "paths": paths, **more}  # fmt: skip


def release(server, tee, to, paths, **more):
    return server.request("POST", "/v1/tee/release", {**ask(tee, to, challenge(server), paths), **more})
