# SPDX-License-Identifier: Apache-2.0
"""A simulated TEE, format sim-v1 of docs/attest-sim.md: made and verified.  It protects nothing.

In a real TEE `evidence()` is a call of its hardware; all else of the program stays as it is."""

import base64
import hashlib
import json
import os
import pathlib
import struct
import time

import schedule
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from wire import read

FORMAT = "sim-v1"
ENDORSEMENT = b"tee-secrets/simulated/endorsement/1\0"
EVIDENCE = b"tee-secrets/simulated/evidence/1\0"
DAY, AGE_MAX, AHEAD_MAX = 86400, 3 * 3600, 60


class Refused(Exception):
    """Evidence that does not show what it must."""


def _b64(data):
    return base64.b64encode(data).decode()


def _write(value):
    return json.dumps(value, separators=(",", ":")).encode()


def _der(public):
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _endorsed(measurement, not_after, key):
    return ENDORSEMENT + measurement + struct.pack(">Q", not_after) + key


class SimulatedTee:
    """Runs "code" of one measurement.  `root` is what its maker would keep in the hardware."""

    def __init__(self, measurement, root=None, svn=0, debug=False):
        self.measurement, self.svn, self.debug = measurement, svn, debug
        self.root = root or ec.generate_private_key(ec.SECP384R1())

    @classmethod
    def at(cls, folder, measurement):
        """Keeps its root key there, and its public half for who is to trust it: root.pem."""
        folder = pathlib.Path(folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / "root.key"
        if path.exists():
            root = ec.derive_private_key(int(path.read_text(), 16), ec.SECP384R1())
        else:
            root = ec.generate_private_key(ec.SECP384R1())
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(f"{root.private_numbers().private_value:096x}\n")
        made = cls(measurement, root)
        (folder / "root.pem").write_bytes(made.root_pem())
        return made

    def root_pem(self):
        return self.root.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def evidence(self, binding, nonce=b"", public_key=b"", at=None):
        """`binding` is filled up with zeros to 64 bytes, as report data is."""
        now = int(at if at is not None else time.time())
        key = ec.generate_private_key(ec.SECP384R1())
        der, root = _der(key.public_key()), _der(self.root.public_key())
        claims = {
            "measurement": self.measurement.hex(), "svn": self.svn, "debug": self.debug, "issued_at": now,
            "binding": binding.ljust(64, b"\0").hex(), "nonce": _b64(nonce), "public_key": _b64(public_key),
        }  # fmt: skip
        endorsement = {
            "root": hashlib.sha256(root).hexdigest(), "key": _b64(der), "not_after": now + DAY,
            "signature": _b64(schedule.sign(self.root, _endorsed(self.measurement, now + DAY, der))),
        }  # fmt: skip
        return _write({"format": FORMAT, "simulated": True, "claims": claims, "endorsement": endorsement,
                       "signature": _b64(schedule.sign(key, EVIDENCE + _write(claims)))})  # fmt: skip


def verify(evidence, roots, binding, measurements=None, now=None, allow_debug=False):
    """The claims, when all holds.  `roots`: public keys; `measurements`: those allowed, None: any."""
    now = int(now if now is not None else time.time())
    try:
        claims = _verified(evidence, roots, now)
    except (KeyError, TypeError, ValueError, InvalidSignature) as error:
        raise Refused(f"not genuine: {error or type(error).__name__}") from error
    if claims["debug"] and not allow_debug:
        raise Refused("in debug mode")
    if bytes.fromhex(claims["binding"]) != binding.ljust(64, b"\0"):
        raise Refused("bound to something else")
    if measurements is not None and bytes.fromhex(claims["measurement"]) not in measurements:
        raise Refused("of code that is not allowed")
    return claims


def _verified(evidence, roots, now):
    if len(evidence) > 8192:
        raise ValueError("too long")
    document = read(evidence)
    claims, endorsement = document["claims"], document["endorsement"]
    if _write(document) != evidence or list(document) != ["format", "simulated", "claims", "endorsement", "signature"]:
        raise ValueError("not in its one spelling")
    if document["format"] != FORMAT or document["simulated"] is not True:
        raise ValueError("another format")
    measurement, key = bytes.fromhex(claims["measurement"]), base64.b64decode(endorsement["key"], validate=True)
    root = {hashlib.sha256(_der(r)).hexdigest(): r for r in roots}.get(endorsement["root"])
    if root is None or len(measurement) != 48:
        raise ValueError("a root that is not trusted")
    signed = _endorsed(measurement, endorsement["not_after"], key)
    schedule.verify(root, base64.b64decode(endorsement["signature"], validate=True), signed)
    if endorsement["not_after"] < now:
        raise ValueError("its endorsement is over")
    schedule.verify(
        schedule.load_spki(key), base64.b64decode(document["signature"], validate=True), EVIDENCE + _write(claims)
    )
    if not now - AGE_MAX <= claims["issued_at"] <= now + AHEAD_MAX:
        raise ValueError("too old, or not yet")
    return claims


def roots_of(pem):
    """Public keys of a PEM file, as docs/attest-sim.md has them."""
    end = b"-----END PUBLIC KEY-----"
    return [serialization.load_pem_public_key(block + end) for block in pem.split(end) if b"BEGIN" in block]
