# SPDX-License-Identifier: Apache-2.0
"""Keys that come in, and those whose settings let them out: import, export, backup, requests for
certificates and their chains, keys agreed on."""

import base64
import datetime
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from engine import AEADS, CURVES, RSA, SIGNING, b64, counter, unb64
from wrapping import MAKERS, OAEP, made, pkcs8, spki_pem, wrap

QUICK = [*AEADS, *CURVES, "ed25519", "rsa-2048", "rsa-3072", "hmac"]


@pytest.fixture(scope="module")
def wrapping(engine):
    return engine.get("wrapping_key")["public_key"]


@pytest.fixture
def imported(engine, wrapping):
    def make(kind, material=None, hash_name=None, **settings):
        name = f"i{next(counter)}"
        private, own = made(kind)
        body = {"type": kind, "ciphertext": wrap(wrapping, material or own, hash_name or "SHA256"), **settings}
        if hash_name:
            body["hash_function"] = hash_name
        assert engine.ask("POST", f"keys/{name}/import", body).status in (200, 204)
        return name, private, own

    return make


# ---- import ----


def test_the_wrapping_key_stays_the_same(engine, wrapping):
    assert engine.get("wrapping_key")["public_key"] == wrapping


@pytest.mark.parametrize("kind", [*QUICK, "rsa-4096"])
def test_a_key_that_was_brought_is_that_key(engine, imported, kind):
    name, private, material = imported(kind, exportable=True)
    shown = engine.get(f"keys/{name}")
    assert shown["imported_key"] is True and shown["type"] == kind and shown["latest_version"] == 1
    if kind == "hmac":
        assert unb64(engine.exported(name, "hmac-key")) == material
    elif kind in AEADS:
        assert unb64(engine.exported(name, "encryption-key")) == material
        assert engine.decrypt(name, engine.encrypt(name, b"x")) == b"x"
    else:
        public = engine.exported(name, "public-key", form="pem")
        assert public.strip() == spki_pem(private).strip()
        assert engine.verify(name, b"x", engine.sign(name, b"x"))


@pytest.mark.parametrize("hash_name", OAEP)
def test_wrapped_with_each_hash(engine, imported, hash_name):
    name, _, material = imported("aes256-gcm96", hash_name=hash_name, exportable=True)
    assert unb64(engine.exported(name, "encryption-key")) == material


@pytest.mark.parametrize("kind", [k for k in SIGNING if k not in ("rsa-3072", "rsa-4096")])
def test_a_public_key_alone_verifies_and_does_not_sign(engine, wrapping, message, kind):
    private = MAKERS[kind]()
    name = f"p{next(counter)}"
    engine.post(f"keys/{name}/import", type=kind, public_key=spki_pem(private))
    told = engine.refused(f"sign/{name}", input=b64(message))
    assert told == "requested version for signing does not contain a private part"
    signer = f"s{next(counter)}"
    engine.post(f"keys/{signer}/import", type=kind, ciphertext=wrap(wrapping, pkcs8(private)))
    assert engine.verify(name, message, engine.sign(signer, message)) is True
    assert engine.verify(name, message + b"x", engine.sign(signer, message)) is False
    if kind in RSA:
        ciphertext = engine.encrypt(name, b"x")
        engine.refused(f"decrypt/{name}", ciphertext=ciphertext)
        assert engine.decrypt(signer, ciphertext) == b"x"
    # The private part may come later, as a version.
    assert engine.ask("POST", f"keys/{name}/import_version", {"ciphertext": wrap(wrapping, pkcs8(private))}).status in (200, 204)
    assert engine.verify(name, message, engine.sign(name, message)) is True


def test_more_versions_are_brought(engine, imported, wrapping):
    name, _, first = imported("aes256-gcm96", exportable=True)
    old = engine.encrypt(name, b"x")
    _, second = made("aes256-gcm96")
    engine.post(f"keys/{name}/import_version", ciphertext=wrap(wrapping, second))
    shown = engine.get(f"keys/{name}")
    assert shown["latest_version"] == 2 and shown["imported_key"] is True
    assert unb64(engine.exported(name, "encryption-key", 2)) == second
    assert engine.decrypt(name, old) == b"x"


