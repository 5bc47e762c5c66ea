# SPDX-License-Identifier: Apache-2.0
"""A measurement is taken away while its channel is open: by the configuration, by a signed list."""

import base64

import pytest
from channel import Answer
from cryptography.hazmat.primitives.asymmetric import ed25519
from simulated_tee import SimulatedTee
from steps import Handshake
from trusting import CODE, OTHER_CODE, TrustingServer, until
from wire import write


def entry(code):
    return f"sim:measurement={code.hex()}"


def alive(channel):
    try:
        return channel.ask("GET", "/v1/sys/health")[0] == 200
    except Answer as no:
        assert no.status in (403, 404), no
        return False


@pytest.fixture(scope="module")
def operator():
    return ed25519.Ed25519PrivateKey.generate()


@pytest.fixture
def server(tee, operator):
    with TrustingServer(tee, allowed=[entry(CODE), entry(OTHER_CODE)], operator=operator) as running:
        yield running


def test_a_reload_without_the_measurement_closes_its_channels_and_no_others(server, tee):
    other_tee = SimulatedTee(OTHER_CODE, tee.root)
    gone, other, operator = server.channel(tee), server.channel(other_tee), server.channel()
    ticket = gone.ticket()
    before = server.known().identity
    server.reload([entry(OTHER_CODE)])
    assert until(lambda: not alive(gone)), server.log[-2000:]
    assert alive(other) and alive(operator) and server.known().identity == before
    assert Handshake(server, tee).finish()[0] == 403
    with pytest.raises(Answer) as no:
        server.channel(tee, ticket=ticket)
    assert no.value.status == 403
    assert server.channel(other_tee).ask("GET", "/v1/sys/health")[0] == 200


def test_a_removed_measurement_ends_a_handshake_that_had_begun(server, tee):
    shake = Handshake(server, tee)
    body = shake.body()
    server.reload([entry(OTHER_CODE)])
    assert until(lambda: Handshake(server, tee).finish()[0] == 403)
    assert shake.http.post(shake.path, body)[0] == 403


def signed(server, operator, sequence, codes):
    document = write({"type": "tee-secrets/measurements/1", "ledger": server.info()["ledger_origin"],
                      "sequence": sequence, "measurements": [entry(code) for code in codes]})  # fmt: skip
    body = {"document": base64.b64encode(document).decode(), "signature": base64.b64encode(operator.sign(document)).decode()}
    return server.request("POST", "/v1/sys/measurements", body, server.root_token)


def test_a_signed_list_gives_and_takes(server, tee, operator):
    third = SimulatedTee(bytes(range(48)), tee.root)
    assert Handshake(server, third).finish()[0] == 403
    status, told = signed(server, operator, 1, [third.measurement])
    assert status in (200, 204), told
    channel, kept = server.channel(third), server.channel(tee)
    assert alive(channel)
    assert signed(server, operator, 1, [])[0] in (400, 403, 409), "an old list"
    assert signed(server, ed25519.Ed25519PrivateKey.generate(), 2, [])[0] == 403
    assert alive(channel)
    assert signed(server, operator, 2, [])[0] in (200, 204)
    assert not alive(channel), "at once"
    assert alive(kept), "the configuration has it"
    assert Handshake(server, third).finish()[0] == 403
