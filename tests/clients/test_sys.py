# SPDX-License-Identifier: Apache-2.0
"""Health, seal, mounts, wrapping and the ledger's public side, through hvac and plain requests."""

import pytest

hvac = pytest.importorskip("hvac")
from hvac import exceptions  # noqa: E402


def test_health_tells_an_open_server(connect):
    health = connect().sys.read_health_status(method="GET")
    health = health.json() if hasattr(health, "json") else health
    assert health["initialized"] is True and health["sealed"] is False and health["standby"] is False


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_answers_with_the_status_asked_for(server, method):
    status, _ = server.request(method, "/v1/sys/health?activecode=299&standbycode=299&unknown=1")
    assert status == 299
    assert server.request(method, "/v1/sys/health?activecode=abc")[0] == 400


def test_init_is_done_and_is_not_done_again(connect, server):
    assert connect().sys.is_initialized() is True
    status, body = server.request("PUT", "/v1/sys/init", {"secret_shares": 1, "secret_threshold": 1})
    assert status == 400 and body["errors"] == ["Vault is already initialized"]


def test_seal_status_and_leader(connect):
    status = connect().sys.read_seal_status()
    status = status.json() if hasattr(status, "json") else status
    assert status["sealed"] is False and status["type"] == "tee" and status["version"].count(".") == 2
    leader = connect().sys.read_leader_status()
    assert leader["ha_enabled"] is False


def test_a_mount_is_enabled_tuned_listed_and_disabled(root, name):
    root.sys.enable_secrets_engine("kv-v2", path=f"m-{name}", description="of the shop")
    mounts = root.sys.list_mounted_secrets_engines()
    mine = mounts["data"][f"m-{name}/"]
    assert mine["type"] == "kv" and mine["options"]["version"] == "2"
    assert mine["description"] == "of the shop" and mounts[f"m-{name}/"] == mine
    root.sys.tune_mount_configuration(f"m-{name}", description="of nobody", max_lease_ttl="48h")
    tuned = root.sys.read_mount_configuration(f"m-{name}")["data"]
    assert tuned["max_lease_ttl"] == 172800
    root.sys.disable_secrets_engine(f"m-{name}")
    assert f"m-{name}/" not in root.sys.list_mounted_secrets_engines()["data"]
    root.sys.disable_secrets_engine(f"m-{name}")


def test_two_mounts_do_not_share_a_path(root, mount):
    with pytest.raises(exceptions.InvalidRequest, match="path is already in use"):
        root.sys.enable_secrets_engine("kv", path=mount, options={"version": "2"})


def test_an_unknown_kind_of_mount_is_refused(root, name):
    with pytest.raises(exceptions.InvalidRequest):
        root.sys.enable_secrets_engine("no-such-engine", path=f"m-{name}")


def test_a_disabled_mount_takes_its_secrets_along(root, name):
    path = f"m-{name}"
    root.sys.enable_secrets_engine("kv", path=path, options={"version": "2"})
    root.secrets.kv.v2.create_or_update_secret("s", {"n": 1}, mount_point=path)
    root.sys.disable_secrets_engine(path)
    root.sys.enable_secrets_engine("kv", path=path, options={"version": "2"})
    with pytest.raises(exceptions.InvalidPath):
        root.secrets.kv.v2.read_secret_version("s", mount_point=path)
    root.sys.disable_secrets_engine(path)


def test_command_lines_find_the_mount_of_a_path(server, mount):
    status, body = server.request("GET", f"/v1/sys/internal/ui/mounts/{mount}/any/path", token=server.root_token)
    assert status == 200 and body["data"]["path"] == f"{mount}/" and body["data"]["options"]["version"] == "2"
    status, _ = server.request("GET", "/v1/sys/internal/ui/mounts/nowhere/x", token=server.root_token)
    assert status == 403


def test_a_wrapped_secret_is_opened_once(root, mount, kv, server, connect):
    kv.create_or_update_secret("s", {"n": 1})
    status, body = server.request(
        "GET", f"/v1/{mount}/data/s", token=server.root_token, headers={"X-Vault-Wrap-TTL": "60"}
    )
    assert status == 200 and body["data"] is None
    info = body["wrap_info"]
    assert info["ttl"] == 60 and info["creation_path"] == f"{mount}/data/s"
    looked = server.request("POST", "/v1/sys/wrapping/lookup", {"token": info["token"]})[1]["data"]
    assert looked["creation_path"] == info["creation_path"] and looked["creation_ttl"] == 60
    opened = connect(info["token"]).sys.unwrap()
    assert opened["data"]["data"] == {"n": 1}
    for again in (lambda: connect(info["token"]).sys.unwrap(), lambda: root.sys.unwrap(info["token"])):
        with pytest.raises((exceptions.InvalidRequest, exceptions.Forbidden)):
            again()


