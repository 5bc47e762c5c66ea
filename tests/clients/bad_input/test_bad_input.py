# SPDX-License-Identifier: Apache-2.0
"""Every bad request gets a clear 4xx, and the server stays as it was."""

import os
import pathlib
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import cases  # noqa: E402
import wire  # noqa: E402
from server import Server  # noqa: E402

TOKEN = "s.PLACEHOLDERPLACEHOLDERPL"
NAMES = [name for name, _, _ in cases.all_cases(TOKEN)]
SANITIZED = "SANITIZED" in os.environ and os.environ.get("BUILD") == os.environ["SANITIZED"]
SHORT = '  limits:\n    header_timeout: "3s"\n    body_timeout: "4s"\n'
FLOOD = int(os.environ.get("FLOOD", "5000" if SANITIZED else "100000"))


@pytest.fixture(scope="module")
def server():
    with Server(server_settings=SHORT) as running:
        running.request("POST", "/v1/sys/mounts/secret", {"type": "kv", "options": {"version": "2"}}, running.root_token)
        yield running
        assert running.process.poll() is None, "the server died:\n" + running.log[-6000:]


@pytest.fixture(scope="module")
def prepared(server):
    return {name: (raw, ok) for name, raw, ok in cases.all_cases(server.root_token)}


def serves(server):
    status, body = server.request("GET", "/v1/sys/health")
    return status == 200 and body["sealed"] is False


@pytest.mark.parametrize("name", NAMES)
def test_it_is_refused_clearly(server, prepared, name):
    raw, right = prepared[name]
    reply = wire.exchange(server.port, raw)
    if cases.PLAIN in right and (reply is None or b"<html>" in reply.body):
        assert reply is None or reply.status in right, reply.status
        return
    assert reply is not None, "no reply at all"
    assert reply.status in right, (reply.status, reply.body[:300])
    problem = reply.json()
    assert reply.headers["content-type"] == "application/json"
    if reply.status == 404 and problem.get("warnings"):
        return  # an envelope that explains what such a path would have to be
    assert isinstance(problem["errors"], list) and all(isinstance(e, str) for e in problem["errors"])
    assert problem["code"] and len(problem["request_id"]) == 36
    text = reply.body.decode()
    assert server.root_token not in text and "/tmp/" not in text and ".c:" not in text


def test_nothing_bad_was_stored(server, prepared):
    for raw, _ in prepared.values():
        wire.exchange(server.port, raw)
    status, _ = server.request("GET", "/v1/secret/data/bad", token=server.root_token)
    assert status == 404


def test_an_expired_token_is_denied_like_one_that_never_was(server):
    made = server.request("POST", "/v1/auth/token/create", {"ttl": "1s"}, server.root_token)[1]
    time.sleep(1.2)
    answers = []
    for token in (made["auth"]["client_token"], "s.neverneverneverneverneve"):
        status, body = server.request("GET", "/v1/auth/token/lookup-self", token=token)
        answers.append((status, body["errors"]))
    assert answers[0] == answers[1] and answers[0][0] == 403


def test_half_a_request_and_a_hang_up_harm_nobody(server):
    whole = wire.request("POST", cases.DATA, server.root_token, b'{"data":{"a":1}}')
    for cut in (1, 5, len(whole) // 2, len(whole) - 1):
        with wire.connect(server.port) as s:
            s.sendall(whole[:cut])
    with wire.connect(server.port) as s:
        s.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100))
    with wire.connect(server.port) as s:
        s.sendall(bytes(range(256)) * 4)
    assert serves(server)


@pytest.mark.parametrize("kind", ["head", "body"])
def test_slow_senders_are_let_go_and_others_served(server, kind):
    if kind == "head":
        start, drip = b"GET /v1/sys/health HTTP/1.1\r\nHost: x\r\nX-A: ", b"a"
    else:
        start = wire.request("POST", cases.DATA, server.root_token, b"", [("Content-Length", "1000")])
        drip = b" "
    slow = [wire.connect(server.port, 60) for _ in range(50)]
    for s in slow:
        s.sendall(start)
    begun, ended = time.monotonic(), 0
    while time.monotonic() - begun < 15 and ended < len(slow):
        assert serves(server)
        ended = 0
        for s in slow:
            try:
                s.sendall(drip)
                s.setblocking(False)
                try:
                    got = s.recv(65536)
                    # A refusal, or the end.
                    assert got == b"" or b" 408 " in got or b" 400 " in got
                    ended += 1
                except BlockingIOError:
                    pass
                finally:
                    s.setblocking(True)
            except OSError:
                ended += 1
        time.sleep(0.25)
    for s in slow:
        s.close()
    assert ended == len(slow), f"{len(slow) - ended} slow senders are still held after 15 s"
    assert serves(server)


def flood(server, requests, each):
    """Sends each prepared request in turn, `each` times in all, on connections kept while they live."""

    def worker(share, offset):
        s = None
        for i in range(share):
            _, raw, _ = requests[(offset + i) % len(requests)]
            for _ in range(2):
                try:
                    if s is None:
                        s = wire.connect(server.port)
                    s.sendall(raw)
                    reply = wire.read_reply(s)
                except OSError:
                    reply = None
                if reply is not None:
                    break
                if s is not None:
                    s.close()
                s = None
            name, _, right = requests[(offset + i) % len(requests)]
            if not (reply is None and cases.PLAIN in right or reply and reply.status in right):
                wrong.append((name, reply and reply.status))
            if reply is not None and reply.headers.get("connection", "").lower() == "close":
                s.close()
                s = None
        if s is not None:
            s.close()

    wrong = []
    threads = [
        threading.Thread(target=worker, args=(each // 4, n * 31)) for n in range(4)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return wrong


def test_memory_is_flat_under_a_flood_of_bad_requests(server):
    requests = cases.cheap_cases(server.root_token)
    assert not (wrong := flood(server, requests, FLOOD // 10)), wrong[:20]
    before = server.rss_kib()
    assert not (wrong := flood(server, requests, FLOOD)), wrong[:20]
    after = server.rss_kib()
    print(f"RSS {before} KiB before, {after} KiB after {FLOOD} bad requests")
    if not SANITIZED:
        assert after - before < 4096, f"grew from {before} to {after} KiB"
    assert serves(server)
