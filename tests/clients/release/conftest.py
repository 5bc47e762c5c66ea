# SPDX-License-Identifier: Apache-2.0
"""A server that trusts a simulated TEE, with a role of its code and some secrets."""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
sys.path.insert(0, str(FOLDER.parent / "channel"))
sys.path.insert(0, str(FOLDER.parents[2] / "examples" / "function-python"))
sys.path.insert(0, str(FOLDER))

import pytest  # noqa: E402
from simulated_tee import SimulatedTee  # noqa: E402
from trusting import CODE, TrustingServer  # noqa: E402

POLICY = """
path "secret/data/{{role}}/*" { capabilities = ["read"] }
path "secret/data/by-code/{{attest.measurement}}/*" { capabilities = ["read"] }
"""
SECRETS = {
    "worker/db": {"password": "correct horse", "n": 12345678901234567890},
    "worker/text": {"text": "ä€😀\u2028", "list": [1, 2.50, None, {"a": []}]},
    f"by-code/{CODE.hex()}/key": {"key": "k"},
    "other/db": {"password": "of others"},
}


@pytest.fixture(scope="session")
def tee():
    return SimulatedTee(CODE)


@pytest.fixture(scope="session")
def server(tee):
    with TrustingServer(tee) as running:
        def root(path, body):
            status, answer = running.request("POST", f"/v1/{path}", body, token=running.root_token)
            assert status < 300, answer

        root("sys/policies/acl/worker", {"policy": POLICY})
        root("auth/attest/role/worker", {"match": [f"sim:measurement={CODE.hex()}"], "token_policies": ["worker"]})
        for path, data in SECRETS.items():
            root(f"secret/data/{path}", {"data": data})
        root("secret/data/worker/db", {"data": {"password": "battery staple"}})
        yield running
        assert running.process.poll() is None, running.log[-4000:]
