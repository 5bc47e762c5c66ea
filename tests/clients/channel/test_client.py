# SPDX-License-Identifier: Apache-2.0
"""The client by itself: what it accepts of a responder in this process, and all that it refuses."""

import base64
import json
import time

import pytest
import schedule as s
import simulated_tee
from channel import Channel, Server, fresh
from cryptography.exceptions import InvalidTag
from initiator import Initiator, Refused
from jwe import Refused as WRAPPED
from jwe import open_jwe, spki_b64
from responder import Responder
from simulated_tee import SimulatedTee
from wire import b64u, read, unb64u, write

CODE = bytes(range(48))
WRONG = (InvalidTag, ValueError, KeyError)


@pytest.fixture(scope="module")
def responder():
    return Responder(SimulatedTee(CODE))


def trusted(responder, **other):
    known = {"identity": s.spki(responder.id), "roots": [responder.tee.root.public_key()], "measurements": {CODE}}
    return Server(**{**known, **other})


def open_channel(responder, tee=None, **other):
    return Channel(responder, trusted(responder, **other), tee=tee)


@pytest.mark.parametrize("tee", [None, SimulatedTee(CODE)])
def test_a_channel_opens_carries_and_rekeys(responder, tee):
    channel = open_channel(responder, tee)
    for epoch in range(3):
        assert channel.session.epoch.number == epoch
        assert channel.ask("GET", "/v1/x", hidden=False)[1] == {"echo": {}}
        assert channel.ask("GET", "/v1/x")[1]["echo"] == {"method": "GET", "path": "/v1/x"}
        channel.rekey()


def test_a_server_that_is_another_is_refused(responder):
    other = Responder(responder.tee)
    with pytest.raises(Refused, match="identity"):
        open_channel(other, identity=s.spki(responder.id))
    with pytest.raises(Refused, match="root"):
        open_channel(Responder(SimulatedTee(CODE)), roots=[responder.tee.root.public_key()])
    with pytest.raises(Refused, match="code"):
        open_channel(responder, measurements={bytes(48)})
    with pytest.raises(Refused, match="debug"):
        open_channel(Responder(SimulatedTee(CODE, debug=True)))


def begun(responder):
    i = Initiator(s.spki(responder.id), ["sim-v1", "none"])
    return i, responder.hello(i.hello())


def again(i):
    """The same hello, by its own bytes, ready to read a reply."""
    copy = Initiator(i.expects, i.accept, key=i.key)
    copy.nonce, copy.b1 = i.nonce, i.b1
    return copy


def changed(data):
    """Each byte in turn, to its neighbour in the alphabet or by its lowest bit."""
    for at, byte in enumerate(data):
        yield at, data[:at] + bytes([byte ^ 1]) + data[at + 1 :]


def test_no_byte_of_b2_of_er_or_of_the_signature_may_change(responder):
    i, body = begun(responder)
    again(i).reply(body)
    outer, tried = read(body), 0
    for name in ("hello", "evidence", "sig"):
        raw = unb64u(outer[name])
        step = 1 if name != "evidence" else 7
        for at, other in list(changed(raw))[::step]:
            with pytest.raises(Refused):
                again(i).reply(write({**outer, name: b64u(other)}))
                pytest.fail(f"{name}, byte {at}")
            tried += 1
    assert tried > 500


def test_a_reply_to_another_hello_and_a_reflection_are_refused(responder):
    i, body = begun(responder)
    j, _ = begun(responder)
    with pytest.raises(Refused):
        j.reply(body)
    b2 = read(unb64u(read(body)["hello"]))
    for name, own in (("nonce", i.nonce), ("eph", s.point(i.key))):
        with pytest.raises(Refused, match="reflection"):
            again(i).reply(write({**read(body), "hello": b64u(write({**b2, name: b64u(own)}))}))


