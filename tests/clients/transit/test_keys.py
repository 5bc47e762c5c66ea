# SPDX-License-Identifier: Apache-2.0
"""Keys: made, shown, listed, rotated, configured, limited, trimmed, deleted; and each refusal."""

import datetime
import time

import pytest
from engine import AEADS, CURVES, RSA, TYPES, b64, unb64

SHOWN = {
    "name", "type", "derived", "deletion_allowed", "exportable", "allow_plaintext_backup", "auto_rotate_period",
    "imported_key", "keys", "latest_version", "min_available_version", "min_decryption_version",
    "min_encryption_version", "supports_encryption", "supports_decryption", "supports_derivation",
    "supports_signing",
}  # fmt: skip
CAN = {  # encrypts, signs, derives
    **{name: (True, False, True) for name in AEADS},
    **{name: (False, True, False) for name in CURVES},
    **{name: (True, True, False) for name in RSA},
    "ed25519": (False, True, True),
    "hmac": (False, False, False),
}
PUBLIC_NAMES = {
    "ecdsa-p256": "P-256", "ecdsa-p384": "P-384", "ecdsa-p521": "P-521", "ecdsa-secp256k1": "secp256k1",
    "ed25519": "ed25519", "rsa-2048": "rsa-2048", "rsa-3072": "rsa-3072", "rsa-4096": "rsa-4096",
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_a_key_of_each_type_is_made_and_shown(engine, lent, kind):
    shown = engine.get(f"keys/{lent(kind)}")
    assert SHOWN <= shown.keys(), SHOWN - shown.keys()
    assert shown["type"] == kind and shown["latest_version"] == 1
    assert (shown["min_available_version"], shown["min_decryption_version"], shown["min_encryption_version"]) == (0, 1, 0)
    assert shown["auto_rotate_period"] == 0 and shown["imported_key"] is False
    assert shown["derived"] is False and shown["deletion_allowed"] is False
    encrypts, signs, derives = CAN[kind]
    assert (shown["supports_encryption"], shown["supports_decryption"]) == (encrypts, encrypts)
    assert (shown["supports_signing"], shown["supports_derivation"]) == (signs, derives)
    version = shown["keys"]["1"]
    if kind not in PUBLIC_NAMES:
        assert isinstance(version, int) and abs(version - time.time()) < 600
        return
    assert version["name"] == PUBLIC_NAMES[kind]
    created = datetime.datetime.fromisoformat(version["creation_time"][:19] + "+00:00")
    assert version["creation_time"].endswith("Z") and abs(created.timestamp() - time.time()) < 600
    if kind == "ed25519":
        assert len(unb64(version["public_key"])) == 32
    else:
        assert version["public_key"].startswith("-----BEGIN PUBLIC KEY-----\n")
    assert version.get("certificate_chain", "") == ""


def test_making_one_answers_with_it_in_an_envelope_of_this_mount(engine):
    reply = engine.ask("POST", "keys/enveloped", {})
    assert reply.status == 200 and reply.json["mount_type"] == "transit"
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.data["type"] == "aes256-gcm96" and reply.json["warnings"] is None


@pytest.mark.parametrize("body", [b"", b"null", b"{}"])
def test_without_a_body_it_is_an_aes_key(engine, body):
    name = f"bare{len(body)}"
    engine.connection.request("POST", f"/v1/{engine.mount}/keys/{name}", body, {"X-Vault-Token": engine.token})
    reply = engine.connection.getresponse()
    reply.read()
    assert reply.status in (200, 204)
    assert engine.get(f"keys/{name}")["type"] == "aes256-gcm96"


def test_making_it_again_changes_nothing_and_warns(engine):
    name = engine.key("ed25519")
    before = engine.get(f"keys/{name}")
    reply = engine.ask("POST", f"keys/{name}", {"type": "ed25519"})
    assert reply.status == 200 and reply.json["warnings"] == [f"key {name} already existed"]
    assert engine.get(f"keys/{name}") == before


def test_weakly_typed_settings_are_understood(engine):
    name = engine.key(derived="true", exportable=1, auto_rotate_period="36h")
    shown = engine.get(f"keys/{name}")
    assert shown["derived"] is True and shown["exportable"] is True and shown["auto_rotate_period"] == 36 * 3600


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"type": "rot13"}, "unknown key type rot13"),
        ({"auto_rotate_period": "59m"}, "auto rotate period must be 0 to disable or at least an hour"),
        ({"auto_rotate_period": 1}, "auto rotate period must be 0 to disable or at least an hour"),
        ({"convergent_encryption": True}, "convergent encryption requires derivation to be enabled"),
        ({"type": "ecdsa-p256", "derived": True}, ""),
        ({"type": "rsa-2048", "derived": True}, ""),
        ({"type": "hmac", "derived": True}, ""),
        ({"type": "hmac", "key_size": 31}, "invalid key_size 31"),
        ({"type": "hmac", "key_size": 513}, "invalid key_size 513"),
        ({"type": "aes256-gcm96", "key_size": 32}, "key_size is not valid for algorithm aes256-gcm96"),
        ({"derived": "perhaps"}, ""),
        ({"max_uses": -1}, ""),
        ({"rate": -1}, ""),
        ({"exportable": []}, ""),
    ],
)
def test_settings_that_are_none_make_no_key(engine, settings, told):
    assert told in engine.refused("keys/never-made", settings)
    engine.refused("keys/never-made", method="GET", status=404)