def test_an_imported_key_rotates_only_where_it_was_allowed(engine, imported, wrapping):
    name, _, _ = imported("aes256-gcm96")
    assert "does not allow rotation" in engine.refused(f"keys/{name}/rotate")
    name, _, _ = imported("aes256-gcm96", allow_rotation=True)
    engine.post(f"keys/{name}/rotate")
    assert engine.get(f"keys/{name}")["latest_version"] == 2


def test_what_cannot_be_imported(engine, wrapping, imported):
    _, aes = made("aes256-gcm96")
    _, p256 = made("ecdsa-p256")
    good = wrap(wrapping, aes)
    raw = unb64(good)
    cases = [
        {"type": "aes256-gcm96"},
        {"type": "aes256-gcm96", "ciphertext": "!"},
        {"type": "aes256-gcm96", "ciphertext": b64(raw[:511])},
        {"type": "aes256-gcm96", "ciphertext": b64(raw[:512])},
        {"type": "aes256-gcm96", "ciphertext": b64(raw[:-1] + bytes([raw[-1] ^ 1]))},
        {"type": "aes256-gcm96", "ciphertext": b64(bytes([raw[0] ^ 1]) + raw[1:])},
        {"type": "aes256-gcm96", "ciphertext": b64(raw + bytes(8))},
        {"type": "aes256-gcm96", "ciphertext": good, "hash_function": "SHA512"},
        {"type": "aes256-gcm96", "ciphertext": good, "hash_function": "MD5"},
        {"type": "aes128-gcm96", "ciphertext": good},
        {"type": "rot13", "ciphertext": good},
        {"type": "ecdsa-p256", "ciphertext": good},
        {"type": "ecdsa-p384", "ciphertext": wrap(wrapping, p256)},
        {"type": "ecdsa-secp256k1", "ciphertext": wrap(wrapping, p256)},
        {"type": "ed25519", "ciphertext": wrap(wrapping, p256)},
        {"type": "rsa-2048", "ciphertext": wrap(wrapping, p256)},
        {"type": "rsa-3072", "ciphertext": wrap(wrapping, pkcs8(rsa.generate_private_key(65537, 2048)))},
        {"type": "aes256-gcm96", "public_key": spki_pem(ec.generate_private_key(ec.SECP256R1()))},
        {"type": "ecdsa-p256", "public_key": spki_pem(ed25519.Ed25519PrivateKey.generate())},
        {"type": "ecdsa-p256", "public_key": "no PEM"},
        {"type": "ecdsa-p256", "public_key": spki_pem(MAKERS["ecdsa-p256"]()), "ciphertext": wrap(wrapping, p256)},
        {"type": "hmac", "ciphertext": wrap(wrapping, bytes(31))},
        {"type": "hmac", "ciphertext": wrap(wrapping, bytes(513))},
        {"type": "aes256-gcm96", "ciphertext": good, "derived": True, "convergent_encryption": True},
        {"type": "aes256-gcm96", "ciphertext": good, "auto_rotate_period": "2h"},
    ]
    for number, body in enumerate(cases):
        reply = engine.ask("POST", f"keys/refused-{number}/import", body)
        assert reply.status == 400, (number, reply.status, reply.raw[:300])
        assert engine.ask("GET", f"keys/refused-{number}").status == 404
    name = engine.key()
    assert "existing key" in engine.refused(f"keys/{name}/import", type="aes256-gcm96", ciphertext=good)
    assert "imported key" in engine.refused(f"keys/{name}/import_version", ciphertext=good)
    engine.refused("keys/nobody/import_version", ciphertext=good)


def test_a_private_part_of_another_public_one_is_refused(engine, wrapping):
    one, other = (MAKERS["ecdsa-p256"]() for _ in range(2))
    forged = bytearray(pkcs8(one))
    point = other.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    forged[-65:] = point
    engine.refused("keys/forged/import", type="ecdsa-p256", ciphertext=wrap(wrapping, bytes(forged)))
    name = f"p{next(counter)}"
    engine.post(f"keys/{name}/import", type="ecdsa-p256", public_key=spki_pem(one))
    engine.refused(f"keys/{name}/import_version", ciphertext=wrap(wrapping, pkcs8(other)), version=1)


# ---- export ----


