# SPDX-License-Identifier: Apache-2.0
"""Evidence appraised by a live server, and its verdict read as a relying party reads one: with a JWT
library and the server's published key."""

import base64
import json
import os
import signal
import time

import pytest

from server import Server

jwt = pytest.importorskip("jwt")
pytest.importorskip("cryptography")

NONCE = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER = base64.b64encode(b"another nonce of enough bytes...").decode()
PROFILES = {
    "tag:ietf.org,2026:rats/ear#04": "ear_status",
    "tag:github.com,2023:veraison/ear": "ear.status",
}


def evidence(server, nonce=NONCE):
    status, body = server.request("POST", "/v1/tee/attestation", {"nonce": nonce})
    assert status == 200, body
    return body["format"], body["evidence"], body["binding"]


def verify(server, token=None, **body):
    return server.request("POST", "/v1/tee/verify", body, token=token or server.root_token)


def verdict(server, **body):
    status, reply = verify(server, **body)
    assert status == 200, reply
    return reply["data"]


def read(server, token, **settings):
    status, jwks = server.request("GET", "/v1/tee/jwks")
    assert status == 200
    keys = {key["kid"]: jwt.PyJWK(key) for key in jwks["keys"]}
    header = jwt.get_unverified_header(token)
    return jwt.decode(token, keys[header["kid"]].key, algorithms=["ES384"], **settings)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_jwt_library_accepts_the_token_and_finds_the_claims(server, profile):
    form, blob, binding = evidence(server)
    data = verdict(
        server, format=form, evidence=blob, nonce=NONCE, profile=profile,
        binding=base64.b64encode(bytes.fromhex(binding)).decode(),
    )  # fmt: skip
    assert data["verdict"] == "genuine" and data["tee"] == "sim"
    # Admitted by a setting although no hardware stands behind it: said as a warning.
    assert data["status"] == "warning" and data["trust_vector"]["hardware"] == 32
    assert data["trust_vector"]["executables"] == 0
    ear = read(server, data["token"], options={"require": ["exp", "iat"]}, issuer="tee-secrets.local/dev/1")
    assert ear["eat_profile"] == profile and ear["eat_nonce"] == NONCE
    assert ear["submods"]["sim"][PROFILES[profile]] == "warning"
    assert 0 < ear["exp"] - ear["iat"] <= 300


def test_the_key_is_the_identity_that_info_shows(server):
    from cryptography.hazmat.primitives import serialization

    _, jwks = server.request("GET", "/v1/tee/jwks")
    _, info = server.request("GET", "/v1/tee/info")
    spki = jwt.PyJWK(jwks["keys"][0]).key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert base64.b64encode(spki).decode() == info["identity_key"]
    assert "sim-v1" in info["accepts"]


def test_no_other_key_and_no_changed_byte_verifies(server):
    from cryptography.hazmat.primitives.asymmetric import ec

    form, blob, _ = evidence(server)
    token = verdict(server, format=form, evidence=blob)["token"]
    stranger = ec.generate_private_key(ec.SECP384R1()).public_key()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, stranger, algorithms=["ES384"])
    head, body, sig = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["ear_status"] = "affirming"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    with pytest.raises(jwt.InvalidSignatureError):
        read(server, f"{head}.{forged}.{sig}")


def refused(server, reason, **body):
    data = verdict(server, **body)
    assert data["verdict"] == "refused" and data["reason"] == reason, data
    ear = read(server, data["token"])
    assert ear["ear_status"] == "contraindicated"
    assert "ear_attester_claims" not in next(iter(ear["submods"].values()))
    return data


def test_evidence_that_is_not_what_was_expected_is_refused(server):
    form, blob, _ = evidence(server)
    raw = base64.b64decode(blob)
    altered = base64.b64encode(raw.replace(b'"svn":', b'"svn":1', 1)).decode()
    short = base64.b64encode(raw[:-1]).decode()
    other = base64.b64encode(b"x" * 64).decode()
    refused(server, "nonce", format=form, evidence=blob, nonce=OTHER)
    refused(server, "binding", format=form, evidence=blob, binding=other)
    refused(server, "public-key", format=form, evidence=blob, public_key=other)
    refused(server, "malformed", format=form, evidence=short)
    refused(server, "signature", format=form, evidence=altered)
    refused(server, "malformed", format="nitro", evidence=blob)
    refused(server, "malformed", format="snp", evidence=blob)


def test_a_token_needs_the_policy(server, token_with):
    form, blob, _ = evidence(server)
    able = token_with('path "tee/verify" { capabilities = ["update"] }')
    unable = token_with('path "tee/*" { capabilities = ["read"] }')
    assert verify(server, able, format=form, evidence=blob)[0] == 200
    assert verify(server, unable, format=form, evidence=blob)[0] == 403
    assert server.request("POST", "/v1/tee/verify", {"format": form, "evidence": blob})[0] == 403


def test_a_reloaded_allowlist_decides_and_only_operators_hear_how():
    with Server() as own:
        config = own.folder / "server.yaml"
        config.write_text(
            config.read_text().replace(
                "      allow_simulated: true\n",
                '      allow_simulated: true\n      allowed_measurements: ["sim:measurement='
                + "5e" * 48 + '"]\n',
            )
        )  # fmt: skip
        os.kill(own.pid, signal.SIGHUP)
        for _ in range(200):
            if "configuration reloaded" in own.log:
                break
            time.sleep(0.02)
        form, blob, _ = evidence(own)
        status, reply = verify(own, format=form, evidence=blob)
        assert status == 200 and reply["data"]["reason"] == "measurement"
        text = json.dumps(reply) + json.dumps(read(own, reply["data"]["token"]))
        assert "5e5e" not in text and "measurement:" not in text
        line = next(at for at in own.log.splitlines() if reply["request_id"] in at and "refused" in at)
        assert "allowed 5e5e5e5e" in line
        _, metrics = own.request("GET", "/v1/sys/metrics")
        assert b'{format="sim-v1",verdict="refused",reason="measurement"} 1' in metrics
