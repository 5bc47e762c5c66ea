# SPDX-License-Identifier: Apache-2.0
"""What leaves is what a read would have answered, and it leaves for the code alone."""

import json
import os
import subprocess
import time

import pytest
from jwcrypto import jwk
from recipient import KINDS, Recipient, ask, b64, challenge, release
from simulated_tee import SimulatedTee
from trusting import CODE, OTHER_CODE

A, B, C = "secret/data/worker/db", "secret/data/worker/text", f"secret/data/by-code/{CODE.hex()}/key"
OTHERS = "secret/data/other/db"


def read(server, path):
    status, body = server.request("GET", f"/v1/{path}", token=server.root_token)
    assert status == 200
    return body


def same(released, plain):
    """But for the id of the request."""
    return {**released, "request_id": ""} == {**plain, "request_id": ""}


@pytest.mark.parametrize("kind", KINDS)
def test_another_library_opens_what_a_read_would_answer(server, tee, kind):
    recipient = Recipient(kind)
    paths = [A, B, C, A + "?version=1"]
    status, body = release(server, tee, recipient, paths)
    assert status == 200, body
    assert [item["path"] for item in body["data"]["released"]] == paths
    for item in body["data"]["released"]:
        assert same(recipient.open_jwe(item["wrapped"]), read(server, item["path"]))
    assert "correct horse" not in json.dumps(body) and "battery" not in json.dumps(body)


@pytest.mark.parametrize("kind", ["RSA-2048", "RSA-3072"])
def test_openssl_opens_the_cms_of_aws(server, tee, kind, tmp_path):
    recipient = Recipient(kind)
    status, body = release(server, tee, recipient, [A, B], wrap="cms")
    assert status == 200, body
    for item in body["data"]["released"]:
        assert same(recipient.open_cms(item["wrapped"], tmp_path), read(server, item["path"]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_recipient_may_be_a_jwk(server, tee, kind):
    recipient = Recipient(kind)
    status, body = release(server, tee, recipient, [A], recipient=recipient.jwk())
    assert status == 200, body
    assert same(recipient.open_jwe(body["data"]["released"][0]["wrapped"]), read(server, A))


def test_nobody_else_opens_it(server, tee):
    recipient, other = Recipient(), Recipient()
    _, body = release(server, tee, recipient, [A])
    with pytest.raises(Exception):
        other.open_jwe(body["data"]["released"][0]["wrapped"])


# ---- refusals: all alike ----


def refused(answer):
    status, body = answer
    return status == 403 and {**body, "request_id": ""} == {
        "errors": ["the evidence was not accepted"], "code": "denied", "request_id": "",
    }  # fmt: skip


@pytest.mark.parametrize("path", [OTHERS, "secret/data/other/none", "secret/data/worker/none", A + "?version=7",
                                  "secret/metadata/worker/db", "sys/mounts", "sys/health", "none/data/x", "secret/data/worker/../other/db",
                                  "secret/data/worker/%2e%2e/other/db", "secret/data/worker/db%00", ""])  # fmt: skip
def test_one_path_that_may_not_be_read_fails_all(server, tee, path):
    assert refused(release(server, tee, Recipient(), [A, path]))


def test_a_thief_of_a_request_has_nothing(server, tee):
    recipient, thief = Recipient(), Recipient()
    body = ask(tee, recipient, challenge(server), [A])
    assert refused(server.request("POST", "/v1/tee/release", {**body, "recipient": b64(thief.spki)}))
    assert refused(server.request("POST", "/v1/tee/release", {**body, "recipient": thief.jwk()}))
    assert refused(server.request("POST", "/v1/tee/release", {**body, "nonce": challenge(server)}))
    status, _ = server.request("POST", "/v1/tee/release", body)
    assert status == 200
    assert refused(server.request("POST", "/v1/tee/release", body))
    assert refused(server.request("POST", "/v1/tee/release", {**body, "paths": [B]}))


def test_other_code_has_nothing(server, tee):
    for other in (SimulatedTee(OTHER_CODE, tee.root), SimulatedTee(CODE), SimulatedTee(CODE, tee.root, debug=True)):
        assert refused(release(server, other, Recipient(), [A]))
    assert refused(release(server, tee, Recipient(), [A], role="nobody"))
    assert refused(release(server, tee, Recipient(), [A], mount="elsewhere"))


def test_old_evidence_has_nothing(server, tee):
    recipient = Recipient()
    nonce = challenge(server)
    body = ask(tee, recipient, nonce, [A])
    evidence = tee.evidence(b"\x01" * 48, at=time.time() - 4 * 3600)
    assert refused(server.request("POST", "/v1/tee/release", {**body, "evidence": b64(evidence)}))


def test_every_byte_of_the_evidence_counts(server, tee):
    recipient = Recipient()
    body = ask(tee, recipient, challenge(server), [A])
    evidence = tee.evidence(recipient.binding(b"x" * 48))
    for at in range(0, len(evidence), 97):
        altered = bytearray(evidence)
        altered[at] ^= 1
        assert refused(server.request("POST", "/v1/tee/release", {**body, "evidence": b64(bytes(altered))}))


@pytest.mark.parametrize("change", [{"paths": []}, {"paths": [A] * 33}, {"wrap": "pgp"}, {"wrap": "cms"}, {"role": ""}, {"recipient": ""},
                                    {"recipient": "AAAA"}, {"recipient": {"kty": "oct"}}, {"format": "sim-v2"}, {"more": 1}])  # fmt: skip
def test_what_is_no_request_is_told_so(server, tee, change):
    body = {**ask(tee, Recipient(), challenge(server), [A]), **change}
    status, body = server.request("POST", "/v1/tee/release", body)
    assert status == 400, body


def test_a_private_key_is_not_taken(server, tee):
    recipient = Recipient()
    private = jwk.JWK.from_pem(recipient.pem).export_private(as_dict=True)
    status, body = release(server, tee, recipient, [A], recipient=private)
    assert status == 400 and "private" in body["errors"][0]
    assert private["d"] not in json.dumps(body) and private["d"] not in server.log


# ---- what is written down ----


def test_one_entry_says_what_left_for_which_code(server, tee):
    status, body = release(server, tee, Recipient(), [A, B])
    assert status == 200
    lines = subprocess.run(
        [str(server.build / "tee-secrets"), "audit", "decrypt", "-identity", str(server.identity)],
        check=True, capture_output=True, text=True, env=dict(os.environ, VAULT_ADDR=server.url, HOME=str(server.folder)),
    ).stdout.splitlines()  # fmt: skip
    entries = [json.loads(line) for line in lines]
    entries = [e.get("entry", e) for e in entries]
    mine = [e for e in entries if e.get("id") == body["request_id"]]
    reads = {e["path"] for e in entries if e.get("op") == "kvReadData"}
    assert len(mine) == 1 and mine[0]["op"] == "teeRelease", mine
    assert mine[0]["actor"]["role"] == "worker" and mine[0]["actor"]["measurement"] == CODE.hex()
    assert mine[0]["evidence"]["verdict"] == "genuine" and mine[0]["decision"]["result"] == "allow"
    assert len(mine[0]["paths"]) == 2 and set(mine[0]["paths"]) <= reads
    assert "worker/db" not in json.dumps(mine)