@pytest.mark.parametrize("kind", AEADS)
def test_symmetric_keys_leave_as_their_bytes(engine, lent, kind):
    for form in (None, "raw"):
        assert len(unb64(engine.exported(lent(kind), "encryption-key", form=form))) == AEADS[kind]
    data = engine.get(f"export/encryption-key/{lent(kind)}")
    assert (data["name"], data["type"], list(data["keys"])) == (lent(kind), kind, ["1"])
    for wrong in ("signing-key", "public-key", "certificate-chain"):
        engine.refused(f"export/{wrong}/{lent(kind)}", method="GET")


@pytest.mark.parametrize("kind", SIGNING)
def test_private_keys_leave_in_each_form(engine, lent, kind):
    name = lent(kind)
    public = serialization.load_pem_public_key(engine.exported(name, "public-key", form="pem").encode())
    numbers = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert unb64(engine.exported(name, "public-key", form="der")) == numbers
    pem = engine.exported(name, "signing-key", form="pem")
    assert pem.startswith("-----BEGIN PRIVATE KEY-----")
    der = unb64(engine.exported(name, "signing-key", form="der"))
    old = engine.exported(name, "signing-key")
    loaded = [serialization.load_pem_private_key(pem.encode(), None), serialization.load_der_private_key(der, None)]
    if kind == "ed25519":
        assert len(unb64(old)) == 64 and engine.exported(name, "signing-key", form="raw") == old
        loaded.append(ed25519.Ed25519PrivateKey.from_private_bytes(unb64(old)[:32]))
        assert b64(unb64(old)[32:]) == engine.public(name)
        assert len(unb64(engine.exported(name, "public-key", form="raw"))) == 32
    else:
        assert old.startswith("-----BEGIN RSA PRIVATE KEY-----" if kind in RSA else "-----BEGIN EC PRIVATE KEY-----")
        loaded.append(serialization.load_pem_private_key(old.encode(), None))
        engine.refused(f"export/signing-key/{name}?format=raw", method="GET")
    for private in loaded:
        assert pkcs8(private) and spki_pem(private).strip() == engine.exported(name, "public-key", form="pem").strip()


def test_each_version_or_one(engine):
    name = engine.key("aes256-gcm96", exportable=True)
    engine.post(f"keys/{name}/rotate")
    everything = engine.get(f"export/encryption-key/{name}")["keys"]
    assert list(everything) == ["1", "2"] and everything["1"] != everything["2"]
    assert engine.get(f"export/encryption-key/{name}/latest")["keys"] == {"2": everything["2"]}
    assert engine.get(f"export/encryption-key/{name}/1")["keys"] == {"1": everything["1"]}
    engine.config(name, min_decryption_version=2)
    told = engine.refused(f"export/encryption-key/{name}/1", method="GET")
    assert told == "version for export is below minimum decryption version"
    assert list(engine.get(f"export/encryption-key/{name}")["keys"]) == ["2"]


@pytest.mark.parametrize("kind", ["aes256-gcm96", "ecdsa-p256", "ed25519", "hmac"])
def test_what_may_not_leave_does_not(engine, kind):
    name = engine.key(kind)
    for what in ("encryption-key", "signing-key", "hmac-key"):
        for version in ("", "/1", "/latest", "?format=der"):
            told = engine.refused(f"export/{what}/{name}{version}", method="GET")
            assert told == "private key material is not exportable"
    if kind in SIGNING:
        assert engine.get(f"export/public-key/{name}")["keys"]["1"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("export/secret-key/{}", "invalid export type: secret-key"),
        ("export/encryption-key/{}?format=jwk", "invalid format: jwk"),
        ("export/encryption-key/{}/one", "invalid key version"),
        ("export/encryption-key/{}/7", "version does not exist or cannot be found"),
        ("export/signing-key/{}", "signing not supported for the key"),
    ],
)
def test_what_cannot_be_exported(engine, lent, path, told):
    assert engine.refused(path.format(lent("aes256-gcm96")), method="GET") == told
    assert engine.ask("GET", "export/encryption-key/nobody").status == 404


# ---- backup ----


