# SPDX-License-Identifier: Apache-2.0
"""Signatures checked by software that is not ours, and its signatures by ours: the openssl command,
Python's cryptography, python-ecdsa, libsecp256k1 and a JOSE library."""

import hashlib
import json
import os

import ecdsa
import ecdsa.util
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from engine import CURVES, HASHES, RSA, b64, opened, sealed, unb64, unurl64, url64
from jwcrypto import jwk, jws
from openssl import Openssl
from secp256k1 import Library

SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")
LIBRARY_HASHES = {
    "sha1": hashes.SHA1, "sha2-224": hashes.SHA224, "sha2-256": hashes.SHA256, "sha2-384": hashes.SHA384,
    "sha2-512": hashes.SHA512, "sha3-224": hashes.SHA3_224, "sha3-256": hashes.SHA3_256,
    "sha3-384": hashes.SHA3_384, "sha3-512": hashes.SHA3_512,
}  # fmt: skip


@pytest.fixture
def openssl(tmp_path):
    return Openssl(tmp_path)


@pytest.fixture(scope="module")
def secp256k1():
    return Library()


@pytest.fixture
def text():
    """Another each time, so that chance is tried."""
    return b"message " + os.urandom(8).hex().encode()


def public_of(engine, name):
    return serialization.load_pem_public_key(engine.exported(name, "public-key", form="pem").encode())


def private_of(engine, name):
    return serialization.load_pem_private_key(engine.exported(name, "signing-key", form="pem").encode(), None)


def holds(check, *arguments):
    try:
        check(*arguments)
    except InvalidSignature:
        return False
    return True


# ---- the openssl command ----


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("hash_name", HASHES)
def test_openssl_and_ecdsa(engine, lent, openssl, text, kind, hash_name):
    name = lent(kind)
    signature = opened(engine.sign(name, text, hash_algorithm=hash_name))[1]
    assert openssl.verifies(engine.public(name), text, signature, hash_name)
    assert not openssl.verifies(engine.public(name), text + b".", signature, hash_name)
    theirs = openssl.signed(engine.exported(name, "signing-key"), text, hash_name)
    assert engine.verify(name, text, sealed(theirs), hash_algorithm=hash_name) is True
    assert engine.verify(name, text + b".", sealed(theirs), hash_algorithm=hash_name) is False


@pytest.mark.parametrize("kind", RSA)
@pytest.mark.parametrize("scheme", ["pss", "pkcs1v15"])
@pytest.mark.parametrize("hash_name", ["sha1", "sha2-256", "sha2-384", "sha2-512", "sha3-256"])
def test_openssl_and_rsa(engine, lent, openssl, text, kind, scheme, hash_name):
    name = lent(kind)
    asked = {"hash_algorithm": hash_name, "signature_algorithm": scheme}
    signature = opened(engine.sign(name, text, **asked))[1]
    assert openssl.verifies(engine.public(name), text, signature, hash_name, scheme)
    assert not openssl.verifies(engine.public(name), text + b".", signature, hash_name, scheme)
    theirs = openssl.signed(engine.exported(name, "signing-key"), text, hash_name, scheme)
    assert engine.verify(name, text, sealed(theirs), **asked) is True
    assert engine.verify(name, text + b".", sealed(theirs), **asked) is False


@pytest.mark.parametrize(("salt", "bytes_"), [("auto", 222), ("hash", 32), ("0", 0), ("20", 20)])
def test_openssl_finds_the_salt_that_was_asked_for(engine, lent, openssl, text, salt, bytes_):
    name = lent("rsa-2048")
    signature = opened(engine.sign(name, text, salt_length=salt))[1]
    assert openssl.verifies(engine.public(name), text, signature, padding="pss", salt=bytes_)
    other = bytes_ - 1 if bytes_ else 1
    assert not openssl.verifies(engine.public(name), text, signature, padding="pss", salt=other)
    theirs = openssl.signed(engine.exported(name, "signing-key"), text, padding="pss", salt=bytes_)
    assert engine.verify(name, text, sealed(theirs), salt_length=bytes_) is True
    assert engine.verify(name, text, sealed(theirs), salt_length=other) is False


