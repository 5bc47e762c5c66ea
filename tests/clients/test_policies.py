# SPDX-License-Identifier: Apache-2.0
"""Policies and what they allow, through hvac."""

import json

import pytest

hvac = pytest.importorskip("hvac")
from hvac import exceptions  # noqa: E402


def hcl(path, *capabilities):
    wanted = ", ".join(f'"{c}"' for c in capabilities)
    return f'path "{path}" {{ capabilities = [{wanted}] }}\n'


def test_a_policy_is_read_back_as_it_was_written(root, name):
    text = '# who reads\npath "secret/data/*" {\n  capabilities = ["read"]\n}\n'
    root.sys.create_or_update_policy(name, text)
    got = root.sys.read_policy(name)
    assert got["data"]["rules"] == text and got["rules"] == text
    acl = root.session.get(
        f"{root.url}/v1/sys/policies/acl/{name}", headers={"X-Vault-Token": root.token}
    ).json()
    assert acl["data"] == {"name": name, "policy": text} or acl["data"]["policy"] == text


def test_a_policy_may_be_json(root, mount, kv, connect, name):
    kv.create_or_update_secret("s", {"n": 1})
    policy = {"path": {f"{mount}/data/s": {"capabilities": ["read"]}}}
    root.sys.create_or_update_policy(name, policy)
    token = root.auth.token.create(policies=[name])["auth"]["client_token"]
    assert connect(token).secrets.kv.v2.read_secret_version("s", mount_point=mount)
    with pytest.raises(exceptions.Forbidden):
        connect(token).secrets.kv.v2.create_or_update_secret("s", {}, mount_point=mount)


def test_policies_are_listed_and_deleted(root, name):
    root.sys.create_or_update_policy(name, hcl("x", "read"))
    policies = root.sys.list_policies()
    assert name in policies["data"]["policies"] and "root" in policies["data"]["policies"]
    assert "default" in policies["policies"]
    acl = root.adapter.list("/v1/sys/policies/acl")
    acl = acl.json() if hasattr(acl, "json") else acl
    assert acl["data"]["keys"][-1] == "root" and name in acl["data"]["keys"]
    root.sys.delete_policy(name)
    assert name not in root.sys.list_policies()["data"]["policies"]
    with pytest.raises(exceptions.InvalidPath):
        root.sys.read_policy(name)


def test_names_of_policies_have_no_case(root, name):
    root.sys.create_or_update_policy(name.upper(), hcl("x", "read"))
    assert name in root.sys.list_policies()["data"]["policies"]


@pytest.mark.parametrize(
    "text",
    [
        'path "x" { capabilities = ["read"]',
        'path "x" { capabilities = ["fly"] }',
        'path "x" { surprise = 1 }',
        'pth "x" { capabilities = ["read"] }',
        "{not json",
        '{"path":{"x":{"capabilities":"read"',
        "path \"a*b\" { capabilities = [\"read\"] }",
    ],
)
def test_a_policy_that_does_not_parse_is_refused(root, name, text):
    with pytest.raises(exceptions.InvalidRequest):
        root.sys.create_or_update_policy(name, text)
    assert name not in root.sys.list_policies()["data"]["policies"]


@pytest.mark.parametrize("method", ["create_or_update_policy", "delete_policy"])
def test_root_is_immutable(root, method):
    with pytest.raises(exceptions.InvalidRequest):
        if method == "delete_policy":
            root.sys.delete_policy("root")
        else:
            root.sys.create_or_update_policy("root", hcl("*", "deny"))


def test_a_token_without_a_rule_is_denied(token_with, connect, mount):
    client = connect(token_with(hcl("elsewhere/*", "read")))
    for call in (
        lambda: client.secrets.kv.v2.read_secret_version("s", mount_point=mount),
        lambda: client.secrets.kv.v2.create_or_update_secret("s", {}, mount_point=mount),
        lambda: client.secrets.kv.v2.list_secrets("", mount_point=mount),
        lambda: client.sys.list_policies(),
    ):
        with pytest.raises(exceptions.Forbidden):
            call()


def test_denied_looks_the_same_for_what_is_there_and_what_is_not(token_with, server, mount, kv):
    kv.create_or_update_secret("there", {"n": 1})
    token = token_with(hcl("elsewhere/*", "read"))
    replies = []
    for path in (f"{mount}/data/there", f"{mount}/data/absent", "nomount/data/absent"):
        status, body = server.request("GET", f"/v1/{path}", token=token)
        body.pop("request_id")
        replies.append((status, body))
    assert replies[0] == replies[1] == replies[2] and replies[0][0] == 403


