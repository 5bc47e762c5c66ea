# SPDX-License-Identifier: Apache-2.0
"""Sign and verify: every type, hash, marshaling and option, against each other and against refusals.
That the signatures are what other software makes and takes is test_signatures.py's."""

import hashlib

import ecdsa
import pytest
from engine import AEADS, CURVES, HASHES, RSA, SIGNING, b64, opened, sealed, unb64, unurl64

ORDERS = {
    "ecdsa-p256": ecdsa.NIST256p.order, "ecdsa-p384": ecdsa.NIST384p.order, "ecdsa-p521": ecdsa.NIST521p.order,
    "ecdsa-secp256k1": ecdsa.SECP256k1.order,
}  # fmt: skip


def digest(hash_name, message):
    return hashlib.new(HASHES[hash_name], message).digest()


@pytest.mark.parametrize("kind", SIGNING)
def test_what_was_signed_verifies_and_nothing_else(engine, lent, message, kind):
    name = lent(kind)
    data = engine.post(f"sign/{name}", input=b64(message))
    assert data["key_version"] == 1 and data["signature"].startswith("vault:v1:")
    signature = data["signature"]
    assert engine.verify(name, message, signature) is True
    assert engine.verify(name, message + b".", signature) is False
    assert engine.verify(name, b"", signature) is False
    _, body = opened(signature)
    assert engine.verify(name, message, sealed(body[:-1] + bytes([body[-1] ^ 1]))) is False
    assert engine.verify(name, b"", engine.sign(name, b"")) is True
    if kind not in ("rsa-3072", "rsa-4096"):
        assert engine.verify(engine.key(kind), message, signature) is False


@pytest.mark.parametrize("kind", [*CURVES, "ed25519", "rsa-2048"])
@pytest.mark.parametrize("hash_name", HASHES)
def test_each_hash_by_member_alias_and_path(engine, lent, message, kind, hash_name):
    name = lent(kind)
    by_member = engine.sign(name, message, hash_algorithm=hash_name)
    by_alias = engine.sign(name, message, algorithm=hash_name)
    by_path = engine.post(f"sign/{name}/{hash_name}", input=b64(message), hash_algorithm="sha2-512")["signature"]
    for signature in (by_member, by_alias, by_path):
        assert engine.verify(name, message, signature, hash_algorithm=hash_name) is True
        assert engine.post(f"verify/{name}/{hash_name}", input=b64(message), signature=signature)["valid"] is True
    if kind != "ed25519":
        other = "sha2-384" if hash_name != "sha2-384" else "sha2-256"
        assert engine.verify(name, message, by_member, hash_algorithm=other) is False


@pytest.mark.parametrize("kind", [*CURVES, "rsa-2048"])
@pytest.mark.parametrize("hash_name", HASHES)
def test_a_digest_is_signed_as_the_message_is(engine, lent, message, kind, hash_name):
    name, hashed = lent(kind), digest(hash_name, message)
    signature = engine.sign(name, hashed, prehashed=True, hash_algorithm=hash_name)
    assert engine.verify(name, message, signature, hash_algorithm=hash_name) is True
    assert engine.verify(name, hashed, signature, prehashed=True, hash_algorithm=hash_name) is True
    for wrong in (hashed[:-1], hashed + b"\0", b""):
        engine.refused(f"sign/{name}", input=b64(wrong), prehashed=True, hash_algorithm=hash_name)
        engine.refused(f"verify/{name}", input=b64(wrong), prehashed=True, hash_algorithm=hash_name, signature=signature)


def test_ed25519_signs_what_it_is_given(engine, lent, message):
    name = lent("ed25519")
    plain = engine.sign(name, message)
    assert plain == engine.sign(name, message) == engine.sign(name, message, prehashed=True, hash_algorithm="sha2-512")