def test_openssl_and_ed25519(engine, lent, openssl, text):
    name = lent("ed25519")
    pem = engine.exported(name, "public-key", form="pem")
    signature = opened(engine.sign(name, text))[1]
    assert openssl.raw_verifies(pem, text, signature)
    assert not openssl.raw_verifies(pem, text + b".", signature)
    theirs = openssl.raw_signed(engine.exported(name, "signing-key", form="pem"), text)
    assert theirs == signature and engine.verify(name, text, sealed(theirs)) is True


# ---- Python's cryptography ----


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("hash_name", HASHES)
def test_cryptography_and_ecdsa_over_digests(engine, lent, text, kind, hash_name):
    name, algorithm = lent(kind), utils.Prehashed(LIBRARY_HASHES[hash_name]())
    digest = hashlib.new(HASHES[hash_name], text).digest()
    asked = {"prehashed": True, "hash_algorithm": hash_name}
    signature = opened(engine.sign(name, digest, **asked))[1]
    assert holds(public_of(engine, name).verify, signature, digest, ec.ECDSA(algorithm))
    assert not holds(public_of(engine, name).verify, signature, digest[::-1], ec.ECDSA(algorithm))
    theirs = private_of(engine, name).sign(digest, ec.ECDSA(algorithm))
    assert engine.verify(name, digest, sealed(theirs), **asked) is True
    assert engine.verify(name, digest[::-1], sealed(theirs), **asked) is False


@pytest.mark.parametrize("kind", RSA)
@pytest.mark.parametrize("hash_name", HASHES)
def test_cryptography_and_rsa(engine, lent, text, kind, hash_name):
    name, algorithm = lent(kind), LIBRARY_HASHES[hash_name]()
    pss = lambda salt: padding.PSS(padding.MGF1(algorithm), salt)  # noqa: E731
    most = RSA[kind] - algorithm.digest_size - 2
    ways = [("pkcs1v15", "auto", padding.PKCS1v15()), ("pss", "auto", pss(most)), ("pss", "hash", pss(algorithm.digest_size))]
    for scheme, salt, way in ways:
        asked = {"hash_algorithm": hash_name, "signature_algorithm": scheme, "salt_length": salt}
        signature = opened(engine.sign(name, text, **asked))[1]
        assert holds(public_of(engine, name).verify, signature, text, way, algorithm), (scheme, salt)
        assert not holds(public_of(engine, name).verify, signature, text + b".", way, algorithm)
        theirs = private_of(engine, name).sign(text, way, algorithm)
        assert engine.verify(name, text, sealed(theirs), **asked) is True
        assert engine.verify(name, text + b".", sealed(theirs), **asked) is False


def test_cryptography_and_ed25519_plain_and_derived(engine, lent, text):
    name = lent("ed25519")
    public = ed25519.Ed25519PublicKey.from_public_bytes(unb64(engine.public(name)))
    assert holds(public.verify, opened(engine.sign(name, text))[1], text)
    assert not holds(public.verify, opened(engine.sign(name, text))[1], text + b".")
    assert engine.verify(name, text, sealed(private_of(engine, name).sign(text))) is True
    derived = engine.key("ed25519", derived=True, exportable=True)
    data = engine.post(f"sign/{derived}", input=b64(text), context=b64("me"))
    public = ed25519.Ed25519PublicKey.from_public_bytes(unb64(data["public_key"]))
    assert holds(public.verify, opened(data["signature"])[1], text)
    # The seed is HKDF of the 64 bytes that are the key.
    whole = unb64(engine.exported(derived, "signing-key"))
    seed = HKDF(hashes.SHA256(), 32, None, b"me").derive(whole)
    own = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    assert own.sign(text) == opened(data["signature"])[1]


# ---- python-ecdsa ----


def verifying(engine, name):
    return ecdsa.VerifyingKey.from_pem(engine.public(name))


