# SPDX-License-Identifier: Apache-2.0
"""KV version 2 through hvac."""

import time
import warnings

import pytest

hvac = pytest.importorskip("hvac")
from hvac import exceptions  # noqa: E402

warnings.simplefilter("ignore", DeprecationWarning)


def data_of(reply):
    return reply["data"]["data"]


def test_what_was_written_is_read(kv):
    written = kv.create_or_update_secret("app/db", {"password": "correct horse", "n": 1})
    assert written["data"]["version"] == 1
    read = kv.read_secret_version("app/db")
    assert data_of(read) == {"password": "correct horse", "n": 1}
    meta = read["data"]["metadata"]
    assert meta["version"] == 1 and meta["destroyed"] is False and meta["deletion_time"] == ""
    assert meta["custom_metadata"] is None


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"": "an empty name"},
        {"text": "ä€😀\u0000\n\t\"\\ </script>"},
        {"deep": {"list": [1, 2.5, -3, True, False, None, {"x": []}]}},
        {"big": 12345678901234567890, "small": 1e-9},
        {"long": "x" * 100_000},
    ],
    ids=["empty", "empty name", "text", "deep", "numbers", "long"],
)
def test_any_object_comes_back_as_it_was(kv, value):
    kv.create_or_update_secret("s", value)
    assert data_of(kv.read_secret_version("s")) == value


def test_each_write_makes_a_version_and_old_ones_stay(kv):
    for n in range(1, 4):
        assert kv.create_or_update_secret("s", {"n": n})["data"]["version"] == n
    assert data_of(kv.read_secret_version("s")) == {"n": 3}
    assert data_of(kv.read_secret_version("s", version=1)) == {"n": 1}
    assert data_of(kv.read_secret_version("s", version=2)) == {"n": 2}


def test_a_version_that_never_was_is_not_found(kv):
    kv.create_or_update_secret("s", {"n": 1})
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s", version=99)


def test_a_secret_that_never_was_is_not_found(kv):
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("nothing/here")


def test_cas_zero_creates_only_once(kv):
    kv.create_or_update_secret("s", {"n": 1}, cas=0)
    with pytest.raises(exceptions.InvalidRequest, match="did not match the current version"):
        kv.create_or_update_secret("s", {"n": 2}, cas=0)
    assert data_of(kv.read_secret_version("s")) == {"n": 1}


def test_cas_takes_the_current_version_only(kv):
    kv.create_or_update_secret("s", {"n": 1})
    assert kv.create_or_update_secret("s", {"n": 2}, cas=1)["data"]["version"] == 2
    with pytest.raises(exceptions.InvalidRequest):
        kv.create_or_update_secret("s", {"n": 3}, cas=1)
    assert data_of(kv.read_secret_version("s")) == {"n": 2}


def test_cas_counts_deleted_versions(kv):
    kv.create_or_update_secret("s", {"n": 1})
    kv.delete_latest_version_of_secret("s")
    with pytest.raises(exceptions.InvalidRequest):
        kv.create_or_update_secret("s", {"n": 2}, cas=0)
    kv.create_or_update_secret("s", {"n": 2}, cas=1)


def test_cas_required_by_the_mount_refuses_a_write_without_it(kv):
    kv.configure(cas_required=True)
    with pytest.raises(exceptions.InvalidRequest, match="check-and-set parameter required"):
        kv.create_or_update_secret("s", {"n": 1})
    kv.create_or_update_secret("s", {"n": 1}, cas=0)


def test_cas_required_by_the_secret_refuses_a_write_without_it(kv):
    kv.update_metadata("s", cas_required=True)
    with pytest.raises(exceptions.InvalidRequest):
        kv.create_or_update_secret("s", {"n": 1})
    kv.create_or_update_secret("s", {"n": 1}, cas=0)


def test_the_client_s_patch_merges(kv):
    kv.create_or_update_secret("s", {"a": 1, "b": 2})
    assert kv.patch("s", {"b": 3, "c": 4})["data"]["version"] == 2
    assert data_of(kv.read_secret_version("s")) == {"a": 1, "b": 3, "c": 4}