@pytest.mark.parametrize(
    "capability,allowed",
    [("read", {"read"}), ("create", {"create"}), ("update", {"update"}), ("delete", {"delete"}),
     ("list", {"list"}), ("patch", {"patch"})],
)
def test_each_capability_allows_its_verb_only(token_with, server, mount, kv, capability, allowed):
    kv.create_or_update_secret("old", {"n": 1})
    token = token_with(hcl(f"{mount}/*", capability))
    merge = {"Content-Type": "application/merge-patch+json"}
    tries = {
        "read": ("GET", "data/old", None, None),
        "create": ("POST", "data/new", {"data": {}}, None),
        "update": ("POST", "data/old", {"data": {}}, None),
        "patch": ("PATCH", "data/old", {"data": {"a": 1}}, merge),
        "list": ("LIST", "metadata", None, None),
        "delete": ("DELETE", "data/old", None, None),
    }
    for verb, (method, path, body, headers) in tries.items():
        status, _ = server.request(method, f"/v1/{mount}/{path}", body, token, headers)
        if verb in allowed:
            assert status in (200, 204), (verb, status)
        else:
            assert status == 403, (verb, status)


def test_deny_wins_over_everything_on_the_same_path(token_with, connect, mount, kv):
    kv.create_or_update_secret("s", {"n": 1})
    text = hcl(f"{mount}/data/s", "read") + hcl(f"{mount}/data/s", "deny")
    with pytest.raises(exceptions.Forbidden):
        connect(token_with(text)).secrets.kv.v2.read_secret_version("s", mount_point=mount)


def test_the_more_exact_rule_decides(token_with, connect, mount, kv):
    for path in ("a/open", "a/shut", "b/x/leaf", "b/y/leaf"):
        kv.create_or_update_secret(path, {"n": 1})
    text = (
        hcl(f"{mount}/data/a/*", "read")
        + hcl(f"{mount}/data/a/shut", "deny")
        + hcl(f"{mount}/data/b/+/leaf", "read")
        + hcl(f"{mount}/data/b/y/*", "deny")
    )
    client = connect(token_with(text))
    read = client.secrets.kv.v2.read_secret_version
    assert read("a/open", mount_point=mount)
    assert read("b/x/leaf", mount_point=mount)
    for path in ("a/shut", "b/y/leaf"):
        with pytest.raises(exceptions.Forbidden):
            read(path, mount_point=mount)


def test_a_star_is_a_prefix_and_does_not_reach_its_parent(token_with, connect, mount, kv):
    for path in ("app", "app/x", "apple"):
        kv.create_or_update_secret(path, {"n": 1})
    read = connect(token_with(hcl(f"{mount}/data/app/*", "read"))).secrets.kv.v2.read_secret_version
    assert read("app/x", mount_point=mount)
    for path in ("app", "apple"):
        with pytest.raises(exceptions.Forbidden):
            read(path, mount_point=mount)


def test_capabilities_tell_what_the_policies_say(root, token_with, connect, mount):
    token = token_with(hcl(f"{mount}/data/*", "read", "create") + hcl(f"{mount}/data/x", "deny"))
    path, shut = f"{mount}/data/s", f"{mount}/data/x"
    mine = connect(token).sys.get_capabilities([path, shut])["data"]
    assert sorted(mine[path]) == ["create", "read"] and mine[shut] == ["deny"]
    theirs = root.sys.get_capabilities([path], token=token)["data"]
    assert sorted(theirs["capabilities"]) == ["create", "read"]
    accessor = connect(token).auth.token.lookup_self()["data"]["accessor"]
    assert sorted(root.sys.get_capabilities([path], accessor=accessor)["data"][path]) == ["create", "read"]
    assert root.sys.get_capabilities([path])["data"][path] == ["root"]


def test_a_changed_policy_holds_at_once(root, mount, kv, connect, name):
    kv.create_or_update_secret("s", {"n": 1})
    root.sys.create_or_update_policy(name, hcl(f"{mount}/data/s", "read"))
    client = connect(root.auth.token.create(policies=[name])["auth"]["client_token"])
    assert client.secrets.kv.v2.read_secret_version("s", mount_point=mount)
    root.sys.create_or_update_policy(name, hcl(f"{mount}/data/s", "list"))
    with pytest.raises(exceptions.Forbidden):
        client.secrets.kv.v2.read_secret_version("s", mount_point=mount)


def test_parameters_are_allowed_and_denied(token_with, server, name):
    text = (
        f'path "auth/token/roles/{name}" {{\n  capabilities = ["create", "update"]\n'
        '  allowed_parameters = { "orphan" = [] "renewable" = [true] }\n'
        '  denied_parameters = { "token_period" = [] }\n}\n'
    )
    token = token_with(text)
    post = lambda body: server.request("POST", f"/v1/auth/token/roles/{name}", body, token)[0]
    assert post({"orphan": True}) == 204
    assert post({"renewable": True}) == 204
    assert post({"renewable": False}) == 403
    assert post({"token_period": "1h"}) == 403
    assert post({"path_suffix": "x"}) == 403


def test_policies_of_a_json_text_may_be_a_string(root, name):
    text = json.dumps({"path": {"secret/*": {"capabilities": ["list"]}}})
    root.sys.create_or_update_policy(name, text)
    assert json.loads(root.sys.read_policy(name)["data"]["rules"]) == json.loads(text)