@pytest.mark.parametrize("kind", QUICK)
def test_a_backup_comes_back_elsewhere_as_it_was(engine, fresh, kind):
    name = engine.key(kind, exportable=True, allow_plaintext_backup=True)
    if kind not in RSA:
        engine.post(f"keys/{name}/rotate")
        engine.config(name, min_encryption_version=2)
    backup = engine.get(f"backup/{name}")["backup"]
    told = json.loads(base64.b64decode(backup))
    assert {"policy", "archived_keys"} <= told.keys() and told["policy"]["name"] == name
    fresh.ask("POST", "restore", {"backup": backup})
    assert fresh.get(f"keys/{name}") == engine.get(f"keys/{name}")
    fresh.post("restore/copy", backup=backup)
    assert fresh.get("keys/copy")["name"] == "copy"
    if kind in SIGNING:
        assert engine.verify(name, b"x", fresh.sign("copy", b"x"), **({}))
    elif kind in AEADS:
        assert engine.decrypt(name, fresh.encrypt("copy", b"x")) == b"x"
    hmac = engine.post(f"hmac/{name}", input="")["hmac"]
    assert fresh.post("verify/copy", input="", hmac=hmac)["valid"] is True


def test_nothing_is_restored_over_a_key_unless_forced(engine):
    name = engine.key(exportable=True, allow_plaintext_backup=True)
    backup = engine.get(f"backup/{name}")["backup"]
    old = engine.encrypt(name, b"x")
    engine.post(f"keys/{name}/rotate")
    assert f'key "{name}" already exists' in engine.refused(f"restore/{name}", backup=backup)
    assert engine.get(f"keys/{name}")["latest_version"] == 2
    engine.post(f"restore/{name}", backup=backup, force=True)
    assert engine.get(f"keys/{name}")["latest_version"] == 1 and engine.decrypt(name, old) == b"x"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"allow_plaintext_backup": True}, "exporting is disallowed on the policy"),
        ({"exportable": True}, "plaintext backup is disallowed on the policy"),
        ({}, "exporting is disallowed on the policy"),
    ],
)
def test_both_settings_must_allow_a_backup(engine, settings, told):
    name = engine.key(**settings)
    reply = engine.ask("GET", f"backup/{name}")
    assert reply.status in (400, 403, 500) and told in reply.told and reply.status != 500


def test_what_is_no_backup(engine, lent):
    good = json.loads(base64.b64decode(engine.get(f"backup/{lent('aes256-gcm96')}")["backup"]))

    def changed(**policy):
        return b64(json.dumps({**good, "policy": {**good["policy"], **policy}}))

    for body in ({}, {"backup": "!"}, {"backup": b64("no JSON")}, {"backup": b64("{}")}, {"backup": b64('{"policy":{}}')},
                 {"backup": changed(latest_version=5)}, {"backup": changed(type=99)},
                 {"backup": changed(keys={})}, {"backup": changed(min_decryption_version=9)}):  # fmt: skip
        reply = engine.ask("POST", "restore/none-of-these", body)
        assert reply.status == 400, (body, reply.raw)
    assert engine.ask("GET", "keys/none-of-these").status == 404
    engine.refused("restore", backup=changed(name="-bad-"))
    assert engine.ask("GET", "backup/nobody").status in (400, 404)


# ---- certificates ----


