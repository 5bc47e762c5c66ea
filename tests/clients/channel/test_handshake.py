# SPDX-License-Identifier: Apache-2.0
"""What a running server refuses before a channel is open, and what its replies give away."""

import base64
import os
import time

import pytest
import schedule as s
from channel import Channel, fresh, none, resumed
from channel import Server as Known
from initiator import Refused
from responder import Responder
from simulated_tee import SimulatedTee
from steps import Handshake, flip, told
from trusting import CODE, TrustingServer
from wire import b64u, read, unb64u, write


@pytest.fixture(scope="module")
def other_server(tee):
    """Another cluster, with another identity and TEE, that trusts the same clients."""
    with TrustingServer(tee) as running:
        yield running


def test_operators_and_attested_code_open_channels(server, tee):
    for who in (None, tee):
        session = Handshake(server, who).open()
        assert session.told["rekey_after"] == 3600 and session.told["ttl"] > 3600


def test_an_identity_key_of_the_initiator_signs(server, tee):
    Handshake(server, tee, identity=s.new_key()).open()
    shake = Handshake(server, tee, identity=s.new_key())
    shake.i.identity = s.new_key()  # another than the one in B1
    assert shake.finish()[0] == 403
    shake = Handshake(server, tee, identity=s.new_key())
    body = read(shake.body())
    del body["sig"]
    assert shake.http.post(shake.path, write(body))[0] in (400, 403)


# ---- hello ----


def hello(server, **other):
    key = s.new_key()
    b1 = {"v": 1, "suite": s.SUITE, "nonce": b64u(os.urandom(32)), "eph": b64u(s.point(key)), "accept": ["sim-v1", "none"],
          "aud": b64u(server.known().identity), **other}  # fmt: skip
    return server.http().post("/v1/tee/channel", write({k: v for k, v in b1.items() if v is not None}))


BAD_POINTS = [bytes(97), b"\4" + bytes(96), b"\4" + b"\xff" * 96, b"\0", s.point(s.new_key())[:-1],
              b"\2" + s.point(s.new_key())[1:49], s.point(s.new_key())[:-1] + b"\0"]  # fmt: skip


@pytest.mark.parametrize("point", BAD_POINTS, ids=range(len(BAD_POINTS)))
def test_a_point_that_is_none_of_the_curve_is_refused(server, point):
    status, body = hello(server, eph=b64u(point))
    assert status in (400, 403) and told(body)


@pytest.mark.parametrize("other", [
    {"v": 2}, {"v": "1"}, {"v": None}, {"suite": "P256-A128GCM-SHA256"}, {"suite": ""}, {"suite": None},
    {"nonce": b64u(bytes(31))}, {"nonce": b64u(bytes(33))}, {"nonce": b64u(bytes(32)) + "="}, {"nonce": None},
    {"eph": None}, {"accept": []}, {"accept": None}, {"accept": ["nitro"]}, {"accept": "sim-v1"},
    {"accept": ["sim-v1"] * 17}, {"aud": None}, {"aud": "x" * 201}, {"aud": "tee-secrets.local/dev/2"},
    {"id": b64u(bytes(120))}, {"id": b64u(bytes(91))}, {"psk": b64u(bytes(31))}, {"psk": 7},
], ids=str)  # fmt: skip
def test_a_hello_that_is_not_one_is_refused(server, other):
    status, body = hello(server, **other)
    assert status in (400, 403), body
    told(body)


def test_a_member_twice_is_refused(server):
    status, body = hello(server)
    assert status == 200, body
    b1 = Handshake(server).i.b1
    for twice in (b'{"v":1,' + b1[1:], b1[:-1] + b',"aud":"x"}', b1 + b"{}", b1[:-1]):
        assert server.http().post("/v1/tee/channel", twice)[0] == 400


def test_an_audience_that_is_another_is_refused(server, other_server):
    status, body = hello(server, aud=b64u(other_server.known().identity))
    assert status == 403 and told(body)
    assert hello(server, aud=server.info()["ledger_origin"])[0] == 200