def test_the_client_s_patch_of_nothing_fails(kv):
    with pytest.raises(exceptions.InvalidPath):
        kv.patch("s", {"b": 3})


def merge(root, mount, path, body, content_type="application/merge-patch+json"):
    return root.session.request(
        "PATCH",
        f"{root.url}/v1/{mount}/data/{path}",
        json=body,
        headers={"X-Vault-Token": root.token, "Content-Type": content_type},
    )


def test_merge_patch_follows_rfc_7386(kv, root, mount):
    kv.create_or_update_secret("s", {"a": {"x": 1, "y": 2}, "b": [1, 2], "c": "gone"})
    reply = merge(root, mount, "s", {"data": {"a": {"y": None, "z": 3}, "b": [3], "c": None}})
    assert reply.status_code == 200 and reply.json()["data"]["version"] == 2
    assert data_of(kv.read_secret_version("s")) == {"a": {"x": 1, "z": 3}, "b": [3]}


def test_merge_patch_obeys_cas(kv, root, mount):
    kv.create_or_update_secret("s", {"a": 1})
    wrong = merge(root, mount, "s", {"data": {"a": 2}, "options": {"cas": 7}})
    assert wrong.status_code == 400
    right = merge(root, mount, "s", {"data": {"a": 2}, "options": {"cas": 1}})
    assert right.status_code == 200


def test_merge_patch_of_nothing_is_not_found(root, mount):
    assert merge(root, mount, "s", {"data": {"a": 2}}).status_code == 404


def test_merge_patch_of_a_deleted_version_is_not_found(kv, root, mount):
    kv.create_or_update_secret("s", {"a": 1})
    kv.delete_latest_version_of_secret("s")
    assert merge(root, mount, "s", {"data": {"a": 2}}).status_code == 404


def test_a_patch_of_another_media_type_is_refused(kv, root, mount):
    kv.create_or_update_secret("s", {"a": 1})
    reply = merge(root, mount, "s", {"data": {"a": 2}}, content_type="application/json")
    assert reply.status_code == 415


def test_a_deleted_version_shows_metadata_and_no_data(kv, root, mount):
    kv.create_or_update_secret("s", {"n": 1})
    kv.delete_latest_version_of_secret("s")
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s")
    reply = root.session.get(
        f"{root.url}/v1/{mount}/data/s", headers={"X-Vault-Token": root.token}
    )
    body = reply.json()
    assert reply.status_code == 404
    assert body["data"]["data"] is None
    assert body["data"]["metadata"]["deletion_time"] != ""
    assert body["data"]["metadata"]["destroyed"] is False


def test_deleting_nothing_is_no_error(kv):
    kv.delete_latest_version_of_secret("nothing")
    kv.delete_secret_versions("nothing", [1, 2])
    kv.undelete_secret_versions("nothing", [1])
    kv.destroy_secret_versions("nothing", [1])


def test_undelete_brings_a_version_back(kv):
    kv.create_or_update_secret("s", {"n": 1})
    kv.create_or_update_secret("s", {"n": 2})
    kv.delete_secret_versions("s", [1, 2])
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s")
    kv.undelete_secret_versions("s", [2])
    assert data_of(kv.read_secret_version("s")) == {"n": 2}
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s", version=1)


def test_destroy_is_for_good(kv):
    kv.create_or_update_secret("s", {"n": 1})
    kv.create_or_update_secret("s", {"n": 2})
    kv.destroy_secret_versions("s", [1])
    kv.undelete_secret_versions("s", [1])
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s", version=1)
    versions = kv.read_secret_metadata("s")["data"]["versions"]
    assert versions["1"]["destroyed"] is True and versions["2"]["destroyed"] is False
    assert data_of(kv.read_secret_version("s")) == {"n": 2}


@pytest.mark.parametrize("verb", ["delete", "undelete", "destroy"])
def test_versions_must_be_named(root, mount, kv, verb):
    kv.create_or_update_secret("s", {"n": 1})
    for body in ({}, {"versions": []}):
        with pytest.raises(exceptions.InvalidRequest, match="(?i)no version number provided"):
            root.adapter.post(f"/v1/{mount}/{verb}/s", json=body)


