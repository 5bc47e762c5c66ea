# SPDX-License-Identifier: Apache-2.0
"""A ledger that cannot be written: no secret leaves, and the server recovers by itself."""

import resource
import time

import pytest
from server import Server


@pytest.fixture
def server():
    with Server() as running:
        yield running


def no_writes(server):
    """As if the disk were full: nothing can be written past the first bytes of any file."""
    limit = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (512, limit[1]))
    return lambda: resource.prlimit(server.pid, resource.RLIMIT_FSIZE, limit)


def test_without_a_ledger_nothing_is_answered_and_then_everything_again(server):
    token = server.root_token
    secret = {"data": {"value": "must not leave unrecorded"}}
    assert server.request("POST", "/v1/secret/data/s", secret, token)[0] == 200
    again = no_writes(server)
    try:
        for _ in range(5):
            status, body = server.request("GET", "/v1/secret/data/s", token=token)
            assert status == 503, body
            assert "must not leave" not in str(body)
            assert server.request("POST", "/v1/secret/data/s", secret, token)[0] == 503
        assert server.process.poll() is None
    finally:
        again()
    for _ in range(100):
        status, body = server.request("GET", "/v1/secret/data/s", token=token)
        if status == 200:
            break
        time.sleep(0.1)
    assert status == 200 and body["data"]["data"] == secret["data"]
    assert body["data"]["metadata"]["version"] == 1, "a write that was refused has happened"
    assert server.request("GET", "/v1/sys/health")[0] == 200


def test_health_names_the_part_that_fails(server):
    again = no_writes(server)
    try:
        server.request("GET", "/v1/secret/data/s", token=server.root_token)
        health = server.request("GET", "/v1/tee/health")[1]
        bad = [p["name"] for p in health["parts"] if p["state"] != "ok"]
        assert "store" in bad or "ledger" in bad, health
    finally:
        again()
