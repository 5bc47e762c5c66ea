# SPDX-License-Identifier: Apache-2.0
"""What attested code may do: by its role, in its channel, and not a moment longer."""

import itertools

import pytest
from channel import Answer
from simulated_tee import SimulatedTee
from steps import Handshake
from trusting import CODE, OTHER_CODE

counter = itertools.count(1)


@pytest.fixture(scope="module")
def admin(server):
    def ask(method, path, body=None):
        status, reply = server.request(method, "/v1/" + path, body, server.root_token)
        assert status in (200, 204), (path, reply)
        return reply

    ask("POST", "sys/mounts/transit", {"type": "transit"})
    return ask


@pytest.fixture
def role(admin):
    """role(policy text, code, …) makes a role with a policy of its own, and gives its name."""

    def make(policy, code=CODE, **more):
        name = f"role-{next(counter)}"
        admin("POST", f"sys/policies/acl/{name}", {"policy": policy})
        admin("POST", f"auth/attest/role/{name}", {"match": [f"sim:measurement={code.hex()}"], "token_policies": [name], **more})
        return name

    return make


READ_A = 'path "secret/data/a" {capabilities=["read"]}'


def test_a_role_is_what_its_code_may_do(server, tee, admin, role):
    admin("POST", "secret/data/a", {"data": {"n": 1}})
    name = role(READ_A)
    channel = server.channel(tee, role=name)
    assert name in channel.session.told["policies"] and channel.session.told["peer"]["role"] == name
    assert channel.session.told["peer"]["measurement"] == CODE.hex()
    assert channel.ask("GET", "/v1/secret/data/a")[0] == 200
    assert channel.ask("GET", "/v1/secret/data/b")[0] == 403
    assert channel.ask("POST", "/v1/secret/data/a", {"data": {}})[0] == 403
    assert channel.ask("GET", "/v1/secret/data/b", token=server.root_token)[0] == 404, "a token counts instead"


def test_without_a_role_there_is_no_token(server, tee):
    channel = server.channel(tee)
    assert channel.session.told["policies"] == []
    assert channel.ask("GET", "/v1/auth/token/lookup-self")[0] == 403


def test_other_code_and_an_operator_do_not_get_the_role(server, tee, role):
    name = role(READ_A)
    other = Handshake(server, SimulatedTee(OTHER_CODE, tee.root))
    assert other.finish(other.own(role=name))[0] == 403
    operator = Handshake(server)
    status, _ = operator.finish(b'{"format":"none","mode":"none","role":"%s"}' % name.encode())
    assert status == 403


def test_a_login_inside_is_the_channels_own(server, tee, role):
    name = role(READ_A)
    status, told = server.channel(tee).ask("POST", "/v1/auth/attest/login", {"role": name})
    assert status == 200 and name in told["auth"]["policies"]
    assert server.channel().ask("POST", "/v1/auth/attest/login", {"role": name})[0] in (400, 403)
    assert server.request("POST", "/v1/auth/attest/login", {"role": name})[0] in (400, 403)
    other = server.channel(SimulatedTee(OTHER_CODE, tee.root))
    assert other.ask("POST", "/v1/auth/attest/login", {"role": name})[0] == 403


def test_a_token_says_what_its_holder_proved(server, tee, role):
    name = role('path "auth/token/lookup-self" {capabilities=["read"]}')
    told = server.channel(tee, role=name).ask("GET", "/v1/auth/token/lookup-self")[1]["data"]
    assert CODE.hex() in str(told) and told["orphan"] is True


@pytest.mark.parametrize("change", ["match", "delete"])
def test_a_role_that_changes_ends_what_rests_on_it(server, tee, admin, role, change):
    name = role(READ_A)
    channel, other = server.channel(tee, role=name), server.channel(tee, role=role(READ_A))
    assert channel.ask("GET", "/v1/secret/data/a")[0] == 200
    ticket = channel.ticket()
    if change == "match":
        admin("POST", f"auth/attest/role/{name}", {"match": [f"sim:measurement={OTHER_CODE.hex()}"]})
    else:
        admin("DELETE", f"auth/attest/role/{name}")
    try:
        assert channel.ask("GET", "/v1/secret/data/a")[0] == 403
    except Answer as no:
        assert no.status == 404
    assert other.ask("GET", "/v1/secret/data/a")[0] == 200
    with pytest.raises(Answer) as no:
        server.channel(tee, role=name, ticket=ticket)
    assert no.value.status == 403


def test_a_resumed_channel_has_the_role_of_the_first(server, tee, role):
    channel = server.channel(tee, role=role(READ_A))
    resumed = server.channel(tee, ticket=channel.ticket())
    assert resumed.resumed and resumed.session.told["policies"] == channel.session.told["policies"]
    assert resumed.ask("GET", "/v1/secret/data/a")[0] == 200
    assert resumed.ask("GET", "/v1/secret/data/b")[0] == 403


def test_a_rekey_with_evidence_of_other_code_closes_the_channel(server, tee, role):
    channel = server.channel(tee, role=role(READ_A))
    channel.rekey()
    assert channel.ask("GET", "/v1/secret/data/a")[0] == 200
    channel.tee = SimulatedTee(OTHER_CODE, tee.root)
    with pytest.raises(Answer):
        channel.rekey()
    with pytest.raises(Answer) as no:
        channel.ask("GET", "/v1/secret/data/a")
    assert no.value.status == 404


def test_a_key_for_attested_code_serves_nobody_else(server, tee, admin, role):
    admin("POST", "transit/keys/guarded", {"type": "ecdsa-p256", "attested_only": True})
    sign = {"input": "aGVsbG8="}
    assert server.request("POST", "/v1/transit/sign/guarded", sign, server.root_token)[0] == 403
    name = role('path "transit/sign/guarded" {capabilities=["update"]}')
    channel = server.channel(tee, role=name)
    status, told = channel.ask("POST", "/v1/transit/sign/guarded", sign)
    assert status == 200 and told["data"]["signature"].startswith("vault:v1:"), told
    assert channel.ask("POST", "/v1/transit/sign/guarded", sign, token=server.root_token)[0] == 403


def test_a_policy_may_name_what_was_proved(server, tee, admin, role):
    admin("POST", f"secret/data/of/{CODE.hex()}", {"data": {"n": 1}})
    name = role('path "secret/data/of/{{attest.measurement}}" {capabilities=["read"]}')
    channel = server.channel(tee, role=name)
    assert channel.ask("GET", f"/v1/secret/data/of/{CODE.hex()}")[0] == 200
    assert channel.ask("GET", f"/v1/secret/data/of/{OTHER_CODE.hex()}")[0] == 403


def test_work_that_takes_long_is_answered_inside_too(server, admin, role):
    channel = server.channel()
    status, told = channel.ask("POST", f"/v1/transit/keys/slow-{next(counter)}", {"type": "rsa-2048"}, token=server.root_token)
    assert status == 200, told
    big = {"data": {"blob": "x" * 900_000}}
    assert channel.ask("POST", "/v1/secret/data/big", big, token=server.root_token)[0] == 200
    assert channel.ask("GET", "/v1/secret/data/big", token=server.root_token)[1]["data"]["data"] == big["data"]