def test_versions_may_be_strings(root, mount, kv):
    kv.create_or_update_secret("s", {"n": 1})
    root.adapter.post(f"/v1/{mount}/delete/s", json={"versions": ["1"]})
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s")


def test_metadata_tells_all_versions(kv):
    kv.create_or_update_secret("s", {"n": 1})
    kv.create_or_update_secret("s", {"n": 2})
    meta = kv.read_secret_metadata("s")["data"]
    assert meta["current_version"] == 2
    assert sorted(meta["versions"]) == ["1", "2"]
    assert meta["max_versions"] == 0 and meta["oldest_version"] == 0
    assert meta["cas_required"] is False and meta["delete_version_after"] == "0s"
    assert meta["created_time"] <= meta["updated_time"]


def test_metadata_may_come_before_data(kv):
    kv.update_metadata("s", max_versions=3)
    assert kv.read_secret_metadata("s")["data"]["max_versions"] == 3
    assert kv.read_secret_metadata("s")["data"]["current_version"] == 0
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s")


def test_custom_metadata_is_kept_and_shown(root, mount, kv):
    kv.create_or_update_secret("s", {"n": 1})
    root.adapter.post(
        f"/v1/{mount}/metadata/s", json={"custom_metadata": {"owner": "shop", "tier": "1"}}
    )
    want = {"owner": "shop", "tier": "1"}
    assert kv.read_secret_metadata("s")["data"]["custom_metadata"] == want
    assert kv.read_secret_version("s")["data"]["metadata"]["custom_metadata"] == want


def test_custom_metadata_is_replaced_as_a_whole(root, mount, kv):
    root.adapter.post(f"/v1/{mount}/metadata/s", json={"custom_metadata": {"a": "1"}})
    root.adapter.post(f"/v1/{mount}/metadata/s", json={"custom_metadata": {"b": "2"}})
    assert kv.read_secret_metadata("s")["data"]["custom_metadata"] == {"b": "2"}


def test_a_patch_of_metadata_merges(root, mount, kv):
    root.adapter.post(
        f"/v1/{mount}/metadata/s", json={"max_versions": 4, "custom_metadata": {"a": "1", "b": "2"}}
    )
    reply = root.session.request(
        "PATCH",
        f"{root.url}/v1/{mount}/metadata/s",
        json={"custom_metadata": {"a": None, "c": "3"}},
        headers={"X-Vault-Token": root.token, "Content-Type": "application/merge-patch+json"},
    )
    assert reply.status_code == 204
    meta = kv.read_secret_metadata("s")["data"]
    assert meta["custom_metadata"] == {"b": "2", "c": "3"} and meta["max_versions"] == 4


@pytest.mark.parametrize(
    "custom",
    [{f"k{i}": "v" for i in range(65)}, {"k" * 129: "v"}, {"k": "v" * 513}, {"k": 1}, {"k": {}}, [1]],
    ids=["65 members", "a long name", "a long value", "a number", "an object", "a list"],
)
def test_custom_metadata_past_its_limits_is_refused(root, mount, custom):
    with pytest.raises(exceptions.InvalidRequest):
        root.adapter.post(f"/v1/{mount}/metadata/s", json={"custom_metadata": custom})


def test_max_versions_drops_the_oldest(kv):
    kv.update_metadata("s", max_versions=2)
    for n in range(1, 5):
        kv.create_or_update_secret("s", {"n": n})
    meta = kv.read_secret_metadata("s")["data"]
    assert sorted(meta["versions"]) == ["3", "4"] and meta["oldest_version"] == 3
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s", version=2)
    assert data_of(kv.read_secret_version("s", version=3)) == {"n": 3}


def test_ten_versions_are_kept_when_nobody_says(kv):
    for n in range(1, 13):
        kv.create_or_update_secret("s", {"n": n})
    assert len(kv.read_secret_metadata("s")["data"]["versions"]) == 10


