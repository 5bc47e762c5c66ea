# SPDX-License-Identifier: Apache-2.0
"""Each refusal is in the ledger by its reason, what was done is in it as outside a channel, and no
secret is in it, in the log or in what a refused caller reads."""

import json
import os
import subprocess

import pytest
from channel import fresh
from simulated_tee import SimulatedTee
from steps import Handshake, flip, send
from trusting import CODE, OTHER_CODE, TrustingServer, until
from wire import b64u

CANARY = "canary-" + os.urandom(8).hex()
ALLOWED = [f"sim:measurement={CODE.hex()}"]


@pytest.fixture(scope="module")
def server(tee):
    debugging = "\nlog:\n"
    with TrustingServer(tee, allowed=ALLOWED) as running:
        running.stop()
        config = running.folder / "server.yaml"
        config.write_text(config.read_text().replace(debugging, debugging + '  level: "debug"\n'))
        running.start()
        yield running


def opened(server):
    """Entries of the ledger, read by Go's packages and age alone; what waited is written first."""
    server.stop()
    server.start()
    done = subprocess.run(
        [os.environ["VERIFY"], str(server.identity)], env=dict(os.environ, TEE_URL=server.url),
        capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def refuse_in_every_way(server, tee):
    """Does each, and gives the reasons by which they are to be found."""
    http = server.http()
    shake = Handshake(server, tee)
    assert http.post(shake.path, shake.body().replace(b'"fin":"', b'"fin":"A'))[0] in (400, 403)
    for other in (SimulatedTee(CODE), SimulatedTee(CODE, tee.root, debug=True), SimulatedTee(OTHER_CODE, tee.root)):
        shake = Handshake(server, tee)
        assert shake.finish(shake.own(tee=other))[0] == 403
    shake = Handshake(server, tee)
    assert shake.finish(fresh(tee, bytes(48), b"", b""))[0] == 403
    shake = Handshake(server, tee)
    assert shake.finish(shake.own(role="nobody"))[0] == 403
    shake = Handshake(server, tee)
    body = shake.body()
    assert http.post(shake.path, flip(body, body.index(b'"fin":"') + 12))[0] == 403
    session = Handshake(server, tee).open()
    message, _ = session.seal("GET", "/v1/sys/health", b"{}")
    assert http.post(session.path, flip(message, message.index(b'"c":"') + 12))[0] == 403
    assert http.post(session.path, message)[0] == 200 and http.post(session.path, message)[0] == 403
    message, _ = session.seal("GET", "/v1/sys/health", b"{}")
    assert http.post(session.path, message.replace(b'{"e":0', b'{"e":7'))[0] == 403
    assert http.post(f"/v1/tee/channel/{b64u(bytes(16))}/msg", message)[0] == 404
    return {"chain", "debug", "measurement", "binding", "role-unknown", "channel-fin", "channel-message", "channel-replay",
            "channel-epoch", "channel-unknown"}  # fmt: skip


def test_everything_is_in_the_ledger_and_nothing_that_is_secret_anywhere(server, tee):
    if not os.environ.get("VERIFY"):
        pytest.skip("no verifier of ledgers")
    channel, token = server.channel(tee), server.root_token
    path = f"/v1/secret/data/{CANARY}-path"
    assert channel.ask("POST", path, {"data": {"k": CANARY}}, token=token)[0] == 200
    assert channel.ask("GET", path, token=token)[1]["data"]["data"]["k"] == CANARY
    assert channel.ask("GET", path, token=f"s.{CANARY}")[0] == 403
    secrets = [CANARY, token, *(forms for key in keys_of(channel.session) for forms in (key.hex(), b64u(key)))]
    status, wrong = send(channel.http, channel.session, "GET", f"/v1/{CANARY}", seq=1)
    assert status == 403 and CANARY.encode() not in wrong, "nothing of a refused message comes back"
    reasons = refuse_in_every_way(server, tee)
    entries = opened(server)
    text = json.dumps(entries)
    for secret in secrets:
        assert secret not in text and secret not in server.log
    done = [(e["op"], e["status"]) for e in entries if "op" in e]
    assert ("kvWriteData", 200) in done and ("kvReadData", 200) in done and ("teeChannelFinish", 200) in done
    missing = {reason for reason in reasons if f'"{reason}"' not in text}
    assert not missing, (missing, [e for e in entries if "op" not in e])


def test_channels_that_are_closed_are_in_the_ledger(server, tee):
    if not os.environ.get("VERIFY"):
        pytest.skip("no verifier of ledgers")
    channel = server.channel(tee)
    server.reload([f"sim:measurement={OTHER_CODE.hex()}"])
    assert until(lambda: send(channel.http, channel.session, "GET", "/v1/sys/health")[0] == 404)
    closed = [e for e in opened(server) if e.get("op") == "teeChannelReview"]
    assert closed and sum(e["count"] for e in closed) >= 1 and closed[0]["decision"]["reason"] == "channel-policy", closed


def keys_of(session):
    epoch = session.epoch
    return [epoch.master, epoch.exporter, *(part for pair in epoch.key.values() for part in pair)]
