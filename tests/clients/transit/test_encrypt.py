# SPDX-License-Identifier: Apache-2.0
"""Encrypt, decrypt, rewrap, data keys: what is done, and what is refused with which words."""

import pytest
from engine import AEADS, CURVES, RSA, b64, opened, sealed, unb64

ENCRYPTING = [*AEADS, *RSA]
NEEDS_CONTEXT = (
    "missing 'context' for key derivation; the key was created using a derived key, which means additional, "
    "per-request information must be included in order to perform operations with the key"
)
CONTEXT = b64("tenant 7")
OVERHEAD = {"xaes256-gcm": 24 + 16}


@pytest.mark.parametrize("kind", ENCRYPTING)
@pytest.mark.parametrize("plain", [b"", b"x", bytes(range(150))])
def test_what_was_encrypted_comes_back(engine, lent, kind, plain):
    data = engine.post(f"encrypt/{lent(kind)}", plaintext=b64(plain))
    assert data.keys() >= {"ciphertext", "key_version"} and data["key_version"] == 1
    version, body = opened(data["ciphertext"])
    assert version == 1
    assert len(body) == RSA.get(kind, len(plain) + OVERHEAD.get(kind, 12 + 16))
    assert engine.decrypt(lent(kind), data["ciphertext"]) == plain
    assert engine.encrypt(lent(kind), plain) != data["ciphertext"], "a nonce was used twice"


def test_long_data_comes_back(engine, lent):
    plain = bytes(500_000)
    assert engine.decrypt(lent("aes256-gcm96"), engine.encrypt(lent("aes256-gcm96"), plain)) == plain
    own = engine.under(engine.token)
    own.connection.putrequest("POST", f"/v1/{engine.mount}/encrypt/{lent('aes256-gcm96')}")
    own.connection.putheader("X-Vault-Token", engine.token)
    own.connection.putheader("Content-Length", "1100000")
    own.connection.endheaders()
    assert own.connection.getresponse().status == 413, "before the body was sent"
    own.close()


@pytest.mark.parametrize("kind", ENCRYPTING)
def test_a_changed_byte_is_noticed(engine, lent, kind):
    _, body = opened(engine.encrypt(lent(kind), b"plain"))
    for at in (0, len(body) // 2, len(body) - 1):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        told = engine.refused(f"decrypt/{lent(kind)}", ciphertext=sealed(changed))
        if kind in AEADS:
            assert told == "cipher: message authentication failed"
    engine.refused(f"decrypt/{lent(kind)}", ciphertext=sealed(body[:-1]))
    engine.refused(f"decrypt/{lent(kind)}", ciphertext=sealed(body + b"\0"))
    engine.refused(f"decrypt/{lent(kind)}", ciphertext=sealed(b""))
    engine.refused(f"decrypt/{lent(kind)}", ciphertext=sealed(body[:10]))


@pytest.mark.parametrize("kind", [*AEADS, "rsa-2048"])
def test_nobody_elses_key_opens_it(engine, lent, kind):
    ciphertext = engine.encrypt(lent(kind), b"plain")
    engine.refused(f"decrypt/{engine.key(kind)}", ciphertext=ciphertext)


@pytest.mark.parametrize("kind", AEADS)
def test_associated_data_must_be_the_same(engine, lent, kind):
    name = lent(kind)
    ciphertext = engine.encrypt(name, b"plain", associated_data=b64("row 1"))
    assert engine.decrypt(name, ciphertext, associated_data=b64("row 1")) == b"plain"
    for other in ({"associated_data": b64("row 2")}, {"associated_data": ""}, {}):
        told = engine.refused(f"decrypt/{name}", ciphertext=ciphertext, **other)
        assert told == "cipher: message authentication failed"
    bare = engine.encrypt(name, b"plain")
    engine.refused(f"decrypt/{name}", ciphertext=bare, associated_data=b64("row 1"))
    engine.refused(f"encrypt/{name}", plaintext="", associated_data="!")


def test_rsa_has_no_associated_data(engine, lent):
    told = engine.refused(f"encrypt/{lent('rsa-2048')}", plaintext=b64("x"), associated_data=b64("y"))
    assert "associated_data' provided for non-AEAD cipher suite rsa-2048" in told


@pytest.mark.parametrize(("kind", "most"), [("rsa-2048", 190), ("rsa-3072", 318), ("rsa-4096", 446)])
def test_rsa_takes_what_fits(engine, lent, kind, most):
    plain = bytes(range(256)) * 2
    assert engine.decrypt(lent(kind), engine.encrypt(lent(kind), plain[:most])) == plain[:most]
    engine.refused(f"encrypt/{lent(kind)}", plaintext=b64(plain[: most + 1]))


@pytest.mark.parametrize("kind", [*CURVES, "ed25519", "hmac"])
def test_a_type_that_does_not_encrypt_says_so(engine, lent, kind):
    assert "not supported" in engine.refused(f"encrypt/{lent(kind)}", plaintext=b64("x"))
    assert "not supported" in engine.refused(f"decrypt/{lent(kind)}", ciphertext=sealed(bytes(64)))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "missing plaintext to encrypt"),
        ({"plaintext": "not base64!"}, ""),
        ({"plaintext": b64("x"), "key_version": 2}, "requested version for encryption is higher than the latest key version"),
        ({"plaintext": b64("x"), "key_version": -1}, "requested version for encryption is negative"),
        ({"plaintext": b64("x"), "key_version": "one"}, ""),
        ({"plaintext": b64("x"), "nonce": b64(bytes(12))}, "nonce provided when not allowed"),
        ({"batch_input": []}, "missing batch input to process"),
        ({"batch_input": "x"}, ""),
        ({"batch_input": [1]}, ""),
        ({"plaintext": 7.5}, ""),
    ],
)
def test_what_cannot_be_encrypted(engine, lent, body, told):
    assert told in engine.refused(f"encrypt/{lent('aes256-gcm96')}", body)


