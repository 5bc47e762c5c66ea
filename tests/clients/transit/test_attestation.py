# SPDX-License-Identifier: Apache-2.0
"""The proof of where a key was made, read as somebody reads it who believes nothing: the binding is
computed anew, and everything in the statement compared with what can be had otherwise."""

import base64
import hashlib
import json
import os
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from engine import AEADS, SIGNING, b64, counter, unb64
from wrapping import MAKERS, pkcs8, wrap

LABEL = b"tee-secrets/key-attestation/1\0"
NONCE = hashlib.sha256(b"freshness").digest()
KINDS = ["aes256-gcm96", "xaes256-gcm", "ed25519", "ecdsa-p256", "ecdsa-p521", "ecdsa-secp256k1", "rsa-2048", "hmac"]


def attested(engine, name, nonce=NONCE):
    quoted = b64(nonce).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    data = engine.get(f"keys/{name}/attestation?nonce={quoted}")
    assert {"format", "evidence", "statement", "binding"} <= data.keys()
    return data


def bound_to(statement):
    return hashlib.sha512(LABEL + hashlib.sha512(statement).digest()).digest()


def judged(engine, data, nonce, binding):
    reply = engine.sys("POST", "tee/verify", {"format": data["format"], "evidence": data["evidence"], "nonce": b64(nonce),
                                              "binding": b64(binding)})  # fmt: skip
    return reply.data["verdict"] if reply.status == 200 else reply.told


def said(data):
    return json.loads(unb64(data["statement"]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_evidence_is_over_this_statement_and_no_other(engine, lent, kind):
    data = attested(engine, lent(kind))
    statement = unb64(data["statement"])
    assert data["binding"] == bound_to(statement).hex()
    claims = json.loads(base64.b64decode(data["evidence"]))["claims"]
    assert claims["binding"] == bound_to(statement).hex() and base64.b64decode(claims["nonce"]) == NONCE
    assert judged(engine, data, NONCE, bound_to(statement)) == "genuine"
    assert judged(engine, data, NONCE, bound_to(statement + b" ")) != "genuine"
    assert judged(engine, data, bytes(32), bound_to(statement)) != "genuine"
    assert judged(engine, data, NONCE, hashlib.sha512(statement).digest()) != "genuine"


@pytest.mark.parametrize("kind", KINDS)
def test_the_statement_says_what_the_key_is(engine, lent, kind):
    name = lent(kind)
    statement = said(attested(engine, name))
    assert statement["type"] == "tee-secrets/key-attestation/1" and statement["key_type"] == kind
    assert statement["nonce"] == b64(NONCE) and statement["name"] == name
    assert statement["mount"] == engine.mount + "/" and len(statement["id"]) == 32
    assert statement["settings"] == {
        "exportable": True, "allow_plaintext_backup": True, "deletion_allowed": False, "derived": False,
        "convergent_encryption": False, "imported_key": False, "attested_only": False,
        "never_exportable": False,
    }  # fmt: skip
    (version,) = statement["versions"]
    assert version["version"] == statement["latest_version"] == 1 and version["origin"] == "generated"
    if kind in AEADS or kind == "hmac":
        assert version["public_key"] == ""
    else:
        assert version["public_key"] == engine.exported(name, "public-key", form="der")
    reply = engine.sys("GET", "tee/info").json
    info = reply.get("data") or reply
    assert statement["identity_key"] == info["identity_key"]
    assert statement["ledger_vkey"] == engine.sys("GET", "audit/vkey").raw.decode().strip()
    assert statement["ledger_vkey"].startswith(statement["ledger_origin"] + "+")


def test_a_key_that_was_brought_or_changed_says_so(engine):
    private, name = MAKERS["ecdsa-p256"](), f"a{next(counter)}"
    wrapping = engine.get("wrapping_key")["public_key"]
    engine.post(f"keys/{name}/import", type="ecdsa-p256", ciphertext=wrap(wrapping, pkcs8(private)), allow_rotation=True)
    engine.config(name, deletion_allowed=True)
    settings = said(attested(engine, name))["settings"]
    assert settings["imported_key"] is True and settings["deletion_allowed"] is True and settings["exportable"] is False
    engine.post(f"keys/{name}/rotate")
    statement = said(attested(engine, name))
    one, two = statement["versions"]
    assert (one["origin"], two["origin"]) == ("imported", "generated")
    spki = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert one["public_key"] == b64(spki) and two["public_key"] != one["public_key"]


def test_each_version_is_in_it(engine):
    name = engine.key("ed25519")
    for _ in range(3):
        engine.post(f"keys/{name}/rotate")
    versions = said(attested(engine, name))["versions"]
    assert len({version["public_key"] for version in versions}) == 4
    shown = engine.get(f"keys/{name}")["keys"]
    assert [base64.b64decode(version["public_key"])[-32:] for version in versions] == [
        unb64(shown[str(number)]["public_key"]) for number in range(1, 5)
    ]


def test_nothing_private_is_in_it(engine):
    for kind in ("ecdsa-p256", "ed25519", "aes256-gcm96"):
        name = engine.key(kind, exportable=True)
        what = "signing-key" if kind in SIGNING else "encryption-key"
        secret = unb64(engine.exported(name, what, form="der" if kind == "ecdsa-p256" else "raw"))
        secret = secret[36:68] if kind == "ecdsa-p256" else secret[:32]
        raw = engine.ask("GET", f"keys/{name}/attestation?nonce=AAAAAAAAAAAAAAAA").raw
        data = json.loads(raw)["data"]
        for text in (raw, unb64(data["statement"]), base64.b64decode(data["evidence"])):
            for form in (secret, secret.hex().encode(), b64(secret).encode()[:40]):
                assert form not in text


@pytest.mark.parametrize("query", ["", "?nonce=", "?nonce=!", "?nonce=AAAA", "?nonce=" + "A" * 4000])
def test_without_a_nonce_that_is_one_nothing_is_attested(engine, lent, query):
    reply = engine.ask("GET", f"keys/{lent('ed25519')}/attestation{query}")
    assert reply.status == 400, reply.raw[:300]


def test_a_client_of_the_command_line_believes_it_or_not(engine, lent, server, tmp_path):
    data = attested(engine, lent("ecdsa-p256"))
    statement, evidence = tmp_path / "statement", tmp_path / "evidence"
    statement.write_bytes(unb64(data["statement"]))
    evidence.write_bytes(base64.b64decode(data["evidence"]))

    def verify(*more, nonce=NONCE):
        command = [str(server.build / "tee-secrets"), "evidence", "verify", "--evidence-format", data["format"],
                   "--statement", str(statement), "--nonce", nonce.hex(), *more, str(evidence)]  # fmt: skip
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30,
                              env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})  # fmt: skip

    done = verify(*trust(server))
    assert done.returncode == 0, done.stdout + done.stderr
    assert verify(*trust(server), nonce=bytes(32)).returncode == 1
    changed = json.loads(statement.read_bytes())
    statement.write_bytes(json.dumps(changed).encode() + b" ")
    assert verify(*trust(server)).returncode == 1


def trust(server):
    """What lets a simulated TEE pass, which no default does."""
    return ["--allow-simulated", "--sim-root", str(server.folder / "root.pem")]