@pytest.mark.parametrize("kind", CURVES)
def test_signatures_in_each_marshaling(engine, lent, message, kind):
    name, size = lent(kind), CURVES[kind]
    forms = {form: engine.sign(name, message, marshaling_algorithm=form) for form in ("asn1", "jws", "raw")}
    assert opened(forms["asn1"])[1][0] == 0x30
    assert len(unurl64(forms["jws"].split(":")[2])) == 2 * size
    assert len(opened(forms["raw"])[1]) == 2 * size
    for form, signature in forms.items():
        assert engine.verify(name, message, signature, marshaling_algorithm=form) is True
    for form in ("jws", "raw"):
        short = forms[form][: -4 if form == "raw" else -3]
        assert engine.ask("POST", f"verify/{name}", {"input": b64(message), "signature": short, "marshaling_algorithm": form}
                          ).json.get("data", {"valid": False})["valid"] is False  # fmt: skip
    # As DER bytes that are none.
    told = engine.refused(f"verify/{name}", input=b64(message), signature=forms["raw"])
    assert told == "supplied signature is invalid"


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("body", [b"\x30\x06\x02\x01\x00\x02\x01\x00", b"\x30\x06\x02\x01\x01\x02\x01\x00"])
def test_zeros_are_no_signature(engine, lent, message, kind, body):
    reply = engine.ask("POST", f"verify/{lent(kind)}", {"input": b64(message), "signature": sealed(body)})
    assert reply.status == 400 or reply.data["valid"] is False


@pytest.mark.parametrize("kind", ["ed25519", "rsa-2048"])
def test_jws_is_another_alphabet_for_the_others(engine, lent, message, kind):
    signature = engine.sign(lent(kind), message, marshaling_algorithm="jws")
    assert len(unurl64(signature.split(":")[2])) == {"ed25519": 64, "rsa-2048": 256}[kind]
    assert engine.verify(lent(kind), message, signature, marshaling_algorithm="jws") is True


@pytest.mark.parametrize("kind", CURVES)
def test_a_deterministic_signature_is_the_same_again(engine, lent, message, kind):
    name = lent(kind)
    first = engine.sign(name, message, deterministic=True)
    assert engine.sign(name, message, deterministic=True) == first
    assert engine.sign(name, message + b"x", deterministic=True) != first
    assert engine.verify(name, message, first) is True
    assert engine.sign(name, message) != engine.sign(name, message), "without being asked for"


def halves(signature, size):
    body = opened(signature)[1]
    assert len(body) == 2 * size
    return int.from_bytes(body[:size], "big"), int.from_bytes(body[size:], "big")


@pytest.mark.parametrize("kind", CURVES)
def test_low_s_is_low_and_a_high_one_is_told_apart(engine, lent, message, kind):
    name, size, order = lent(kind), CURVES[kind], ORDERS[kind]
    for number in range(12):
        text = message + b"%d" % number
        signature = engine.sign(name, text, low_s=True, marshaling_algorithm="raw")
        r, s = halves(signature, size)
        assert 0 < s <= order // 2
        high = sealed(r.to_bytes(size, "big") + (order - s).to_bytes(size, "big"))
        assert engine.verify(name, text, signature, marshaling_algorithm="raw", low_s=True) is True
        assert engine.verify(name, text, high, marshaling_algorithm="raw", low_s=True) is False
    assert engine.verify(name, text, high, marshaling_algorithm="raw") is True


def test_secp256k1_is_always_low(engine, lent, message):
    for number in range(12):
        _, s = halves(engine.sign(lent("ecdsa-secp256k1"), message + b"%d" % number, marshaling_algorithm="raw"), 32)
        assert s <= ORDERS["ecdsa-secp256k1"] // 2


def test_ethereum_gets_its_65_bytes(engine, lent):
    name, hashed = lent("ecdsa-secp256k1"), digest("sha3-256", b"transaction")
    for asked in ({"ethereum": True}, {"marshaling_algorithm": "ethereum"}):
        data = engine.post(f"sign/{name}", input=b64(hashed), prehashed=True, **asked)
        body = opened(data["signature"])[1]
        assert len(body) == 65 and body[64] in (27, 28) and body[64] - 27 == data["recovery_id"]
        assert engine.verify(name, hashed, sealed(body[:64]), prehashed=True, marshaling_algorithm="raw") is True
        assert engine.verify(name, hashed, data["signature"], prehashed=True, **asked) is True
        changed = sealed(bytes([body[0] ^ 1]) + body[1:])
        assert engine.verify(name, hashed, changed, prehashed=True, **asked) is False
    assert engine.post(f"sign/{name}", input=b64(b"x"))["recovery_id"] in range(4)
    engine.refused(f"sign/{lent('ecdsa-p256')}", input=b64(hashed), prehashed=True, marshaling_algorithm="ethereum")


# ---- RSA ----