@pytest.mark.parametrize(
    ("ciphertext", "told"),
    [
        (None, "missing ciphertext to decrypt"),
        ("", "missing ciphertext to decrypt"),
        ("none", "invalid ciphertext: no prefix"),
        ("VAULT:v1:AAAA", "invalid ciphertext: no prefix"),
        ("vault:v1", "invalid ciphertext: wrong number of fields"),
        ("vault:vx:AAAA", "invalid ciphertext: version number could not be decoded"),
        ("vault:v2:AAAA", "invalid ciphertext: version is too new"),
        ("vault:v99999999999999999999:AAAA", "invalid ciphertext"),
        ("vault:v-1:AAAA", "invalid ciphertext"),
        ("vault:v1:????", "invalid ciphertext: could not decode base64"),
        ("vault:v1:AAAA", ""),
        ("vault:v1:AAAA:AAAA", ""),
    ],
)
def test_what_is_no_ciphertext(engine, lent, ciphertext, told):
    body = {} if ciphertext is None else {"ciphertext": ciphertext}
    assert told in engine.refused(f"decrypt/{lent('aes256-gcm96')}", body)
    assert told in engine.refused(f"rewrap/{lent('aes256-gcm96')}", body)


# ---- derived and convergent ----


@pytest.mark.parametrize("kind", AEADS)
def test_a_derived_key_is_one_for_each_context(engine, kind):
    name = engine.key(kind, derived=True)
    shown = engine.get(f"keys/{name}")
    assert shown["derived"] is True and shown["kdf"] == "hkdf_sha256" and not shown.get("convergent_encryption")
    ciphertext = engine.encrypt(name, b"plain", context=CONTEXT)
    assert engine.decrypt(name, ciphertext, context=CONTEXT) == b"plain"
    assert engine.encrypt(name, b"plain", context=CONTEXT) != ciphertext
    assert engine.refused(f"decrypt/{name}", ciphertext=ciphertext, context=b64("tenant 8")) == "cipher: message authentication failed"
    for path, body in (("encrypt", {"plaintext": b64("x")}), ("decrypt", {"ciphertext": ciphertext})):
        assert engine.refused(f"{path}/{name}", body) == NEEDS_CONTEXT
    engine.refused(f"encrypt/{name}", plaintext=b64("x"), context="not base64!")