def test_a_hello_changed_on_the_way_is_found_by_who_sent_it(server):
    """Whatever the server makes of it: the client's transcript is another one."""
    shake = Handshake(server)
    http, answered = server.http(), 0
    for at in range(len(shake.i.b1)):
        status, reply = http.post("/v1/tee/channel", flip(shake.i.b1, at))
        if status != 200:
            assert status in (400, 403), reply
            continue
        answered += 1
        with pytest.raises(Refused):
            shake.i.reply(reply)
    assert answered > 20


# ---- relay, identities ----


def test_another_server_is_not_this_one(server, other_server):
    """Who stands between passes the hello for one server on to another one."""
    assert Handshake(other_server, expects=server.known()).status == 403
    with pytest.raises(Refused, match="identity"):
        Handshake(other_server, aud="tee-secrets.local/dev/1", expects=server.known())


class Borrowed:
    """A "TEE" of a responder in the middle: what it shows, a genuine server made for it just now."""

    def __init__(self, server):
        self.server = server

    def evidence(self, *_):
        return unb64u(Handshake(self.server).i.er["evidence"])


def test_genuine_evidence_that_ends_elsewhere_is_refused(server):
    """A relay: somebody in the middle has an identity that is trusted, and the server's evidence."""
    relay, known = Responder(Borrowed(server)), server.known()
    with pytest.raises(Refused, match="bound"):
        Channel(relay, Known(s.spki(relay.id), known.roots, known.measurements))


def test_a_clients_evidence_for_one_server_is_not_taken_by_another(server, other_server, tee):
    """A server that is not what it should be hands on what its client proved to it."""
    victim = Handshake(other_server, tee)
    attacker = Handshake(server)
    attacker.i.accept = ["sim-v1"]
    assert attacker.finish(victim.own())[0] == 403
    attacker = Handshake(server, tee)
    assert attacker.finish(fresh(tee, victim.i.bind_i, victim.i.nonce_r, s.spki(victim.i.key)))[0] == 403


def test_a_servers_evidence_made_on_demand_is_not_a_clients(server, other_server, tee):
    """`POST /v1/tee/attestation` attests for whoever asks; what it binds to cannot be chosen."""
    with TrustingServer(SimulatedTee(CODE, root=tee.root)) as third:
        (third.folder / "trusted.pem").write_bytes((other_server.folder / "root.pem").read_bytes())
        third.stop()
        third.start()
        shake = Handshake(third, tee)
        nonce = base64.b64encode(shake.i.bind_i).decode()
        status, reply = other_server.request("POST", "/v1/tee/attestation", {"nonce": nonce})
        assert status == 200, reply
        evidence = base64.b64decode(reply.get("data", reply)["evidence"])
        ei = write({"format": "sim-v1", "evidence": b64u(evidence), "mode": "fresh"})
        assert shake.finish(ei)[0] == 403


# ---- finish ----


def test_no_byte_of_finish_may_change(server, tee):
    http, refused = server.http(), 0
    length = len(Handshake(server, tee, http=http).body())
    sealed_ends = length - 80
    for at in [*range(0, 40), *range(40, sealed_ends, 37), *range(sealed_ends, length)]:
        shake = Handshake(server, tee, http=http)
        body = shake.body()
        if at >= len(body):
            continue
        status, reply = http.post(shake.path, flip(body, at))
        assert status in (400, 403), (at, body[at - 9 : at + 9], status)
        told(reply)
        assert http.post(shake.path, body)[0] == 404, "one attempt only"
        refused += 1
    assert refused > 120


def test_a_finish_is_taken_once_and_only_where_it_belongs(server, tee):
    one, two = Handshake(server, tee), Handshake(server, tee)
    body = one.body()
    assert two.http.post(two.path, body)[0] == 403
    assert one.http.post(one.path, body)[0] == 200
    assert one.http.post(one.path, body)[0] == 404


