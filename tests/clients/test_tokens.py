# SPDX-License-Identifier: Apache-2.0
"""Tokens through hvac."""

import time

import pytest

hvac = pytest.importorskip("hvac")
from hvac import exceptions  # noqa: E402

SELF = 'path "auth/token/*" { capabilities = ["create", "read", "update"] }'


def test_a_new_token_says_what_it_is(root, connect):
    auth = root.auth.token.create(policies=["default"], ttl="1h", meta={"user": "shop"}, display_name="x")["auth"]
    assert auth["lease_duration"] == 3600 and auth["renewable"] is True
    assert auth["policies"] == ["default"] and auth["metadata"] == {"user": "shop"}
    mine = connect(auth["client_token"]).auth.token.lookup_self()["data"]
    assert mine["id"] == auth["client_token"] and mine["accessor"] == auth["accessor"]
    assert 3590 <= mine["ttl"] <= 3600 and mine["creation_ttl"] == 3600
    assert mine["display_name"] == "token-x" and mine["meta"] == {"user": "shop"}
    assert mine["type"] == "service" and mine["expire_time"] is not None
    assert root.auth.token.lookup(auth["client_token"])["data"]["id"] == auth["client_token"]


def test_default_comes_along_unless_refused(root, name):
    root.sys.create_or_update_policy(name, SELF)
    assert root.auth.token.create(policies=[name])["auth"]["policies"] == ["default", name]
    assert root.auth.token.create(policies=[name], no_default_policy=True)["auth"]["policies"] == [name]


def test_an_accessor_finds_and_never_shows_the_token(root):
    auth = root.auth.token.create(policies=["default"])["auth"]
    found = root.auth.token.lookup_accessor(auth["accessor"])["data"]
    assert found["id"] == "" and found["accessor"] == auth["accessor"]
    assert auth["accessor"] in root.auth.token.list_accessors()["data"]["keys"]


def test_a_revoked_token_is_dead(root, connect):
    token = root.auth.token.create(policies=["default"])["auth"]["client_token"]
    assert connect(token).auth.token.lookup_self()
    root.auth.token.revoke(token)
    with pytest.raises(exceptions.Forbidden):
        connect(token).auth.token.lookup_self()
    with pytest.raises((exceptions.Forbidden, exceptions.InvalidPath)):
        root.auth.token.lookup(token)


def test_a_token_revokes_itself(root, connect):
    token = root.auth.token.create(policies=["default"])["auth"]["client_token"]
    connect(token).auth.token.revoke_self()
    with pytest.raises(exceptions.Forbidden):
        connect(token).auth.token.lookup_self()


def test_revoking_by_accessor(root, connect):
    auth = root.auth.token.create(policies=["default"])["auth"]
    root.auth.token.revoke_accessor(auth["accessor"])
    with pytest.raises(exceptions.Forbidden):
        connect(auth["client_token"]).auth.token.lookup_self()


def test_children_end_with_their_parent(root, connect, token_with):
    parent = token_with(SELF)
    child = connect(parent).auth.token.create(policies=["default"])["auth"]["client_token"]
    grandchild_of = connect(parent).auth.token.create()["auth"]["client_token"]
    assert connect(child).auth.token.lookup_self()["data"]["orphan"] is False
    root.auth.token.revoke(parent)
    for token in (child, grandchild_of):
        with pytest.raises(exceptions.Forbidden):
            connect(token).auth.token.lookup_self()


def test_children_may_be_left_as_orphans(root, connect, token_with):
    parent = token_with(SELF)
    child = connect(parent).auth.token.create(policies=["default"])["auth"]["client_token"]
    root.auth.token.revoke_and_orphan_children(parent)
    with pytest.raises(exceptions.Forbidden):
        connect(parent).auth.token.lookup_self()
    assert connect(child).auth.token.lookup_self()["data"]["orphan"] is True


def test_an_orphan_outlives_who_made_it(root, connect, token_with):
    text = 'path "auth/token/create-orphan" { capabilities = ["create", "update", "sudo"] }'
    maker = token_with(text)
    reply = connect(maker).adapter.post("/v1/auth/token/create-orphan", json={"policies": ["default"]})
    reply = reply.json() if hasattr(reply, "json") else reply
    assert reply["auth"]["orphan"] is True
    root.auth.token.revoke(maker)
    assert connect(reply["auth"]["client_token"]).auth.token.lookup_self()


def test_an_orphan_needs_sudo(connect, token_with):
    client = connect(token_with('path "auth/token/create-orphan" { capabilities = ["update"] }'))
    with pytest.raises(exceptions.Forbidden):
        client.adapter.post("/v1/auth/token/create-orphan", json={})


def test_a_child_never_has_more_than_its_parent(connect, token_with, root, name):
    root.sys.create_or_update_policy(name, 'path "secret/*" { capabilities = ["read"] }')
    client = connect(token_with(SELF))
    for policies in ([name], ["root"]):
        with pytest.raises((exceptions.InvalidRequest, exceptions.Forbidden)):
            client.auth.token.create(policies=policies)