@pytest.mark.parametrize("kind", AEADS)
def test_convergent_encryption_gives_the_same_again(engine, kind):
    name = engine.key(kind, derived=True, convergent_encryption=True)
    shown = engine.get(f"keys/{name}")
    assert shown["convergent_encryption"] is True and shown["convergent_encryption_version"] == -1
    first = engine.encrypt(name, b"plain", context=CONTEXT)
    assert engine.encrypt(name, b"plain", context=CONTEXT) == first
    assert engine.encrypt(name, b"other", context=CONTEXT) != first
    assert engine.encrypt(name, b"plain", context=b64("tenant 8")) != first
    assert engine.decrypt(name, first, context=CONTEXT) == b"plain"
    engine.post(f"keys/{name}/rotate")
    again = engine.encrypt(name, b"plain", context=CONTEXT)
    assert opened(again)[1] != opened(first)[1] and engine.decrypt(name, again, context=CONTEXT) == b"plain"


def test_convergent_ciphertexts_are_bound_to_their_associated_data(engine):
    name = engine.key(derived=True, convergent_encryption=True)
    first = engine.encrypt(name, b"plain", context=CONTEXT, associated_data=b64("a"))
    assert engine.decrypt(name, first, context=CONTEXT, associated_data=b64("a")) == b"plain"
    engine.refused(f"decrypt/{name}", ciphertext=first, context=CONTEXT, associated_data=b64("b"))


# ---- many at once ----


def test_items_are_answered_in_their_order(engine, lent):
    name = lent("aes256-gcm96")
    words = [b"a", b"", b"c" * 1000]
    sealed_items = engine.batch(f"encrypt/{name}", [{"plaintext": b64(w), "reference": f"r{i}"} for i, w in enumerate(words)])
    assert [item["reference"] for item in sealed_items] == ["r0", "r1", "r2"]
    assert all(item["key_version"] == 1 for item in sealed_items)
    items = engine.batch(f"decrypt/{name}", [{"ciphertext": item["ciphertext"]} for item in sealed_items])
    assert [unb64(item["plaintext"]) for item in items] == words
    items = engine.batch(f"rewrap/{name}", [{"ciphertext": item["ciphertext"]} for item in sealed_items])
    assert [engine.decrypt(name, item["ciphertext"]) for item in items] == words


def test_one_bad_item_spoils_no_other(engine, lent):
    name = lent("aes256-gcm96")
    good = engine.encrypt(name, b"good")
    mixed = [{"ciphertext": good}, {"ciphertext": "none", "reference": "bad"}, {"ciphertext": good}]
    items = engine.batch(f"decrypt/{name}", mixed, status=400)
    assert [unb64(items[i]["plaintext"]) for i in (0, 2)] == [b"good", b"good"]
    assert items[1]["error"] == "invalid ciphertext: no prefix" and items[1]["reference"] == "bad"
    assert "error" not in items[0] and not items[1].get("plaintext")
    items = engine.batch(f"decrypt/{name}", mixed, status=207, partial_failure_response_code=207)
    assert items[1]["error"] == "invalid ciphertext: no prefix"
    # When none succeeded it is a failure whatever was asked for.
    engine.batch(f"decrypt/{name}", mixed[1:2], status=400, partial_failure_response_code=207)


def test_one_bad_plaintext_spoils_no_other(engine, lent):
    name = lent("aes256-gcm96")
    items = engine.batch(f"encrypt/{name}", [{"plaintext": b64("a")}, {"plaintext": "!"}], status=400)
    assert engine.decrypt(name, items[0]["ciphertext"]) == b"a"
    assert items[1]["error"] and not items[1].get("ciphertext")
    assert engine.batch(f"encrypt/{name}", [{"plaintext": b64("a")}, {"plaintext": "!"}], status=202,
                        partial_failure_response_code=202)[1]["error"]  # fmt: skip


