# SPDX-License-Identifier: Apache-2.0
"""The ledger, checked by Go's sumdb packages and the age tool alone."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from server import Server  # noqa: E402

VERIFY = os.environ["VERIFY"]


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


def verify(server):
    done = subprocess.run(
        [VERIFY, str(server.identity)],
        env=dict(os.environ, TEE_URL=server.url),
        capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def write(server, n, token=None):
    return server.request("POST", f"/v1/secret/data/s{n}", {"data": {"n": n}}, token or server.root_token)


def test_an_empty_ledger_verifies(server):
    verify(server)


def test_each_access_is_an_entry_with_actor_operation_and_decision(server):
    assert write(server, 1)[0] == 200
    assert server.request("GET", "/v1/secret/data/s1", token=server.root_token)[0] == 200
    made = server.request("POST", "/v1/auth/token/create", {"policies": ["default"]}, server.root_token)[1]
    assert server.request("GET", "/v1/secret/data/s1", token=made["auth"]["client_token"])[0] == 403
    entries = verify(server)
    done = [(e["op"], e["status"]) for e in entries if "op" in e]
    assert ("kvWriteData", 200) in done and ("kvReadData", 200) in done and ("kvReadData", 403) in done
    denied = [e for e in entries if e.get("op") == "kvReadData" and e["status"] == 403][0]
    assert denied["actor"]["accessor"] == made["auth"]["accessor"]
    assert "deny" in json.dumps(denied["decision"])


def test_no_entry_holds_a_secret_a_token_or_a_path(server):
    server.request("POST", "/v1/secret/data/canary-path", {"data": {"canary-key": "canary-value"}}, server.root_token)
    text = json.dumps(verify(server))
    for canary in ("canary", server.root_token):
        assert canary not in text


def test_more_than_one_tile_verifies(server):
    for n in range(600):
        assert write(server, n)[0] == 200
    assert len(verify(server)) >= 600


def test_a_restart_goes_on_in_the_same_tree(server):
    before = len(verify(server))
    server.stop()
    server.start()
    assert write(server, 1)[0] == 200
    assert len(verify(server)) > before


def test_a_kill_goes_on_in_the_same_tree(server):
    before = len(verify(server))
    server.process.kill()
    server.process.wait()
    server.start()
    assert len(verify(server)) >= before
