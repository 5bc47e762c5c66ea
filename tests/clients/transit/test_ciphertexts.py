# SPDX-License-Identifier: Apache-2.0
"""Ciphertexts opened by software that is not ours with the exported key, and its ciphertexts by ours."""

import hmac
import os

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from engine import AEADS, CURVES, RSA, b64, counter, opened, sealed, unb64
from openssl import Openssl
from wrapping import MAKERS, spki_pem, wrap
from xaes import Xaes

CIPHERS = {"aes128-gcm96": AESGCM, "aes256-gcm96": AESGCM, "chacha20-poly1305": ChaCha20Poly1305, "xaes256-gcm": Xaes}
NONCES = {"xaes256-gcm": 24}
CONTEXT = b"tenant 7"


def key_of(engine, name):
    return unb64(engine.exported(name, "encryption-key"))


def nonce_len(kind):
    return NONCES.get(kind, 12)


def test_our_xaes_is_that_of_the_specification():
    nonce, plain = b"ABCDEFGHIJKLMNOPQRSTUVWX", b"XAES-256-GCM"
    vectors = [  # C2SP, its two
        (b"\x01" * 32, b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        (b"\x03" * 32, b"c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
    ]
    for key, associated, expected in vectors:
        assert Xaes(key).encrypt(nonce, plain, associated).hex() == expected


@pytest.mark.parametrize("kind", AEADS)
@pytest.mark.parametrize("plain", [b"", b"x", b"0123456789abcdef" * 100])
@pytest.mark.parametrize("associated", [b"", b"row 1"])
def test_others_open_ours_and_ours_opens_theirs(engine, lent, kind, plain, associated):
    name, length = lent(kind), nonce_len(kind)
    cipher = CIPHERS[kind](key_of(engine, name))
    more = {"associated_data": b64(associated)} if associated else {}
    _, body = opened(engine.encrypt(name, plain, **more))
    assert cipher.decrypt(body[:length], body[length:], associated) == plain
    nonce = os.urandom(length)
    assert engine.decrypt(name, sealed(nonce + cipher.encrypt(nonce, plain, associated)), **more) == plain


@pytest.mark.parametrize("kind", AEADS)
def test_nonces_do_not_repeat(engine, lent, kind):
    items = engine.batch(f"encrypt/{lent(kind)}", [{"plaintext": ""}] * 500)
    assert len({opened(item["ciphertext"])[1][: nonce_len(kind)] for item in items}) == 500


@pytest.mark.parametrize("kind", AEADS)
def test_a_derived_key_is_hkdf_of_the_key(engine, kind):
    name = engine.key(kind, derived=True, exportable=True)
    derived = HKDF(hashes.SHA256(), AEADS[kind], None, CONTEXT).derive(key_of(engine, name))
    cipher, length = CIPHERS[kind](derived), nonce_len(kind)
    _, body = opened(engine.encrypt(name, b"plain", context=b64(CONTEXT)))
    assert cipher.decrypt(body[:length], body[length:], b"") == b"plain"
    nonce = os.urandom(length)
    theirs = sealed(nonce + cipher.encrypt(nonce, b"theirs", b""))
    assert engine.decrypt(name, theirs, context=b64(CONTEXT)) == b"theirs"


@pytest.mark.parametrize("kind", AEADS)
def test_a_convergent_ciphertext_can_be_computed(engine, kind):
    name = engine.key(kind, derived=True, convergent_encryption=True, exportable=True)
    size, length = AEADS[kind], nonce_len(kind)
    both = HKDF(hashes.SHA256(), size + 32, None, CONTEXT).derive(key_of(engine, name))
    nonce = hmac.digest(both[size:], b"plain", "sha256")[:length]
    expected = nonce + CIPHERS[kind](both[:size]).encrypt(nonce, b"plain", b"")
    assert opened(engine.encrypt(name, b"plain", context=b64(CONTEXT)))[1] == expected


@pytest.mark.parametrize("kind", AEADS)
def test_no_nonce_serves_two_associated_data(engine, kind):
    """One nonce under two tags would give the authentication key away."""
    name = engine.key(kind, derived=True, convergent_encryption=True, exportable=True)
    size, length = AEADS[kind], nonce_len(kind)
    keys = HKDF(hashes.SHA256(), size + 64, None, CONTEXT).derive(key_of(engine, name))
    seen = set()
    for associated in (b"a", b"b", b"plain"):
        whole = len(associated).to_bytes(8, "big") + associated + b"plain"
        nonce = hmac.digest(keys[size + 32 :], whole, "sha256")[:length]
        body = opened(engine.encrypt(name, b"plain", context=b64(CONTEXT), associated_data=b64(associated)))[1]
        assert body == nonce + CIPHERS[kind](keys[:size]).encrypt(nonce, b"plain", associated)
        seen.add(nonce)
    assert len(seen) == 3


@pytest.mark.parametrize("kind", RSA)
def test_rsa_is_oaep_with_sha256(engine, lent, tmp_path, kind):
    name = lent(kind)
    pem = engine.exported(name, "encryption-key")
    private = serialization.load_pem_private_key(pem.encode(), None)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    ciphertext = engine.encrypt(name, b"plain")
    assert private.decrypt(opened(ciphertext)[1], oaep) == b"plain"
    assert engine.decrypt(name, sealed(private.public_key().encrypt(b"theirs", oaep))) == b"theirs"
    openssl = Openssl(tmp_path)
    options = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"]
    done = openssl.run("pkeyutl", "-decrypt", "-inkey", openssl.put("private.pem", pem), *options,
                       "-in", openssl.put("body", opened(ciphertext)[1]), check=True)  # fmt: skip
    assert done.stdout == b"plain"


@pytest.mark.parametrize("kind", AEADS)
def test_a_key_that_was_brought_encrypts_as_itself(engine, kind):
    material, name = os.urandom(AEADS[kind]), f"b{next(counter)}"
    engine.post(f"keys/{name}/import", type=kind, ciphertext=wrap(engine.get("wrapping_key")["public_key"], material))
    _, body = opened(engine.encrypt(name, b"plain"))
    assert CIPHERS[kind](material).decrypt(body[: nonce_len(kind)], body[nonce_len(kind) :], b"") == b"plain"


@pytest.mark.parametrize("kind", CURVES)
def test_the_agreed_key_is_what_the_peer_computes(engine, kind):
    own, derived, peer = engine.key(kind), f"e{next(counter)}", MAKERS[kind]()
    engine.post(f"derive-key/{derived}", base_key_name=own, peer_public_key=spki_pem(peer), derived_key_type="aes256-gcm96")
    _, body = opened(engine.encrypt(derived, b"plain"))
    public = serialization.load_pem_public_key(engine.public(own).encode())
    shared = peer.exchange(ec.ECDH(), public)
    key = HKDF(hashes.SHA256(), 32, None, None).derive(shared)
    assert AESGCM(key).decrypt(body[:12], body[12:], b"") == b"plain"