def signing(engine, name):
    return ecdsa.SigningKey.from_pem(engine.exported(name, "signing-key"))


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("form", ["jws", "raw", "asn1"])
def test_python_ecdsa_in_each_marshaling(engine, lent, text, kind, form):
    name = lent(kind)
    body = engine.sign(name, text, marshaling_algorithm=form).split(":")[2]
    signature = unurl64(body) if form == "jws" else unb64(body)
    decode = ecdsa.util.sigdecode_der if form == "asn1" else ecdsa.util.sigdecode_string
    encode = ecdsa.util.sigencode_der if form == "asn1" else ecdsa.util.sigencode_string
    assert verifying(engine, name).verify(signature, text, hashlib.sha256, decode)
    theirs = signing(engine, name).sign(text, hashfunc=hashlib.sha256, sigencode=encode)
    theirs = "vault:v1:" + (url64(theirs) if form == "jws" else b64(theirs))
    assert engine.verify(name, text, theirs, marshaling_algorithm=form) is True
    assert engine.verify(name, text + b".", theirs, marshaling_algorithm=form) is False


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("hash_name", ["sha1", "sha2-224", "sha2-256", "sha2-384", "sha2-512"])
def test_deterministic_signatures_are_those_of_rfc_6979(engine, lent, text, kind, hash_name):
    name, own = lent(kind), signing(engine, lent(kind))
    asked = {"deterministic": True, "marshaling_algorithm": "raw", "hash_algorithm": hash_name}
    func = getattr(hashlib, HASHES[hash_name])
    low = own.sign_deterministic(text, hashfunc=func, sigencode=ecdsa.util.sigencode_string_canonize)
    plain = own.sign_deterministic(text, hashfunc=func, sigencode=ecdsa.util.sigencode_string)
    ours = opened(engine.sign(name, text, **asked))[1]
    if kind == "ecdsa-secp256k1":
        # The digest is what its library makes the nonce of: the RFC says so for 32 bytes only.
        if hash_name == "sha2-256":
            assert ours == low
        return
    assert ours == plain
    assert opened(engine.sign(name, text, low_s=True, **asked))[1] == low


def test_what_neo_wants(engine, lent, text):
    """P-256 and SHA-256, r ‖ s in 64 bytes, over a key that Neo's own code reads as a compressed point."""
    name = lent("ecdsa-p256")
    signature = opened(engine.sign(name, text, marshaling_algorithm="raw"))[1]
    point = verifying(engine, name).to_string("compressed")
    assert len(signature) == 64 and len(point) == 33
    key = ecdsa.VerifyingKey.from_string(point, ecdsa.NIST256p)
    assert key.verify_digest(signature, hashlib.sha256(text).digest())


# ---- libsecp256k1 ----


def point_of(engine, name):
    return verifying(engine, name).to_string("uncompressed")


@pytest.mark.parametrize("hash_name", ["sha2-256", "sha3-256"])
def test_libsecp256k1_verifies_and_is_verified(engine, lent, secp256k1, text, hash_name):
    name = lent("ecdsa-secp256k1")
    point, secret = point_of(engine, name), signing(engine, name).to_string()
    for number in range(16):
        digest = hashlib.new(HASHES[hash_name], text + b"%d" % number).digest()
        asked = {"prehashed": True, "hash_algorithm": hash_name}
        raw = opened(engine.sign(name, digest, marshaling_algorithm="raw", **asked))[1]
        assert secp256k1.verifies(point, digest, raw)
        assert not secp256k1.verifies(point, digest[::-1], raw)
        assert engine.verify(name, digest, sealed(secp256k1.signed(secret, digest)), marshaling_algorithm="raw", **asked)
        assert engine.verify(name, digest, sealed(secp256k1.signed_der(secret, digest)), **asked)
        assert not engine.verify(name, digest[::-1], sealed(secp256k1.signed_der(secret, digest)), **asked)


