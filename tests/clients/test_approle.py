# SPDX-License-Identifier: Apache-2.0
"""AppRole through hvac."""

import time

import pytest

hvac = pytest.importorskip("hvac")
from hvac import exceptions  # noqa: E402


@pytest.fixture
def role(root, name):
    root.auth.approle.create_or_update_approle(name, token_policies=["default"], token_ttl="20m")
    return name


def ids(root, role, **settings):
    role_id = root.auth.approle.read_role_id(role)["data"]["role_id"]
    secret = root.auth.approle.generate_secret_id(role, **settings)["data"]
    return role_id, secret


def test_a_machine_logs_in(root, role, connect):
    role_id, secret = ids(root, role)
    reply = connect().auth.approle.login(role_id, secret["secret_id"])
    auth = reply["auth"]
    assert auth["policies"] == ["default"] and auth["lease_duration"] == 1200
    assert auth["metadata"]["role_name"] == role and auth["orphan"] is True
    assert connect(auth["client_token"]).auth.token.lookup_self()["data"]["path"] == "auth/approle/login"


def test_a_role_is_read_listed_and_deleted(root, role):
    got = root.auth.approle.read_role(role)["data"]
    assert got["token_policies"] == ["default"] and got["token_ttl"] == 1200
    assert got["bind_secret_id"] is True and got["secret_id_num_uses"] == 0
    assert role in root.auth.approle.list_roles()["data"]["keys"]
    root.auth.approle.delete_role(role)
    with pytest.raises(exceptions.InvalidPath):
        root.auth.approle.read_role(role)


def test_a_role_id_of_one_s_own(root, role, connect):
    root.auth.approle.update_role_id(role, f"shop-{role}")
    _, secret = ids(root, role)
    assert connect().auth.approle.login(f"shop-{role}", secret["secret_id"])["auth"]


def test_metadata_of_the_secret_id_reaches_the_token(root, role, connect):
    role_id, secret = ids(root, role, metadata={"pod": "a"})
    auth = connect().auth.approle.login(role_id, secret["secret_id"])["auth"]
    assert auth["metadata"]["pod"] == "a"


def test_a_secret_id_is_looked_up_and_destroyed(root, role, connect):
    role_id, secret = ids(root, role)
    seen = root.auth.approle.read_secret_id(role, secret["secret_id"])["data"]
    assert seen["secret_id_accessor"] == secret["secret_id_accessor"]
    assert seen["expiration_time"] == "0001-01-01T00:00:00Z"
    root.auth.approle.destroy_secret_id(role, secret["secret_id"])
    with pytest.raises(exceptions.InvalidRequest):
        connect().auth.approle.login(role_id, secret["secret_id"])


def test_a_secret_id_is_destroyed_by_its_accessor(root, role, connect):
    role_id, secret = ids(root, role)
    accessor = secret["secret_id_accessor"]
    assert accessor in root.auth.approle.list_secret_id_accessors(role)["data"]["keys"]
    assert root.auth.approle.read_secret_id_accessor(role, accessor)["data"]["secret_id_accessor"] == accessor
    root.auth.approle.destroy_secret_id_accessor(role, accessor)
    with pytest.raises(exceptions.InvalidRequest):
        connect().auth.approle.login(role_id, secret["secret_id"])


def test_a_custom_secret_id_logs_in(root, role, connect):
    role_id = root.auth.approle.read_role_id(role)["data"]["role_id"]
    root.auth.approle.create_custom_secret_id(role, f"my-own-{role}")
    assert connect().auth.approle.login(role_id, f"my-own-{role}")["auth"]


def test_a_secret_id_of_one_use_has_one(root, name, connect):
    root.auth.approle.create_or_update_approle(name, token_policies=["default"], secret_id_num_uses=1)
    role_id, secret = ids(root, name)
    assert connect().auth.approle.login(role_id, secret["secret_id"])["auth"]
    with pytest.raises(exceptions.InvalidRequest):
        connect().auth.approle.login(role_id, secret["secret_id"])


def test_a_secret_id_ends_in_time(root, name, connect):
    root.auth.approle.create_or_update_approle(name, token_policies=["default"], secret_id_ttl="1s")
    role_id, secret = ids(root, name)
    time.sleep(1.2)
    with pytest.raises(exceptions.InvalidRequest):
        connect().auth.approle.login(role_id, secret["secret_id"])


def test_a_role_may_do_without_secret_ids(root, name, connect):
    root.auth.approle.create_or_update_approle(
        name, token_policies=["default"], bind_secret_id=False, token_bound_cidrs=["127.0.0.0/8"]
    )
    role_id = root.auth.approle.read_role_id(name)["data"]["role_id"]
    assert connect().auth.approle.login(role_id)["auth"]


def test_a_login_from_elsewhere_is_refused(root, name, connect):
    root.auth.approle.create_or_update_approle(
        name, token_policies=["default"], secret_id_bound_cidrs=["192.0.2.0/24"]
    )
    role_id, secret = ids(root, name)
    with pytest.raises((exceptions.InvalidRequest, exceptions.Forbidden)):
        connect().auth.approle.login(role_id, secret["secret_id"])


def test_every_wrong_login_gets_one_answer(server, root, role, name):
    role_id, secret = ids(root, role)
    root.auth.approle.create_or_update_approle(f"{name}-other", token_policies=["default"])
    _, other = ids(root, f"{name}-other")
    answers = set()
    for wrong in (
        {"role_id": "nobody", "secret_id": secret["secret_id"]},
        {"role_id": role_id, "secret_id": "wrong"},
        {"role_id": role_id, "secret_id": other["secret_id"]},
        {"role_id": "nobody", "secret_id": "wrong"},
    ):
        status, body = server.request("POST", "/v1/auth/approle/login", wrong)
        answers.add((status, tuple(body["errors"])))
    assert answers == {(400, ("invalid role or secret ID",))}


@pytest.mark.parametrize("body", [{}, {"secret_id": "x"}, {"role_id": ""}, {"role_id": 5, "secret_id": []}])
def test_a_login_without_its_parts_is_refused(server, body):
    status, reply = server.request("POST", "/v1/auth/approle/login", body)
    assert status == 400 and reply["errors"]


def test_tokens_obey_the_role(root, name, connect):
    root.auth.approle.create_or_update_approle(
        name, token_policies=["default"], token_ttl="1h", token_explicit_max_ttl="10m", token_num_uses=3
    )
    role_id, secret = ids(root, name)
    auth = connect().auth.approle.login(role_id, secret["secret_id"])["auth"]
    assert auth["lease_duration"] == 600 and auth["num_uses"] == 3
