# SPDX-License-Identifier: Apache-2.0
"""What the owner of the machine can see: sizes and times, never names or values."""

import base64
import os
import pathlib
import resource
import signal
import sqlite3

import pytest
from server import Server

CANARY = "canaryZ7q4WvT1"
ROW_OVERHEAD = 4 + 1 + 4 + 24 + 16


@pytest.fixture(scope="module")
def used():
    """A server that kept a canary in every place that has a name, and what its client was given."""
    with Server() as server:
        root = server.root_token
        ask = lambda method, path, body=None, token=root: server.request(method, path, body, token)
        policy = f"policy-{CANARY.lower()}"
        text = f'path "secret/data/{CANARY}/*" {{ capabilities = ["read"] }}'
        assert ask("PUT", f"/v1/sys/policies/acl/{policy}", {"policy": text})[0] == 204
        for size in (10, 1_000, 20_000, 300_000):
            body = {"data": {f"key-{CANARY}": f"{CANARY}{'x' * size}"}}
            assert ask("POST", f"/v1/secret/data/{CANARY}/s{size}", body)[0] == 200
            assert ask("GET", f"/v1/secret/data/{CANARY}/s{size}")[0] == 200
        meta = {"custom_metadata": {"note": CANARY}}
        assert ask("POST", f"/v1/secret/metadata/{CANARY}/s10", meta)[0] == 204
        made = ask("POST", "/v1/auth/token/create", {"policies": [policy], "display_name": CANARY})[1]
        token = made["auth"]["client_token"]
        assert ask("GET", f"/v1/secret/data/{CANARY}/s10", token=token)[0] == 200
        assert ask("GET", f"/v1/secret/data/other-{CANARY}", token=token)[0] == 403
        assert ask("PUT", f"/v1/auth/approle/role/role-{CANARY}", {"token_policies": policy})[0] == 204
        assert ask("POST", "/v1/nothing/" + CANARY, {"x": CANARY})[0] in (403, 404)
        yield server, [CANARY, CANARY.lower(), token, root]


def forms(word):
    """A word as it is, in hex, in base64 at each of three offsets, in UTF-16."""
    raw = word.encode()
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for pad in range(3):
        inner = base64.b64encode(b"\0" * pad + raw)[4 if pad else 0 :]
        yield inner.rstrip(b"=")[: max(8, len(inner) - 4)]
    yield word.encode("utf-16-le")


def test_no_file_has_a_name_or_a_value(used):
    server, words = used
    looked = 0
    for path in server.folder.rglob("*"):
        if not path.is_file():
            continue
        looked += 1
        raw = path.read_bytes()
        for word in words:
            for form in forms(word):
                assert form not in raw, f"{path.name} has {form!r}"
    assert looked >= 3


def test_the_search_would_find_it():
    haystack = b"..." + base64.b64encode(b"x" + CANARY.encode() + b"y") + b"..."
    assert any(form in haystack for form in forms(CANARY))


def test_rows_have_only_the_declared_sizes(used):
    server, _ = used
    database = next(server.folder.glob("*.db"))
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        sizes = {len(v) for k, v in db.execute("SELECT key, value FROM kv") if bytes(k)[:1] == b"r"}
        lengths = {len(k) for (k,) in db.execute("SELECT key FROM kv") if bytes(k)[:1] == b"r"}
    allowed = {2**n + ROW_OVERHEAD for n in range(8, 21)}
    assert sizes and sizes <= allowed, sizes - allowed
    assert lengths == {33}


def test_the_arguments_and_the_environment_have_nothing(used):
    server, words = used
    for name in ("cmdline", "environ"):
        raw = pathlib.Path(f"/proc/{server.pid}/{name}").read_bytes()
        for word in words:
            assert word.encode() not in raw


def test_the_process_may_not_dump_core(used):
    server, _ = used
    assert resource.prlimit(server.pid, resource.RLIMIT_CORE) == (0, 0)
    # What is not dumpable belongs to root, whoever runs it; as root that says nothing.
    if os.geteuid() != 0:
        assert os.stat(f"/proc/{server.pid}/mem").st_uid == 0


def test_the_files_are_their_owner_s_only(used):
    server, _ = used
    for path in server.folder.iterdir():
        if path.name not in ("server.log", "server.yaml"):
            assert path.stat().st_mode & 0o077 == 0, path.name


def test_a_crash_leaves_no_core(used):
    server, _ = used
    before = set(server.folder.iterdir())
    server.process.send_signal(signal.SIGABRT)
    pid, status = os.waitpid(server.pid, 0)
    server.process.returncode = -signal.SIGABRT
    assert pid and not os.WCOREDUMP(status)
    assert {p.name for p in set(server.folder.iterdir()) - before} <= {"store.db-wal", "store.db-shm"}
    server.start()