@pytest.mark.parametrize("name", ["a", "A-b.c_d", "0", "x" * 128, "a..b", "_"])
def test_names_that_are_some(engine, name):
    assert engine.post(f"keys/{name}")["name"] == name
    assert name in engine.ask("LIST", "keys").data["keys"]


@pytest.mark.parametrize("name", ["-a", "a-", ".a", "a.", "a%20b", "a%C3%A9", "x" * 129, "a%22", "a%2Fb"])
def test_names_that_are_none(engine, name):
    reply = engine.ask("POST", f"keys/{name}", {})
    assert reply.status in (400, 404, 405), reply.raw


def test_hmac_keys_have_the_size_that_was_asked_for(engine):
    for size in (32, 33, 512):
        name = engine.key("hmac", key_size=size, exportable=True)
        assert len(unb64(engine.exported(name, "hmac-key"))) == size
    assert len(unb64(engine.exported(engine.key("hmac", exportable=True), "hmac-key"))) == 32


def test_what_is_not_there_is_not_found(engine):
    for path in ("keys/nobody", "keys/nobody/attestation"):
        reply = engine.ask("GET", path)
        assert reply.status == 404 and reply.json["errors"] == [], (path, reply.raw)


def test_keys_are_listed_in_order_and_only_by_list(fresh):
    assert fresh.ask("LIST", "keys").status == 404
    for name in ("c", "a", "b"):
        fresh.post(f"keys/{name}")
    assert fresh.ask("LIST", "keys").data == {"keys": ["a", "b", "c"]}
    assert fresh.ask("GET", "keys?list=true").data == {"keys": ["a", "b", "c"]}
    assert fresh.ask("GET", "keys/?list=true").data == {"keys": ["a", "b", "c"]}
    assert fresh.ask("GET", "keys").status == 405


def test_mounts_share_nothing(engine, fresh):
    name = engine.key()
    ciphertext = engine.encrypt(name, b"x")
    assert fresh.ask("GET", f"keys/{name}").status == 404
    fresh.post(f"keys/{name}")
    assert "message authentication failed" in fresh.refused(f"decrypt/{name}", ciphertext=ciphertext)


def test_a_mount_made_again_has_no_old_key(server, engine):
    engine.sys("POST", "sys/mounts/again", {"type": "transit"})
    engine.sys("POST", "again/keys/a", {})
    assert engine.sys("DELETE", "sys/mounts/again").status == 204
    assert engine.sys("GET", "again/keys/a").status == 404
    engine.sys("POST", "sys/mounts/again", {"type": "transit"})
    assert engine.sys("GET", "again/keys/a").status == 404
    assert engine.sys("DELETE", "sys/mounts/again").status == 204


# ---- rotation and limits ----


@pytest.mark.parametrize("kind", [t for t in TYPES if t not in ("rsa-3072", "rsa-4096")])
def test_rotated_it_has_one_more_version(engine, kind):
    name = engine.key(kind)
    first = engine.get(f"keys/{name}")["keys"]["1"]
    engine.post(f"keys/{name}/rotate")
    shown = engine.get(f"keys/{name}")
    assert shown["latest_version"] == 2 and list(shown["keys"]) == ["1", "2"]
    assert shown["keys"]["1"] == first
    if kind in PUBLIC_NAMES:
        assert shown["keys"]["2"]["public_key"] != first["public_key"]


def test_what_is_not_there_is_not_rotated(engine):
    reply = engine.ask("POST", "keys/nobody/rotate", {})
    assert reply.status in (400, 404), reply.raw