@pytest.mark.parametrize("kind", RSA)
@pytest.mark.parametrize("scheme", ["pss", "pkcs1v15"])
def test_both_schemes_and_not_the_other(engine, lent, message, kind, scheme):
    name = lent(kind)
    signature = engine.sign(name, message, signature_algorithm=scheme)
    assert len(opened(signature)[1]) == RSA[kind]
    assert engine.verify(name, message, signature, signature_algorithm=scheme) is True
    other = {"pss": "pkcs1v15", "pkcs1v15": "pss"}[scheme]
    assert engine.verify(name, message, signature, signature_algorithm=other) is False
    assert (engine.sign(name, message, signature_algorithm=scheme) == signature) is (scheme == "pkcs1v15")
    assert engine.verify(name, message, engine.sign(name, message), signature_algorithm="pss") is True, "the default"


@pytest.mark.parametrize("salt", ["auto", "hash", "0", 0, "20", 222])
def test_salts_of_each_length(engine, lent, message, salt):
    name = lent("rsa-2048")
    signature = engine.sign(name, message, salt_length=salt)
    assert engine.verify(name, message, signature, salt_length=salt) is True
    assert engine.verify(name, message, signature, salt_length="auto") is True
    assert engine.verify(name, message, signature, salt_length=7) is False


@pytest.mark.parametrize("salt", ["long", -3, "1.5", 223])
def test_salts_that_are_none(engine, lent, message, salt):
    engine.refused(f"sign/{lent('rsa-2048')}", input=b64(message), salt_length=salt)


def test_without_a_hash_only_pkcs1_over_what_is_given(engine, lent, message):
    name = lent("rsa-2048")
    asked = {"hash_algorithm": "none", "prehashed": True, "signature_algorithm": "pkcs1v15"}
    signature = engine.sign(name, message, **asked)
    assert engine.verify(name, message, signature, **asked) is True
    assert engine.verify(name, message + b"x", signature, **asked) is False
    told = "hash_algorithm=none requires both prehashed=true and signature_algorithm=pkcs1v15"
    for less in ({"prehashed": False}, {"signature_algorithm": "pss"}):
        assert engine.refused(f"sign/{name}", input=b64(message), **{**asked, **less}) == told
        assert engine.refused(f"verify/{name}", input=b64(message), signature=signature, **{**asked, **less}) == told
    engine.refused(f"sign/{name}", input=b64(bytes(300)), **asked)


# ---- versions, contexts, refusals ----


@pytest.mark.parametrize("kind", [*CURVES, "ed25519"])
def test_signatures_of_old_versions_verify_as_long_as_they_may(engine, message, kind):
    name = engine.key(kind)
    old = engine.sign(name, message)
    engine.post(f"keys/{name}/rotate")
    new = engine.sign(name, message)
    assert new.startswith("vault:v2:") and engine.sign(name, message, key_version=1).startswith("vault:v1:")
    assert engine.verify(name, message, old) and engine.verify(name, message, new)
    assert engine.verify(name, message, old.replace("v1", "v2")) is False
    engine.config(name, min_decryption_version=2)
    body = {"input": b64(message), "signature": old}
    assert engine.refused(f"verify/{name}", body) == "ciphertext or signature version is disallowed by policy (too old)"
    engine.config(name, min_decryption_version=1, min_encryption_version=2)
    told = engine.refused(f"sign/{name}", input=b64(message), key_version=1)
    assert told == "requested version for signing is less than the minimum encryption key version"
    assert engine.refused(f"sign/{name}", input=b64(message), key_version=3) == "requested version for signing is higher than the latest key version"
    assert engine.refused(f"sign/{name}", input=b64(message), key_version=-1) == "requested version for signing is negative"
    assert engine.verify(name, message, old)


def test_a_derived_ed25519_key_signs_for_each_context(engine, message):
    name = engine.key("ed25519", derived=True)
    one, two = b64("one"), b64("two")
    data = engine.post(f"sign/{name}", input=b64(message), context=one)
    assert len(unb64(data["public_key"])) == 32
    assert engine.verify(name, message, data["signature"], context=one) is True
    assert engine.verify(name, message, data["signature"], context=two) is False
    assert engine.post(f"sign/{name}", input=b64(message), context=two)["public_key"] != data["public_key"]
    shown = engine.get(f"keys/{name}?context={one.replace('+', '%2B')}")
    assert shown["keys"]["1"]["public_key"] == data["public_key"]
    for path, more in (("sign", {}), ("verify", {"signature": data["signature"]})):
        assert "missing 'context' for key derivation" in engine.refused(f"{path}/{name}", input=b64(message), **more)
    engine.refused(f"sign/{name}", input=b64(message), context="!")