def test_items_of_a_derived_key_have_contexts_of_their_own(engine):
    name = engine.key(derived=True)
    given = [{"plaintext": b64("a"), "context": b64("1")}, {"plaintext": b64("a"), "context": b64("2")}]
    items = engine.batch(f"encrypt/{name}", given)
    back = [{"ciphertext": item["ciphertext"], "context": given[1 - i]["context"]} for i, item in enumerate(items)]
    assert {i["error"] for i in engine.batch(f"decrypt/{name}", back, status=400)} == {"cipher: message authentication failed"}
    back = [{"ciphertext": item["ciphertext"], "context": given[i]["context"]} for i, item in enumerate(items)]
    assert {i["plaintext"] for i in engine.batch(f"decrypt/{name}", back)} == {b64("a")}
    assert "context" in engine.refused(f"encrypt/{name}", batch_input=[given[0], {"plaintext": b64("a")}])


def test_items_have_versions_and_associated_data_of_their_own(engine):
    name = engine.key()
    engine.post(f"keys/{name}/rotate")
    items = engine.batch(f"encrypt/{name}", [
        {"plaintext": b64("a"), "key_version": 1},
        {"plaintext": b64("b"), "associated_data": b64("x")},
    ])  # fmt: skip
    assert [item["key_version"] for item in items] == [1, 2]
    assert engine.decrypt(name, items[0]["ciphertext"]) == b"a"
    assert engine.decrypt(name, items[1]["ciphertext"], associated_data=b64("x")) == b"b"
    items = engine.batch(f"encrypt/{name}", [{"plaintext": b64("a"), "key_version": 3}, {"plaintext": b64("b")}], status=400)
    assert items[0]["error"] == "requested version for encryption is higher than the latest key version"


# ---- rewrap ----


@pytest.mark.parametrize("kind", [*AEADS, "rsa-2048"])
def test_rewrapped_it_is_of_the_latest_version(engine, kind):
    name = engine.key(kind)
    old = engine.encrypt(name, b"plain")
    engine.post(f"keys/{name}/rotate")
    data = engine.post(f"rewrap/{name}", ciphertext=old)
    assert data["key_version"] == 2 and opened(data["ciphertext"])[0] == 2
    assert engine.decrypt(name, data["ciphertext"]) == b"plain"
    if kind in AEADS:
        assert engine.post(f"rewrap/{name}", ciphertext=data["ciphertext"], key_version=1)["key_version"] == 1
    assert "plain" not in data


def test_rewrapped_under_its_context(engine):
    name = engine.key(derived=True)
    old = engine.encrypt(name, b"plain", context=CONTEXT)
    engine.post(f"keys/{name}/rotate")
    new = engine.post(f"rewrap/{name}", ciphertext=old, context=CONTEXT)["ciphertext"]
    assert engine.decrypt(name, new, context=CONTEXT) == b"plain"
    assert engine.refused(f"rewrap/{name}", ciphertext=old) == NEEDS_CONTEXT


# ---- data keys ----


@pytest.mark.parametrize("kind", [*AEADS, "rsa-2048"])
@pytest.mark.parametrize("bits", [128, 256, 512, None])
def test_data_keys_are_as_long_as_asked(engine, lent, kind, bits):
    name = lent(kind)
    asked = {"bits": bits} if bits else {}
    data = engine.post(f"datakey/plaintext/{name}", asked)
    assert len(unb64(data["plaintext"])) == (bits or 256) // 8 and data["key_version"] == 1
    assert b64(engine.decrypt(name, data["ciphertext"])) == data["plaintext"]
    data = engine.post(f"datakey/wrapped/{name}", asked)
    assert "plaintext" not in data
    assert len(engine.decrypt(name, data["ciphertext"])) == (bits or 256) // 8
    assert engine.post(f"datakey/wrapped/{name}", asked)["ciphertext"] != data["ciphertext"]