def test_the_mount_s_configuration_is_read_back(kv):
    kv.configure(max_versions=7, cas_required=False, delete_version_after="1h30m")
    config = kv.read_configuration()["data"]
    assert config["max_versions"] == 7 and config["cas_required"] is False
    assert config["delete_version_after"] == "1h30m0s"


def test_delete_version_after_ends_a_version_in_time(kv):
    kv.update_metadata("s", delete_version_after="1s")
    kv.create_or_update_secret("s", {"n": 1})
    assert data_of(kv.read_secret_version("s")) == {"n": 1}
    assert kv.read_secret_version("s")["data"]["metadata"]["deletion_time"] != ""
    time.sleep(1.1)
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_version("s")


def test_a_listing_shows_names_and_folders(kv):
    for path in ("a", "a/b", "a/c/d", "z"):
        kv.create_or_update_secret(path, {"n": 1})
    assert kv.list_secrets("")["data"]["keys"] == ["a", "a/", "z"]
    assert kv.list_secrets("a")["data"]["keys"] == ["b", "c/"]
    assert kv.list_secrets("a/")["data"]["keys"] == ["b", "c/"]


def test_a_listing_of_nothing_is_not_found(kv):
    with pytest.raises(exceptions.InvalidPath):
        kv.list_secrets("nothing")


def test_a_deleted_secret_is_still_listed_and_a_removed_one_is_not(kv):
    kv.create_or_update_secret("a", {"n": 1})
    kv.create_or_update_secret("b", {"n": 1})
    kv.delete_latest_version_of_secret("a")
    assert kv.list_secrets("")["data"]["keys"] == ["a", "b"]
    kv.delete_metadata_and_all_versions("a")
    assert kv.list_secrets("")["data"]["keys"] == ["b"]
    with pytest.raises(exceptions.InvalidPath):
        kv.read_secret_metadata("a")


def test_a_listing_pages(root, mount, kv):
    for n in range(5):
        kv.create_or_update_secret(f"s{n}", {"n": n})
    page = root.adapter.get(f"/v1/{mount}/metadata/?list=true&limit=2&after=s1")
    page = page.json() if hasattr(page, "json") else page
    assert page["data"]["keys"] == ["s2", "s3"]


def test_subkeys_show_names_without_values(root, mount, kv):
    kv.create_or_update_secret("s", {"a": 1, "b": {"c": "x", "d": {"e": 1}}})
    got = root.adapter.get(f"/v1/{mount}/subkeys/s")
    got = got.json() if hasattr(got, "json") else got
    assert got["data"]["subkeys"] == {"a": None, "b": {"c": None, "d": {"e": None}}}
    shallow = root.adapter.get(f"/v1/{mount}/subkeys/s?depth=2")
    shallow = shallow.json() if hasattr(shallow, "json") else shallow
    assert shallow["data"]["subkeys"] == {"a": None, "b": {"c": None, "d": None}}


def test_names_with_unusual_characters_are_kept_apart(kv):
    for path in ("with space", "ä€", "a+b", "a%b", "a:b@c", "q?x", "h#y"):
        kv.create_or_update_secret(path, {"path": path})
    for path in ("with space", "ä€", "a+b", "a%b", "a:b@c", "q?x", "h#y"):
        assert data_of(kv.read_secret_version(path)) == {"path": path}


@pytest.mark.parametrize("body", [{}, {"data": "x"}, {"data": []}, {"data": 1}, {"options": {"cas": 0}}])
def test_a_write_without_an_object_is_refused(root, mount, body):
    with pytest.raises(exceptions.InvalidRequest):
        root.adapter.post(f"/v1/{mount}/data/s", json=body)


def test_the_path_of_version_one_is_explained(root, mount):
    with pytest.raises(exceptions.InvalidPath):
        root.secrets.kv.v1.read_secret("s", mount_point=mount)


def test_put_is_post(root, mount, kv):
    root.adapter.put(f"/v1/{mount}/data/s", json={"data": {"n": 1}})
    assert data_of(kv.read_secret_version("s")) == {"n": 1}