def certificate(public, issuer_key, subject, issuer):
    name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])  # noqa: E731
    now = datetime.datetime(2025, 1, 1)
    algorithm = None if isinstance(issuer_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    built = x509.CertificateBuilder(name(issuer), name(subject), public, x509.random_serial_number(), now,
                                    now + datetime.timedelta(days=9999))  # fmt: skip
    built = built.add_extension(x509.BasicConstraints(subject != "leaf", None), True)
    return built.sign(issuer_key, algorithm).public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("kind", [k for k in SIGNING if k not in ("rsa-3072", "rsa-4096")])
def test_a_request_for_a_certificate_and_its_chain(engine, kind):
    name = engine.key(kind)
    data = engine.post(f"keys/{name}/csr")
    assert (data["name"], data["type"]) == (name, kind)
    request = x509.load_pem_x509_csr(data["csr"].encode())
    assert request.is_signature_valid
    if kind != "ed25519":
        public = request.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        assert public.decode().strip() == engine.public(name).strip()
    root, middle = MAKERS["ecdsa-p256"](), MAKERS["ed25519"]()
    chain = [certificate(request.public_key(), middle, "leaf", "middle"),
             certificate(middle.public_key(), root, "middle", "root"),
             certificate(root.public_key(), root, "root", "root")]  # fmt: skip
    engine.post(f"keys/{name}/set-certificate", certificate_chain="".join(chain))
    kept = engine.get(f"keys/{name}")["keys"]["1"]["certificate_chain"]
    assert kept.split() == "".join(chain).split()
    assert engine.get(f"export/certificate-chain/{name}")["keys"]["1"].split() == "".join(chain).split()
    for wrong in (chain[1:], chain[::-1], chain[:1] + chain[2:], [], ["no PEM"], [chain[0][:-60]]):
        engine.refused(f"keys/{name}/set-certificate", certificate_chain="".join(wrong))
    assert engine.get(f"keys/{name}")["keys"]["1"]["certificate_chain"] == kept


def test_a_template_gives_subject_and_extensions_and_no_key(engine):
    name = engine.key("ecdsa-p384")
    stranger = MAKERS["ecdsa-p256"]()
    template = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), False)
        .sign(stranger, hashes.SHA256())
    )
    pem = template.public_bytes(serialization.Encoding.PEM).decode()
    request = x509.load_pem_x509_csr(engine.post(f"keys/{name}/csr", csr=pem)["csr"].encode())
    assert request.is_signature_valid and request.subject == template.subject
    assert request.extensions[0].value == template.extensions[0].value
    assert isinstance(request.public_key().curve, ec.SECP384R1)
    engine.refused(f"keys/{name}/csr", csr="no PEM")
    engine.refused(f"keys/{name}/csr", version=7)


def test_requests_that_no_key_can_make(engine, lent):
    assert "does not support signing" in engine.refused(f"keys/{lent('aes256-gcm96')}/csr")
    assert "does not support signing" in engine.refused(f"keys/{lent('hmac')}/set-certificate", certificate_chain="x")
    derived = engine.key("ed25519", derived=True)
    assert "derivation" in engine.refused(f"keys/{derived}/csr")
    assert engine.ask("POST", "keys/nobody/csr", {}).status in (400, 404)


# ---- agreement ----


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("target", AEADS)
def test_two_sides_agree_on_a_key(engine, kind, target):
    mine, theirs, made_here, made_there = (f"d{next(counter)}" for _ in range(4))
    for name in (mine, theirs):
        engine.post(f"keys/{name}", type=kind)
    for own, peer, name in ((mine, theirs, made_here), (theirs, mine, made_there)):
        engine.post(f"derive-key/{name}", base_key_name=own, peer_public_key=engine.public(peer), derived_key_type=target)
    assert engine.get(f"keys/{made_here}")["type"] == target
    assert engine.decrypt(made_there, engine.encrypt(made_here, b"agreed")) == b"agreed"


def test_what_cannot_be_agreed_on(engine, lent):
    p256, p384 = lent("ecdsa-p256"), lent("ecdsa-p384")
    peer = engine.public(p256)
    good = {"base_key_name": p256, "peer_public_key": peer}
    cases = [
        {**good, "key_derivation_algorithm": "dh"}, {**good, "derived_key_type": "rsa-2048"},
        {**good, "derived_key_type": "rot13"}, {"base_key_name": p256}, {"peer_public_key": peer},
        {**good, "base_key_name": "nobody"}, {**good, "base_key_name": p384}, {**good, "base_key_name": lent("ed25519")},
        {**good, "base_key_name": lent("rsa-2048")}, {**good, "base_key_name": lent("aes256-gcm96")},
        {**good, "peer_public_key": "no PEM"}, {**good, "base_key_version": 9}, {**good, "base_key_version": -1},
        {**good, "peer_public_key": engine.exported(lent("rsa-2048"), "public-key", form="pem")},
    ]  # fmt: skip
    for number, body in enumerate(cases):
        reply = engine.ask("POST", f"derive-key/not-agreed-{number}", body)
        assert reply.status in (400, 404), (number, reply.raw)
        assert engine.ask("GET", f"keys/not-agreed-{number}").status == 404
    engine.refused(f"derive-key/{p256}", good)