def test_a_wrapping_token_is_good_for_nothing_else(server, mount, kv, connect):
    kv.create_or_update_secret("s", {"n": 1})
    _, body = server.request(
        "GET", f"/v1/{mount}/data/s", token=server.root_token, headers={"X-Vault-Wrap-TTL": "1m"}
    )
    with pytest.raises(exceptions.Forbidden):
        connect(body["wrap_info"]["token"]).secrets.kv.v2.read_secret_version("s", mount_point=mount)


def test_a_token_may_be_wrapped(root, connect):
    reply = root.auth.token.create(policies=["default"], wrap_ttl="60s")
    info = reply["wrap_info"]
    assert reply["auth"] is None and info["wrapped_accessor"]
    auth = root.sys.unwrap(info["token"])
    assert auth["auth"]["accessor"] == info["wrapped_accessor"]
    assert connect(auth["auth"]["client_token"]).auth.token.lookup_self()


def test_anything_may_be_wrapped_and_wrapped_anew(server, root):
    headers = {"X-Vault-Wrap-TTL": "300"}
    _, body = server.request("POST", "/v1/sys/wrapping/wrap", {"a": "b"}, server.root_token, headers)
    first = body["wrap_info"]["token"]
    _, body = server.request("POST", "/v1/sys/wrapping/rewrap", {"token": first}, server.root_token)
    second = body["wrap_info"]["token"]
    assert second != first and body["wrap_info"]["ttl"] == 300
    assert server.request("POST", "/v1/sys/wrapping/unwrap", {"token": first}, server.root_token)[0] in (400, 403)
    assert root.sys.unwrap(second)["data"] == {"a": "b"}


@pytest.mark.parametrize("ttl", ["abc", "-5", "1y2", "99999999999999999999"])
def test_a_bad_wrapping_time_is_refused(server, mount, ttl):
    status, body = server.request(
        "GET", f"/v1/{mount}/config", token=server.root_token, headers={"X-Vault-Wrap-TTL": ttl}
    )
    assert status == 400 and body["errors"]


def test_the_data_keys_are_rotated(root, mount, kv):
    kv.create_or_update_secret("s", {"n": 1})
    before = root.sys.get_encryption_key_status()
    before = before.get("data", before)
    root.sys.rotate_encryption_key()
    after = root.sys.get_encryption_key_status()
    after = after.get("data", after)
    # At least one more: a mount of an earlier test may lose its key in between.
    assert after["term"] > before["term"]
    assert kv.read_secret_version("s")["data"]["data"] == {"n": 1}


def test_every_audited_reply_names_its_leaf(server, mount, kv):
    import urllib.request

    kv.create_or_update_secret("s", {"n": 1})
    req = urllib.request.Request(
        f"{server.url}/v1/{mount}/data/s", headers={"X-Vault-Token": server.root_token}
    )
    seen = []
    for _ in range(2):
        with urllib.request.urlopen(req) as reply:
            seen.append(int(reply.headers["TEE-Secrets-Audit-Index"]))
            assert reply.headers["Cache-Control"] == "no-store"
            assert reply.headers["Content-Type"] == "application/json"
            assert len(reply.headers["X-Request-Id"]) == 36
    assert seen[1] > seen[0]


def test_the_ledger_shows_its_head_and_key(server):
    status, note = server.request("GET", "/v1/audit/checkpoint")
    origin, size, root_hash = note.decode().split("\n")[:3]
    assert status == 200 and int(size) > 0 and len(root_hash) == 44
    status, vkey = server.request("GET", "/v1/audit/vkey")
    assert status == 200 and vkey.decode().startswith(origin + "+")


def test_the_tee_says_that_it_is_simulated(server):
    assert server.request("GET", "/v1/tee/info")[1]["simulated"] is True
    health = server.request("GET", "/v1/tee/health")[1]
    assert health["simulated"] is True and health["state"] in ("ok", "degraded")


def test_an_unknown_namespace_is_not_found_and_the_root_one_is(server, mount):
    for namespace, want in (("", 200), ("/", 200), ("root", 200), ("other", 404)):
        status, _ = server.request(
            "GET", f"/v1/{mount}/config", token=server.root_token, headers={"X-Vault-Namespace": namespace}
        )
        assert status == want, namespace


def test_sealing_stops_everything_and_unsealing_starts_it(root, server, mount, kv):
    kv.create_or_update_secret("s", {"n": 1})
    assert server.request("PUT", "/v1/sys/seal", {}, server.root_token)[0] == 204
    try:
        assert server.request("GET", "/v1/sys/health")[0] == 503
        assert server.request("GET", "/v1/sys/seal-status")[1]["sealed"] is True
        status, body = server.request("GET", f"/v1/{mount}/data/s", token=server.root_token)
        assert status == 503 and body["errors"] == ["Vault is sealed"]
    finally:
        stranger = server.request("PUT", "/v1/sys/unseal", {})[0]
        status, body = server.request("PUT", "/v1/sys/unseal", {}, server.root_token)
    assert stranger == 403
    assert status == 200 and body["sealed"] is False
    assert kv.read_secret_version("s")["data"]["data"] == {"n": 1}