def test_data_keys_of_a_context_and_a_version(engine):
    name = engine.key(derived=True)
    engine.post(f"keys/{name}/rotate")
    data = engine.post(f"datakey/plaintext/{name}", context=CONTEXT, key_version=1, associated_data=b64("a"))
    assert data["key_version"] == 1
    assert b64(engine.decrypt(name, data["ciphertext"], context=CONTEXT, associated_data=b64("a"))) == data["plaintext"]
    assert engine.refused(f"datakey/plaintext/{name}") == NEEDS_CONTEXT


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("datakey/plain/{}", {}, "Invalid path, must be 'plaintext' or 'wrapped'"),
        ("datakey/plaintext/{}", {"bits": 64}, "invalid bit length"),
        ("datakey/plaintext/{}", {"bits": 1024}, "invalid bit length"),
        ("datakey/plaintext/{}", {"key_version": 2}, ""),
        ("datakey/plaintext/nobody", {}, "encryption key not found"),
        ("datakey/wrapped/nobody", {}, "encryption key not found"),
    ],
)
def test_data_keys_that_are_none(engine, lent, path, body, told):
    assert told in engine.refused(path.format(lent("aes256-gcm96")), body)


def test_a_type_that_only_signs_wraps_no_data_key(engine, lent):
    engine.refused(f"datakey/plaintext/{lent('ecdsa-p256')}")


# ---- keys that come with their first use ----


def test_an_unknown_key_is_made_by_encrypting(fresh):
    assert fresh.encrypt("made-by-use", b"x").startswith("vault:v1:")
    shown = fresh.get("keys/made-by-use")
    assert shown["type"] == "aes256-gcm96" and shown["derived"] is False
    fresh.encrypt("derived-by-use", b"x", context=CONTEXT)
    assert fresh.get("keys/derived-by-use")["derived"] is True
    fresh.encrypt("convergent-by-use", b"x", context=CONTEXT, convergent_encryption=True)
    assert fresh.get("keys/convergent-by-use")["convergent_encryption"] is True
    fresh.encrypt("typed-by-use", b"x", type="chacha20-poly1305")
    assert fresh.get("keys/typed-by-use")["type"] == "chacha20-poly1305"
    assert len(fresh.batch("encrypt/batch-by-use", [{"plaintext": b64("a")}] * 2)) == 2


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"plaintext": b64("x"), "type": "rot13"}, "unknown key type rot13"),
        ({"plaintext": b64("x"), "type": "ecdsa-p256"}, "key type ecdsa-p256 not supported for this operation"),
        ({"plaintext": b64("x"), "convergent_encryption": True}, "convergent encryption requires derivation to be enabled"),
        ({"plaintext": "!"}, ""),
        ({}, "missing plaintext to encrypt"),
    ],
)
def test_a_key_that_cannot_be_used_is_not_made(fresh, body, told):
    assert told in fresh.refused("encrypt/never", body)
    assert fresh.ask("GET", "keys/never").status == 404


def test_only_encrypting_makes_keys(fresh):
    assert fresh.refused("decrypt/never", ciphertext="vault:v1:AAAA") == "encryption key not found"
    assert fresh.refused("rewrap/never", ciphertext="vault:v1:AAAA") == "encryption key not found"
    assert fresh.refused("sign/never", input="") == "signing key not found"
    assert fresh.refused("verify/never", input="", signature="vault:v1:AA==") == "signature verification key not found"
    assert fresh.refused("hmac/never", input="") == "encryption key not found"
    assert fresh.ask("LIST", "keys").status == 404


def test_a_mount_may_forbid_that(fresh):
    assert fresh.get("config/keys") == {"disable_upsert": False}
    assert fresh.ask("POST", "config/keys", {"disable_upsert": True}).status in (200, 204)
    assert fresh.get("config/keys") == {"disable_upsert": True}
    assert fresh.refused("encrypt/never", plaintext=b64("x")) == "encryption key not found"
    fresh.ask("POST", "config/keys", {"disable_upsert": False})
    fresh.encrypt("now", b"x")