def test_the_old_is_refused_below_the_minima_and_comes_back(engine):
    name = engine.key()
    old = engine.encrypt(name, b"one")
    for _ in range(3):
        engine.post(f"keys/{name}/rotate")
    engine.config(name, min_decryption_version=2)
    assert engine.refused(f"decrypt/{name}", ciphertext=old) == "ciphertext or signature version is disallowed by policy (too old)"
    engine.config(name, min_decryption_version=1)
    assert engine.decrypt(name, old) == b"one"
    engine.config(name, min_encryption_version=3)
    told = engine.refused(f"encrypt/{name}", plaintext=b64("x"), key_version=2)
    assert told == "requested version for encryption is less than the minimum encryption key version"
    assert engine.encrypt(name, b"x", key_version=3).startswith("vault:v3:")
    assert engine.encrypt(name, b"x").startswith("vault:v4:")


def test_versions_below_the_minimum_are_not_shown(engine):
    name = engine.key()
    engine.post(f"keys/{name}/rotate")
    engine.config(name, min_decryption_version=2)
    assert list(engine.get(f"keys/{name}")["keys"]) == ["2"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"min_decryption_version": 4}, "cannot set min decryption version of 4, latest key version is 3"),
        ({"min_decryption_version": -1}, "min decryption version cannot be negative"),
        ({"min_encryption_version": 4}, "cannot set min encryption version of 4, latest key version is 3"),
        ({"min_encryption_version": -1}, "min encryption version cannot be negative"),
        ({"min_encryption_version": 1, "min_decryption_version": 2}, "cannot set min encryption/decryption values"),
        ({"auto_rotate_period": "1m"}, "auto rotate period must be 0 to disable or at least an hour"),
        ({"min_decryption_version": "many"}, ""),
    ],
)
def test_limits_that_cannot_be_are_refused(engine, settings, told):
    name = engine.key()
    engine.post(f"keys/{name}/rotate")
    engine.post(f"keys/{name}/rotate")
    before = engine.get(f"keys/{name}")
    assert told in engine.refused(f"keys/{name}/config", settings)
    assert engine.get(f"keys/{name}") == before


def test_zero_is_one_for_decryption_and_the_latest_for_encryption(engine):
    name = engine.key()
    engine.config(name, min_decryption_version=0, min_encryption_version=0)
    shown = engine.get(f"keys/{name}")
    assert (shown["min_decryption_version"], shown["min_encryption_version"]) == (1, 0)


def test_what_was_let_out_is_never_unsaid(engine):
    name = engine.key()
    engine.config(name, exportable=True, allow_plaintext_backup=True)
    engine.config(name, exportable=False, allow_plaintext_backup=False)
    shown = engine.get(f"keys/{name}")
    assert shown["exportable"] is True and shown["allow_plaintext_backup"] is True


def test_a_key_that_is_never_to_leave_stays(engine):
    name = engine.key("ecdsa-p256", never_exportable=True)
    for settings in ({"exportable": True}, {"allow_plaintext_backup": True}):
        assert "never_exportable" in engine.refused(f"keys/{name}/config", settings)
    reply = engine.ask("POST", f"keys/{name}/config", {"never_exportable": False})
    assert reply.status in (200, 204, 400)
    shown = engine.get(f"keys/{name}")
    assert (shown["never_exportable"], shown["exportable"], shown["allow_plaintext_backup"]) == (True, False, False)
    engine.refused(f"export/signing-key/{name}", method="GET")
    open_one = engine.key(exportable=True)
    engine.refused(f"keys/{open_one}/config", never_exportable=True)
    engine.refused("keys/neither", never_exportable=True, exportable=True)


def test_an_attested_key_is_never_opened_to_others(engine):
    name = engine.key()
    assert engine.get(f"keys/{name}").get("attested_only", False) is False
    engine.config(name, attested_only=True)
    reply = engine.ask("POST", f"keys/{name}/config", {"attested_only": False})
    assert reply.status in (200, 204, 400)
    assert engine.get(f"keys/{name}")["attested_only"] is True


def test_what_is_not_there_is_not_configured(engine):
    reply = engine.ask("POST", "keys/nobody/config", {"deletion_allowed": True})
    assert reply.status in (400, 404) and "nobody" in reply.told


# ---- trimming and deleting ----


def versions(engine, count, **minima):
    name = engine.key(exportable=True)
    kept = [engine.encrypt(name, b"v1")]
    for number in range(2, count + 1):
        engine.post(f"keys/{name}/rotate")
        kept.append(engine.encrypt(name, b"v%d" % number))
    if minima:
        engine.config(name, **minima)
    return name, kept


