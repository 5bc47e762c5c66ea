# SPDX-License-Identifier: Apache-2.0
"""Verdicts of a live server, read by Project Veraison's library."""

import base64
import json
import os
import subprocess

import pytest

NONCE = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def token_of(server, nonce):
    _, made = server.request("POST", "/v1/tee/attestation", {"nonce": NONCE})
    body = {
        "format": made["format"],
        "evidence": made["evidence"],
        "nonce": nonce,
        "profile": "tag:github.com,2023:veraison/ear",
    }
    status, reply = server.request("POST", "/v1/tee/verify", body, token=server.root_token)
    assert status == 200, reply
    return reply["data"]["token"]


def read(server, folder, token):
    (folder / "token").write_text(token)
    (folder / "jwks").write_text(json.dumps(server.request("GET", "/v1/tee/jwks")[1]))
    return subprocess.run(
        [os.environ["EAR_VERIFY"], folder / "token", folder / "jwks"], capture_output=True, text=True, timeout=60
    )


def test_an_admission_is_read_as_such(server, tmp_path):
    done = read(server, tmp_path, token_of(server, NONCE))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["sim", "warning", "32", NONCE]


def test_a_refusal_is_read_as_such(server, tmp_path):
    other = base64.b64encode(b"another nonce").decode()
    done = read(server, tmp_path, token_of(server, other))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["sim-v1", "contraindicated"]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_no_changed_part_is_taken(server, tmp_path, part):
    parts = token_of(server, NONCE).split(".")
    middle = len(parts[part]) // 2
    parts[part] = parts[part][:middle] + ("A" if parts[part][middle] != "A" else "B") + parts[part][middle + 1 :]
    assert read(server, tmp_path, ".".join(parts)).returncode != 0