@pytest.mark.parametrize("kind", [*AEADS, "hmac"])
def test_a_type_that_does_not_sign_says_so(engine, lent, kind):
    assert engine.refused(f"sign/{lent(kind)}", input=b64("x")) == f"key type {kind} does not support signing"
    told = engine.refused(f"verify/{lent(kind)}", input=b64("x"), signature="vault:v1:AAAA")
    assert told == f"key type {kind} does not support verification"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"input": "not base64!"}, "unable to decode input as base64"),
        ({"input": "", "hash_algorithm": "md5"}, 'invalid hash algorithm "md5"'),
        ({"input": "", "hash_algorithm": "keccak"}, 'invalid hash algorithm "keccak"'),
        ({"input": "", "marshaling_algorithm": "xx"}, 'invalid marshaling type "xx"'),
        ({"input": "", "key_version": "x"}, ""),
        ({"input": "", "prehashed": "perhaps"}, ""),
        ({"batch_input": []}, "missing batch input to process"),
        ({"batch_input": {}}, ""),
    ],
)
def test_what_cannot_be_signed(engine, lent, body, told):
    assert told in engine.refused(f"sign/{lent('ecdsa-p256')}", body)


def test_a_scheme_that_is_none(engine, lent):
    engine.refused(f"sign/{lent('rsa-2048')}", input="", signature_algorithm="pks")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "neither a 'signature' nor an 'hmac' were given to verify"),
        ({"signature": "vault:v1:AA==", "hmac": "vault:v1:AA=="}, "provide one of 'signature' or 'hmac'"),
        ({"signature": "AAAA"}, "invalid signature: no prefix"),
        ({"signature": "vault:v1"}, "invalid signature: wrong number of fields"),
        ({"signature": "vault:vx:AAAA"}, "invalid signature: version number could not be decoded"),
        ({"signature": "vault:v2:AAAA"}, "invalid signature: version is too new"),
        ({"signature": "vault:v1:????"}, "invalid base64 signature value"),
        ({"signature": "vault:v1:AAAA"}, "supplied signature is invalid"),
        ({"signature": "vault:v1:AAAA", "hash_algorithm": "md5"}, 'invalid hash algorithm "md5"'),
    ],
)
def test_what_is_no_signature(engine, lent, body, told):
    assert told in engine.refused(f"verify/{lent('ecdsa-p256')}", {"input": b64("x"), **body})


# ---- many at once ----


@pytest.mark.parametrize("kind", [*CURVES, "ed25519", "rsa-2048"])
def test_items_are_signed_and_verified_in_their_order(engine, lent, kind):
    name = lent(kind)
    items = engine.batch(f"sign/{name}", [{"input": b64(w), "reference": w} for w in ("a", "b", "")])
    assert [item["reference"] for item in items] == ["a", "b", ""] and {item["key_version"] for item in items} == {1}
    given = [{"input": b64(w), "signature": items[i]["signature"]} for i, w in enumerate(("a", "x", ""))]
    assert [item["valid"] for item in engine.batch(f"verify/{name}", given)] == [True, False, True]


def test_one_bad_item_spoils_no_other(engine, lent):
    name = lent("ecdsa-p256")
    items = engine.batch(f"sign/{name}", [{"input": b64("a")}, {"input": "!"}, {}])
    assert engine.verify(name, b"a", items[0]["signature"]) and "error" not in items[0]
    assert "base64" in items[1]["error"] and items[2]["error"] == "missing input"
    good = items[0]["signature"]
    given = [{"input": b64("a"), "signature": good}, {"input": b64("a"), "signature": "vault:v1:AAAA"}]
    items = engine.batch(f"verify/{name}", given)
    assert items[0]["valid"] is True and items[1]["error"] == "supplied signature is invalid"
    assert not items[1].get("valid")


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([{"input": ""}], "no batch_input elements have 'signature' or 'hmac'"),
        ([{"input": "", "signature": "vault:v1:AA=="}, {"input": ""}], "some elements of batch_input are missing 'signature'"),
        ([{"input": "", "hmac": "vault:v1:AA=="}, {"input": ""}], "some elements of batch_input are missing 'hmac'"),
        ([{"input": "", "hmac": "vault:v1:AA=="}, {"input": "", "signature": "vault:v1:AA=="}],
         "elements of batch_input must all provide 'signature' or all provide 'hmac'"),
    ],
)  # fmt: skip
def test_batches_that_do_not_say_what_to_verify(engine, lent, items, told):
    assert engine.refused(f"verify/{lent('ecdsa-p256')}", batch_input=items) == told
