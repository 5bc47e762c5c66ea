# SPDX-License-Identifier: Apache-2.0
"""HMACs, hashes and randomness, against Python's own."""

import hashlib
import hmac

import pytest
from engine import HASHES, TYPES, b64, opened, sealed, unb64


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("hash_name", [*HASHES, None])
def test_every_key_makes_hmacs_that_python_makes_too(engine, lent, message, kind, hash_name):
    name = lent(kind)
    asked = {"algorithm": hash_name} if hash_name else {}
    told = engine.post(f"hmac/{name}", input=b64(message), **asked)["hmac"]
    key = unb64(engine.exported(name, "hmac-key"))
    assert opened(told) == (1, hmac.digest(key, message, HASHES[hash_name or "sha2-256"]))
    body = {"input": b64(message), "hmac": told}
    by_member = {"hash_algorithm": hash_name} if hash_name else {}
    assert engine.post(f"verify/{name}", body, **by_member)["valid"] is True
    assert engine.post(f"verify/{name}", {**body, "input": b64("other")}, **by_member)["valid"] is False


def test_the_algorithm_by_path(engine, lent, message):
    name = lent("hmac")
    told = engine.post(f"hmac/{name}/sha2-512", input=b64(message), algorithm="sha2-224")["hmac"]
    assert len(opened(told)[1]) == 64
    assert engine.post(f"verify/{name}/sha2-512", input=b64(message), hmac=told)["valid"] is True


def test_a_changed_or_cut_hmac_does_not_verify(engine, lent, message):
    name = lent("hmac")
    _, body = opened(engine.post(f"hmac/{name}", input=b64(message))["hmac"])
    for other in (bytes([body[0] ^ 1]) + body[1:], body[:-1], body + b"\0", b""):
        assert engine.post(f"verify/{name}", input=b64(message), hmac=sealed(other))["valid"] is False


def test_hmacs_of_old_versions(engine, message):
    name = engine.key()
    old = engine.post(f"hmac/{name}", input=b64(message))["hmac"]
    engine.post(f"keys/{name}/rotate")
    new = engine.post(f"hmac/{name}", input=b64(message))["hmac"]
    assert opened(new)[0] == 2 and opened(new)[1] != opened(old)[1]
    assert engine.post(f"hmac/{name}", input=b64(message), key_version=1)["hmac"] == old
    assert engine.post(f"verify/{name}", input=b64(message), hmac=old)["valid"] is True
    engine.refused(f"hmac/{name}", input=b64(message), key_version=3)
    engine.config(name, min_encryption_version=2)
    told = engine.refused(f"hmac/{name}", input=b64(message), key_version=1)
    assert told == "cannot generate HMAC: version is too old (disallowed by policy)"
    engine.config(name, min_decryption_version=2)
    told = engine.refused(f"verify/{name}", input=b64(message), hmac=old)
    assert told == "cannot verify HMAC: version is too old (disallowed by policy)"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "missing input for HMAC"),
        ({"input": "!"}, "unable to decode input as base64"),
        ({"input": "", "algorithm": "md5"}, "unsupported algorithm"),
        ({"batch_input": []}, "missing batch input to process"),
    ],
)
def test_what_gets_no_hmac(engine, lent, body, told):
    assert told in engine.refused(f"hmac/{lent('hmac')}", body)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("none", "invalid HMAC to verify: no prefix"),
        ("vault:v1", "invalid HMAC: wrong number of fields"),
        ("vault:vx:AAAA", "invalid HMAC: version number could not be decoded"),
        ("vault:v1:??", "unable to decode verification HMAC as base64"),
        ("vault:v9:AAAA", "invalid HMAC: version is too new"),
    ],
)
def test_what_is_no_hmac(engine, lent, given, told):
    assert told in engine.refused(f"verify/{lent('hmac')}", input="", hmac=given)


def test_items_each_get_theirs(engine, lent):
    name = lent("aes256-gcm96")
    key = unb64(engine.exported(name, "hmac-key"))
    items = engine.batch(f"hmac/{name}", [{"input": b64("a"), "reference": "r"}, {"input": b64("b")}])
    assert [opened(item["hmac"])[1] for item in items] == [hmac.digest(key, w, "sha256") for w in (b"a", b"b")]
    assert items[0]["reference"] == "r"
    given = [{"input": b64(w), "hmac": items[0]["hmac"]} for w in ("a", "b")]
    assert [item["valid"] for item in engine.batch(f"verify/{name}", given)] == [True, False]
    items = engine.batch(f"hmac/{name}", [{"input": b64("a")}, {"input": "!"}, {}])
    assert items[0]["hmac"] and "base64" in items[1]["error"] and items[2]["error"] == "missing input for HMAC"
    given[1]["hmac"] = "none"
    items = engine.batch(f"verify/{name}", given)
    assert items[0]["valid"] is True and items[1]["error"] == "invalid HMAC to verify: no prefix"


# ---- hashes ----


@pytest.mark.parametrize("hash_name", [*(h for h in HASHES if h != "sha1"), None])
def test_hashes_are_pythons(engine, message, hash_name):
    expected = hashlib.new(HASHES[hash_name or "sha2-256"], message).digest()
    path = f"hash/{hash_name}" if hash_name else "hash"
    assert engine.post(path, input=b64(message))["sum"] == expected.hex()
    assert engine.post(path, input=b64(message), format="base64")["sum"] == b64(expected)
    if hash_name:
        assert engine.post("hash", input=b64(message), algorithm=hash_name, format="hex")["sum"] == expected.hex()
    assert engine.post(path, input="")["sum"] == hashlib.new(HASHES[hash_name or "sha2-256"]).hexdigest()


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("hash", {"input": "!"}, "unable to decode input as base64"),
        ("hash", {"input": "", "algorithm": "md5"}, "unsupported algorithm"),
        ("hash/md5", {"input": ""}, "unsupported algorithm"),
        ("hash", {"input": "", "format": "octal"}, "unsupported encoding format"),
    ],
)
def test_hashes_that_are_none(engine, path, body, told):
    assert told in engine.refused(path, body)


# ---- randomness ----


def test_random_bytes_as_many_as_asked_in_each_form(engine):
    assert len(unb64(engine.post("random")["random_bytes"])) == 32
    assert len(unb64(engine.post("random", bytes=100)["random_bytes"])) == 100
    assert len(unb64(engine.post("random/7")["random_bytes"])) == 7
    assert len(bytes.fromhex(engine.post("random", bytes=9, format="hex")["random_bytes"])) == 9
    for source in ("platform", "seal", "all"):
        assert len(unb64(engine.post(f"random/{source}", bytes=16)["random_bytes"])) == 16
        assert len(unb64(engine.post(f"random/{source}/17")["random_bytes"])) == 17
    seen = {engine.post("random")["random_bytes"] for _ in range(50)}
    assert len(seen) == 50


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("random", {"bytes": 0}), ("random", {"bytes": -1}), ("random", {"bytes": 10**9}), ("random", {"bytes": "x"}),
        ("random", {"format": "octal"}), ("random/0", {}), ("random/nowhere", {}), ("random/nowhere/3", {}),
    ],
)  # fmt: skip
def test_randomness_that_cannot_be_had(engine, path, body):
    engine.refused(path, body)