@pytest.mark.parametrize("cid", [b64u(bytes(16)), "A" * 21, "A" * 23, "x", "..", "A" * 22 + "=", "A" * 4000])
def test_an_unknown_channel_is_unknown(server, cid):
    body = Handshake(server).body()
    for end in ("finish", "msg"):
        status, reply = server.http().post(f"/v1/tee/channel/{cid}/{end}", body)
        assert status in (400, 404, 414), (status, reply)


def refused_evidence(server, tee):
    """Name to (status, sentence) of each way to fail that an attacker may choose from."""
    shake = lambda **more: Handshake(server, tee, **more)  # noqa: E731
    other = SimulatedTee(CODE)
    debug = SimulatedTee(CODE, root=tee.root, debug=True)
    past = shake()
    ways = {
        "another root": lambda h: h.own(tee=other),
        "debug": lambda h: h.own(tee=debug),
        "another transcript": lambda h: fresh(tee, past.i.bind_i, h.i.nonce_r, b""),
        "the server's binding": lambda h: fresh(tee, h.i.bind_r, h.i.nonce_r, b""),
        "an empty binding": lambda h: fresh(tee, bytes(48), h.i.nonce_r, b""),
        "the server's own": lambda h: write({**h.i.er, "mode": "fresh"}),
        "old": lambda h: write({"format": "sim-v1", "mode": "fresh", "evidence": b64u(tee.evidence(h.i.bind_i, at=1_700_000_000))}),
        "none without saying so": lambda h: none(),
        "resumed without a ticket": lambda h: resumed(),
        "a role that is not": lambda h: h.own(role="no-such-role"),
        "identity mode without an identity": lambda h: write({**read(h.own()), "mode": "identity", "made_at": 1}),
    }  # fmt: skip
    out = {}
    for name, make in ways.items():
        h = shake()
        status, reply = h.finish(make(h))
        out[name] = (status, told(reply))
    return out


def test_refused_evidence_looks_alike_whatever_is_wrong(server, tee):
    seen = refused_evidence(server, tee)
    assert {status for status, _ in seen.values()} == {403}, seen
    sentences = {name: tuple(said[1]) for name, (_, said) in seen.items()}
    assert len(set(sentences.values())) == 1, sentences


# ---- identity mode ----


def by_identity(shake, tee, made_at, identity=None, binding=None):
    identity = identity or shake.i.id_i
    binding = binding or s.identity_binding(b"I", identity, made_at)
    evidence = tee.evidence(binding, at=made_at)
    return write({"format": "sim-v1", "mode": "identity", "made_at": made_at, "evidence": b64u(evidence)})


def test_an_identity_attested_a_moment_ago_is_taken_and_an_old_one_is_not(server, tee):
    key, now = s.new_key(), int(time.time())
    shake = Handshake(server, tee, identity=key)
    evidence = by_identity(shake, tee, now - 100)
    assert shake.finish(evidence)[0] == 200
    assert Handshake(server, tee, identity=key).finish(evidence)[0] == 200, "again, with another transcript signed"
    for wrong in (
        lambda h: by_identity(h, tee, now - 400), lambda h: by_identity(h, tee, now + 200),
        lambda h: by_identity(h, tee, now, identity=s.spki(s.new_key())),
        lambda h: by_identity(h, tee, now, binding=s.identity_binding(b"R", h.i.id_i, now)),
        lambda h: write({**read(by_identity(h, tee, now - 10)), "made_at": now}),
        lambda h: write({**read(by_identity(h, tee, now)), "mode": "fresh"}),
        lambda h: write({**read(h.own()), "mode": "identity", "made_at": now}),
    ):  # fmt: skip
        shake = Handshake(server, tee, identity=key)
        assert shake.finish(wrong(shake))[0] == 403
    shake = Handshake(server, tee)
    assert shake.finish(by_identity(shake, tee, now, identity=s.spki(key)))[0] == 403, "nobody signed"