def test_no_byte_of_the_last_reply_may_change(responder):
    i, body = begun(responder)
    i.reply(body)
    last = responder.finish(i.cid, i.finish(b'{"format":"none","mode":"none"}'))
    outer, prk = read(last), i.prk
    for name in ("session", "fin"):
        for _, other in changed(unb64u(outer[name])):
            with pytest.raises(Refused):
                i.done(write({**outer, name: b64u(other)}))
    i.prk = prk
    i.done(last)


def test_no_byte_of_a_reply_may_change_nor_its_place(responder):
    channel = open_channel(responder)
    body, asked = channel.session.seal("GET", "/v1/x", b"{}")
    reply = responder.post(channel.session.path, body)[1]
    assert channel.session.open(asked, reply)["status"] == 200
    outer = read(reply)
    for _, other in changed(unb64u(outer["c"])):
        with pytest.raises(WRONG):
            channel.session.open(asked, write({**outer, "c": b64u(other)}))
    for other in ({"e": 1}, {"s": 2}):
        with pytest.raises(ValueError):
            channel.session.open(asked, write({**outer, **other}))
    epoch, seq, method, path = asked
    for elsewhere in ((epoch, seq + 1, method, path), (epoch, seq, "PUT", path), (epoch, seq, method, "/v1/y")):
        with pytest.raises(WRONG):
            channel.session.open(elsewhere, write({"c": outer["c"]}))
    with pytest.raises(WRONG):
        channel.session.open(asked, write({"c": read(body)["c"]}))  # its own request, sent back


def test_evidence_of_another_handshake_is_refused(responder):
    i, body = begun(responder)
    one, _ = i.reply(body), trusted(responder).judge(i.er, i.bind_r)
    j, body = begun(responder)
    j.reply(body)
    with pytest.raises(Refused, match="bound"):
        trusted(responder).judge(one, j.bind_r)


def test_no_byte_of_simulated_evidence_may_change():
    tee = SimulatedTee(CODE)
    evidence = tee.evidence(b"b" * 48, b"nonce", b"key")
    assert simulated_tee.verify(evidence, [tee.root.public_key()], b"b" * 48)["svn"] == 0
    for at, other in list(changed(evidence))[::3]:
        with pytest.raises(simulated_tee.Refused):
            simulated_tee.verify(other, [tee.root.public_key()], b"b" * 48)
            pytest.fail(f"byte {at}: {other[at - 10 : at + 10]}")
    for age in (-4 * 3600, 120):
        with pytest.raises(simulated_tee.Refused):
            old = tee.evidence(b"b" * 48, at=time.time() + age)
            simulated_tee.verify(old, [tee.root.public_key()], b"b" * 48)


def test_a_member_twice_and_other_spellings_of_base64_are_refused():
    for text in (b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b"[]", b"1"):
        with pytest.raises(ValueError):
            read(text)
    for text in ("AA==", "AB", "A+", "A", 7):
        with pytest.raises(ValueError):
            unb64u(text)
    assert json.loads(fresh(SimulatedTee(CODE), bytes(48), b"", b"", "shop"))["role"] == "shop"


def test_a_jwe_of_other_software_opens():
    jwk, jwe = pytest.importorskip("jwcrypto.jwk"), pytest.importorskip("jwcrypto.jwe")
    key = s.new_key()
    coordinates = s.point(key)[1:]
    public = jwk.JWK(kty="EC", crv="P-384", x=b64u(coordinates[:48]), y=b64u(coordinates[48:]))
    made = jwe.JWE(b"plain", json.dumps({"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}))
    made.add_recipient(public)
    assert open_jwe(key, made.serialize(compact=True)) == b"plain" and len(base64.b64decode(spki_b64(key))) == 120
    token = made.serialize(compact=True)
    for at in range(len(token)):
        with pytest.raises(WRAPPED):
            open_jwe(key, token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :])
    with pytest.raises(WRAPPED):
        open_jwe(s.new_key(), token)