def test_what_is_trimmed_is_gone_for_good(engine):
    name, kept = versions(engine, 4, min_decryption_version=3, min_encryption_version=3)
    engine.post(f"keys/{name}/trim", min_available_version=3)
    shown = engine.get(f"keys/{name}")
    assert shown["min_available_version"] == 3 and list(shown["keys"]) == ["3", "4"]
    engine.refused(f"decrypt/{name}", ciphertext=kept[0])
    engine.refused(f"keys/{name}/config", min_decryption_version=2)
    engine.refused(f"keys/{name}/config", min_encryption_version=2)
    engine.refused(f"export/encryption-key/{name}/1", method="GET")
    assert engine.decrypt(name, kept[2]) == b"v3"
    engine.post(f"keys/{name}/trim", min_available_version=3)
    told = engine.refused(f"keys/{name}/trim", min_available_version=2)
    assert told == "minimum available version cannot be decremented"


@pytest.mark.parametrize(
    ("minima", "asked", "told"),
    [
        ({}, {"min_available_version": 2}, "when minimum encryption version is not set"),
        ({"min_encryption_version": 3}, {"min_available_version": 2}, "decryption version"),
        ({"min_decryption_version": 2, "min_encryption_version": 3}, {"min_available_version": 3}, "decryption version"),
        ({"min_decryption_version": 2, "min_encryption_version": 2}, {"min_available_version": 3}, "encryption version"),
        ({"min_decryption_version": 2, "min_encryption_version": 2}, {}, "missing min_available_version"),
        ({"min_decryption_version": 2, "min_encryption_version": 2}, {"min_available_version": -1}, "minimum available version"),
        ({"min_decryption_version": 2, "min_encryption_version": 2}, {"min_available_version": 0}, "minimum available version"),
    ],
)
def test_what_is_still_needed_is_not_trimmed(engine, minima, asked, told):
    name, kept = versions(engine, 3, **minima)
    assert told in engine.refused(f"keys/{name}/trim", asked)
    assert engine.get(f"keys/{name}")["min_available_version"] == 0


def test_nothing_is_deleted_that_may_not_be(engine):
    name = engine.key()
    told = engine.refused(f"keys/{name}", method="DELETE")
    assert told == f"error deleting policy {name}: deletion is not allowed for this key"
    engine.config(name, deletion_allowed=True)
    engine.config(name, deletion_allowed=False)
    engine.refused(f"keys/{name}", method="DELETE")
    assert engine.decrypt(name, engine.encrypt(name, b"x")) == b"x"


def test_what_is_deleted_is_gone_and_its_name_begins_anew(engine):
    name = engine.key()
    engine.post(f"keys/{name}/rotate")
    old = engine.encrypt(name, b"x", key_version=1)
    engine.config(name, deletion_allowed=True)
    assert engine.ask("DELETE", f"keys/{name}").status == 204
    assert engine.ask("GET", f"keys/{name}").status == 404
    assert name not in engine.ask("LIST", "keys").data["keys"]
    assert engine.refused(f"decrypt/{name}", ciphertext=old) == "encryption key not found"
    engine.post(f"keys/{name}")
    assert engine.get(f"keys/{name}")["latest_version"] == 1
    assert engine.refused(f"decrypt/{name}", ciphertext=old) == "cipher: message authentication failed"


def test_what_is_not_there_is_not_deleted(engine):
    reply = engine.ask("DELETE", "keys/nobody")
    assert reply.status in (400, 404), reply.raw


# ---- the mount's own settings ----


def test_the_caches_size_is_taken(engine):
    assert engine.ask("POST", "cache-config", {"size": 0}).status in (200, 204)
    assert engine.get("cache-config")["size"] == 0
    assert engine.ask("POST", "cache-config", {"size": 500}).status in (200, 204)
    assert engine.get("cache-config")["size"] == 500
    engine.refused("cache-config", size=-1)
    assert engine.ask("POST", "cache-config", {"size": 0}).status in (200, 204)


def test_verbs_that_a_path_does_not_know(engine):
    for method, path in (("DELETE", "encrypt/a"), ("GET", "sign/a"), ("POST", "wrapping_key"), ("POST", "backup/a")):
        assert engine.ask(method, path, {} if method == "POST" else None).status == 405, (method, path)
    for path in ("no/such/thing", "encrypt"):
        assert engine.ask("POST", path, {}).status in (404, 405), path
