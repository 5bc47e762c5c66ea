# SPDX-License-Identifier: Apache-2.0
"""Simulated evidence made in Python is what the server's plugin takes, and the other way round."""

import base64
import time

import pytest
import simulated_tee
from simulated_tee import SimulatedTee
from trusting import CODE


def judged(server, evidence, binding, nonce=b""):
    body = {"format": "sim-v1", "evidence": base64.b64encode(evidence).decode(),
            "binding": base64.b64encode(binding.ljust(64, b"\0")).decode(), "nonce": base64.b64encode(nonce).decode()}  # fmt: skip
    status, reply = server.request("POST", "/v1/tee/verify", body, server.root_token)
    assert status == 200, reply
    reply = reply.get("data", reply)
    return reply["verdict"], reply.get("reason", "")


def test_the_server_takes_it_and_refuses_what_is_wrong_with_it(server, tee):
    binding, nonce = b"b" * 48, b"n" * 32
    good = tee.evidence(binding, nonce)
    assert judged(server, good, binding, nonce) == ("genuine", "")
    assert judged(server, good, b"c" * 48, nonce)[0] == "refused"
    assert judged(server, good, binding, b"m" * 32)[0] == "refused"
    for wrong in (
        SimulatedTee(CODE).evidence(binding, nonce),
        SimulatedTee(CODE, root=tee.root, debug=True).evidence(binding, nonce),
        tee.evidence(binding, nonce, at=time.time() - 4 * 3600),
        tee.evidence(binding, nonce, at=time.time() + 600),
    ):
        assert judged(server, wrong, binding, nonce)[0] == "refused"


def test_the_servers_own_evidence_is_genuine_here(server):
    nonce = b"n" * 32
    status, reply = server.request("POST", "/v1/tee/attestation", {"nonce": base64.b64encode(nonce).decode()})
    assert status == 200, reply
    reply, known = reply.get("data", reply), server.known()
    evidence = base64.b64decode(reply["evidence"])
    binding = bytes.fromhex(simulated_tee.read(evidence)["claims"]["binding"])
    claims = simulated_tee.verify(evidence, known.roots, binding, known.measurements)
    assert base64.b64decode(claims["nonce"]) == nonce
    with pytest.raises(simulated_tee.Refused):
        simulated_tee.verify(evidence, known.roots, bytes(64))