def test_a_policy_that_is_not_there_is_warned_of(root, name):
    reply = root.auth.token.create(policies=[f"absent-{name}"])
    assert any("does not exist" in w for w in reply["warnings"])


def test_a_token_ends_in_time(root, connect):
    token = root.auth.token.create(policies=["default"], ttl="1s")["auth"]["client_token"]
    assert connect(token).auth.token.lookup_self()
    time.sleep(1.2)
    with pytest.raises(exceptions.Forbidden):
        connect(token).auth.token.lookup_self()


def test_a_renewed_token_lives_on(root, connect):
    token = root.auth.token.create(policies=["default"], ttl="10m")["auth"]["client_token"]
    renewed = connect(token).auth.token.renew_self(increment="20m")["auth"]
    assert renewed["lease_duration"] == 1200 and renewed["client_token"] == token
    assert root.auth.token.renew(token, increment=600)["auth"]["lease_duration"] == 600
    accessor = renewed["accessor"]
    assert root.auth.token.renew_accessor(accessor, increment="5m")["auth"]["lease_duration"] == 300


def test_what_is_not_renewable_is_not_renewed(root, connect):
    token = root.auth.token.create(policies=["default"], ttl="10m", renewable=False)["auth"]["client_token"]
    with pytest.raises(exceptions.InvalidRequest):
        connect(token).auth.token.renew_self()


def test_the_explicit_maximum_holds(root, connect):
    auth = root.auth.token.create(policies=["default"], ttl="1h", explicit_max_ttl="5m")
    assert auth["auth"]["lease_duration"] == 300
    again = connect(auth["auth"]["client_token"]).auth.token.renew_self(increment="1h")
    assert again["auth"]["lease_duration"] <= 300


def test_a_periodic_token_is_renewed_to_its_period(root, connect):
    auth = root.auth.token.create(policies=["default"], period="10m")["auth"]
    assert auth["lease_duration"] == 600
    assert connect(auth["client_token"]).auth.token.renew_self(increment="2h")["auth"]["lease_duration"] == 600
    assert connect(auth["client_token"]).auth.token.lookup_self()["data"]["period"] == 600


def test_a_token_of_two_uses_has_two(root, connect):
    auth = root.auth.token.create(policies=["default"], num_uses=2)["auth"]
    assert auth["num_uses"] == 2
    client = connect(auth["client_token"])
    assert client.auth.token.lookup_self()["data"]["num_uses"] == 1
    client.auth.token.lookup_self()
    with pytest.raises(exceptions.Forbidden):
        client.auth.token.lookup_self()


def test_a_role_decides_what_its_tokens_are(root, connect, name):
    root.sys.create_or_update_policy(name, SELF)
    root.auth.token.create_or_update_role(
        name, allowed_policies=[name], orphan=True, renewable=False, path_suffix="ci"
    )
    role = root.auth.token.read_role(name)["data"]
    assert role["allowed_policies"] == [name] and role["orphan"] is True and role["renewable"] is False
    assert name in root.auth.token.list_roles()["data"]["keys"]
    reply = root.adapter.post(f"/v1/auth/token/create/{name}", json={"policies": [name]})
    reply = reply.json() if hasattr(reply, "json") else reply
    assert reply["auth"]["orphan"] is True and reply["auth"]["renewable"] is False
    mine = connect(reply["auth"]["client_token"]).auth.token.lookup_self()["data"]
    assert mine["role"] == name
    with pytest.raises(exceptions.InvalidRequest):
        root.adapter.post(f"/v1/auth/token/create/{name}", json={"policies": ["default-not-it"]})
    root.auth.token.delete_role(name)
    with pytest.raises(exceptions.InvalidPath):
        root.auth.token.read_role(name)


def test_a_role_that_is_not_there_makes_no_token(root, name):
    with pytest.raises((exceptions.InvalidRequest, exceptions.InvalidPath)):
        root.adapter.post(f"/v1/auth/token/create/{name}", json={})


@pytest.mark.parametrize("token", ["", "s.x", "s." + "a" * 24, "hvs." + "b" * 90, "\u00e4"])
def test_a_token_nobody_gave_is_denied(server, token):
    headers = {"X-Vault-Token": token} if token.isascii() else {}
    status, body = server.request("GET", "/v1/auth/token/lookup-self", headers=headers)
    assert status == 403 and body["errors"]


def test_bearer_is_a_token_too(server):
    status, body = server.request(
        "GET", "/v1/auth/token/lookup-self", headers={"Authorization": f"Bearer {server.root_token}"}
    )
    assert status == 200 and body["data"]["policies"] == ["root"]


def test_looking_up_what_is_not_there(root):
    with pytest.raises((exceptions.Forbidden, exceptions.InvalidRequest, exceptions.InvalidPath)):
        root.auth.token.lookup("s.nothing")
    with pytest.raises((exceptions.Forbidden, exceptions.InvalidRequest, exceptions.InvalidPath)):
        root.auth.token.lookup_accessor("nothing")


def test_tidying_up_is_taken(root):
    reply = root.auth.token.tidy()
    assert getattr(reply, "status_code", 202) == 202