def test_libsecp256k1_recovers_who_signed(engine, lent, secp256k1, text):
    name = lent("ecdsa-secp256k1")
    point = point_of(engine, name)
    seen = set()
    for number in range(16):
        digest = hashlib.sha3_256(text + b"%d" % number).digest()
        data = engine.post(f"sign/{name}", input=b64(digest), prehashed=True, marshaling_algorithm="raw")
        assert secp256k1.recovered(digest, opened(data["signature"])[1], data["recovery_id"]) == point
        body = opened(engine.sign(name, digest, prehashed=True, ethereum=True))[1]
        assert secp256k1.recovered(digest, body[:64], body[64] - 27) == point
        seen.add(data["recovery_id"])
    assert seen == {0, 1}


def test_libsecp256k1_makes_the_same_deterministic_signature(engine, lent, secp256k1, text):
    name = lent("ecdsa-secp256k1")
    secret, digest = signing(engine, name).to_string(), hashlib.sha256(text).digest()
    data = engine.post(f"sign/{name}", input=b64(text), deterministic=True, marshaling_algorithm="raw")
    compact, which = secp256k1.signed_recoverable(secret, digest)
    assert (opened(data["signature"])[1], data["recovery_id"]) == (compact, which)


# ---- JOSE ----

JOSE = {
    "ES256": ("ecdsa-p256", {"hash_algorithm": "sha2-256"}),
    "ES384": ("ecdsa-p384", {"hash_algorithm": "sha2-384"}),
    "ES512": ("ecdsa-p521", {"hash_algorithm": "sha2-512"}),
    "ES256K": ("ecdsa-secp256k1", {"hash_algorithm": "sha2-256"}),
    "EdDSA": ("ed25519", {}),
    "RS256": ("rsa-2048", {"hash_algorithm": "sha2-256", "signature_algorithm": "pkcs1v15"}),
    "RS512": ("rsa-3072", {"hash_algorithm": "sha2-512", "signature_algorithm": "pkcs1v15"}),
    "PS256": ("rsa-2048", {"hash_algorithm": "sha2-256", "signature_algorithm": "pss", "salt_length": "hash"}),
    "PS384": ("rsa-4096", {"hash_algorithm": "sha2-384", "signature_algorithm": "pss", "salt_length": "hash"}),
}


@pytest.mark.parametrize("algorithm", JOSE)
def test_a_jose_library_reads_our_tokens_and_we_read_its(engine, lent, text, algorithm):
    kind, asked = JOSE[algorithm]
    name = lent(kind)
    claims = json.dumps({"sub": "shop", "jti": text.decode()}).encode()
    signed = ".".join(url64(part) for part in (json.dumps({"alg": algorithm, "typ": "JWT"}).encode(), claims))
    signature = engine.sign(name, signed, marshaling_algorithm="jws", **asked).split(":")[2]
    public = jwk.JWK.from_pem(engine.exported(name, "public-key", form="pem").encode())
    token = jws.JWS()
    token.allowed_algs = [algorithm]
    token.deserialize(f"{signed}.{signature}", public)
    assert token.payload == claims
    with pytest.raises(jws.InvalidJWSSignature):
        token.deserialize(f"{signed}x.{signature}", public)
    theirs = jws.JWS(claims)
    theirs.allowed_algs = [algorithm]
    theirs.add_signature(jwk.JWK.from_pem(engine.exported(name, "signing-key", form="pem").encode()), None,
                         json.dumps({"alg": algorithm}))  # fmt: skip
    head, _, body = theirs.serialize(compact=True).rpartition(".")
    assert engine.verify(name, head, f"vault:v1:{body}", marshaling_algorithm="jws", **asked) is True
    assert engine.verify(name, head + "x", f"vault:v1:{body}", marshaling_algorithm="jws", **asked) is False


def test_the_ed25519_public_key_is_the_one_of_its_spki(engine, lent):
    name = lent("ed25519")
    assert unb64(engine.exported(name, "public-key", form="der")) == SPKI_ED25519 + unb64(engine.public(name))
