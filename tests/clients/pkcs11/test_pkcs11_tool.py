# SPDX-License-Identifier: Apache-2.0
"""OpenSC's pkcs11-tool, with every mechanism; openssl verifies what it signed."""

import hashlib
import re

import pytest

from server import free_port


@pytest.fixture(autouse=True)
def programs(need):
    need("pkcs11-tool", "openssl")


@pytest.fixture
def tool(module):
    def run(*words, **how):
        return module.run("pkcs11-tool", "--module", module.path, *words, **how)

    return run


def ids(listing, kind):
    """{label: id} of one kind of object."""
    found = {}
    for block in re.split(r"\n(?=\S)", listing):
        label = re.search(r"label: +(.+)", block)
        ident = re.search(r"ID: +([0-9a-f]+)", block)
        if block.startswith(kind) and label and ident:
            found[label[1]] = ident[1]
    return found


def test_every_key_that_signs_is_listed_and_no_other(tool, module):
    listing = tool("-O")
    keys = {"p256", "p384", "p521", "k1", "rsa", "ed"}
    assert keys <= set(ids(listing, "Private Key Object"))
    assert ids(listing, "Private Key Object") == ids(listing, "Public Key Object")
    assert "aes" not in listing
    usual = ids(tool("-O", env=module.environment(keys="")), "Private Key Object")
    assert {"p256", "p384", "p521", "rsa"} <= set(usual) and not {"ed", "k1"} & set(usual)
    assert "sensitive, always sensitive, never extractable, local" in listing


ECDSA = ["--signature-format", "openssl"]
PSS = ["--mgf", "MGF1-SHA256", "--salt-len", "32"]
PSS_CHECK = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]


@pytest.mark.parametrize(
    "key, mechanism, words, digest, check",
    [
        ("p256", "ECDSA-SHA256", ECDSA, "sha256", []),
        ("p256", "ECDSA-SHA512", ECDSA, "sha512", []),
        ("p384", "ECDSA-SHA384", ECDSA, "sha384", []),
        ("p521", "ECDSA-SHA512", ECDSA, "sha512", []),
        ("k1", "ECDSA-SHA256", ECDSA, "sha256", []),
        ("rsa", "SHA256-RSA-PKCS", [], "sha256", []),
        ("rsa", "SHA384-RSA-PKCS", [], "sha384", []),
        ("rsa", "SHA512-RSA-PKCS", [], "sha512", []),
        ("rsa", "SHA256-RSA-PKCS-PSS", PSS, "sha256", PSS_CHECK),
    ],
)
def test_openssl_verifies_what_is_signed(tool, module, key, mechanism, words, digest, check):
    # Longer than one piece, so that it comes by updates.
    data = module.file("data", bytes(range(256)) * 400)
    ident = ids(tool("-O"), "Private Key Object")[key]
    tool("--sign", "-m", mechanism, "--id", ident, "-i", data, "-o", "sig", *words)
    verify = ["openssl", "dgst", f"-{digest}", "-verify", module.public_key(key), *check]
    assert "Verified OK" in module.run(*verify, "-signature", "sig", data)
    data.write_bytes(b"something else")
    module.run(*verify, "-signature", "sig", data, ok=False)


def test_a_digest_is_signed_with_pss(tool, module):
    data = module.file("data", b"text")
    digest = module.file("digest", hashlib.sha256(b"text").digest())
    ident = ids(tool("-O"), "Private Key Object")["rsa"]
    words = [*PSS, "--hash-algorithm", "SHA256", "-i", digest, "-o", "sig"]
    tool("--sign", "-m", "RSA-PKCS-PSS", "--id", ident, *words)
    verify = ["openssl", "dgst", "-sha256", "-verify", module.public_key("rsa"), *PSS_CHECK]
    assert "Verified OK" in module.run(*verify, "-signature", "sig", data)


def test_a_digest_is_signed_as_it_comes(tool, module):
    data = module.file("data", b"text")
    digest = module.file("digest", hashlib.sha256(b"text").digest())
    ident = ids(tool("-O"), "Private Key Object")["p256"]
    tool("--sign", "-m", "ECDSA", "--id", ident, "-i", digest, "-o", "sig", *ECDSA)
    verify = ["openssl", "dgst", "-sha256", "-verify", module.public_key("p256")]
    assert "Verified OK" in module.run(*verify, "-signature", "sig", data)
    module.file("digest", b"not a digest")
    assert "CKR_DATA_LEN_RANGE" in tool(
        "--sign", "-m", "ECDSA", "--id", ident, "-i", digest, "-o", "sig", *ECDSA, ok=False
    )


def test_digest_info_is_padded_as_it_comes(tool, module):
    data = module.file("data", b"text")
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    given = module.file("info", info + hashlib.sha256(b"text").digest())
    ident = ids(tool("-O"), "Private Key Object")["rsa"]
    tool("--sign", "-m", "RSA-PKCS", "--id", ident, "-i", given, "-o", "sig")
    verify = ["openssl", "dgst", "-sha256", "-verify", module.public_key("rsa")]
    assert "Verified OK" in module.run(*verify, "-signature", "sig", data)


def test_ed25519_signs_the_message_itself(tool, module):
    data = module.file("data", b"a message")
    ident = ids(tool("-O"), "Private Key Object")["ed"]
    tool("--sign", "-m", "EDDSA", "--id", ident, "-i", data, "-o", "sig")
    shown = module.server.ask("GET", "/v1/transit/keys/ed")["data"]["keys"]["1"]["public_key"]
    prefix = bytes.fromhex("302a300506032b6570032100")
    key = module.run("openssl", "base64", "-d", "-A", "-out", "raw", data=shown.encode())
    module.file("ed.der", prefix + module.file("raw").read_bytes())
    key = ["-pubin", "-inkey", "ed.der", "-keyform", "DER"]
    assert "Verified Successfully" in module.run(
        "openssl", "pkeyutl", "-verify", *key, "-rawin", "-in", data, "-sigfile", "sig"
    )


@pytest.mark.parametrize(
    "key, mechanism",
    [("p256", "ECDSA-SHA256"), ("k1", "ECDSA-SHA256"), ("rsa", "SHA256-RSA-PKCS"), ("ed", "EDDSA")],
)
def test_it_verifies_its_own_signatures(tool, module, key, mechanism):
    data = module.file("data", b"signed")
    ident = ids(tool("-O"), "Private Key Object")[key]
    which = ["-m", mechanism, "--id", ident, "-i", data]
    tool("--sign", *which, "-o", "sig")
    assert "Signature is valid" in tool("--verify", *which, "--signature-file", "sig")
    data.write_bytes(b"forged")
    assert "Invalid signature" in tool("--verify", *which, "--signature-file", "sig")


def test_what_openssl_encrypts_is_decrypted(tool, module):
    data = module.file("data", b"a session key")
    oaep = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"]
    public = ["-pubin", "-inkey", module.public_key("rsa")]
    module.run("openssl", "pkeyutl", "-encrypt", *public, *oaep, "-in", data, "-out", "sealed")
    ident = ids(tool("-O"), "Private Key Object")["rsa"]
    which = ["-m", "RSA-PKCS-OAEP", "--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256", "--id", ident]
    tool("--decrypt", *which, "-i", "sealed", "-o", "plain")
    assert module.file("plain").read_bytes() == b"a session key"
    module.file("sealed", bytes(256))
    assert "status 400" in tool("--decrypt", *which, "-i", "sealed", "-o", "plain", ok=False)


def test_a_token_as_pin_opens_the_keys(tool, module):
    nobody = module.environment(token="")
    assert ids(tool("-O", env=nobody), "Private Key Object") == {}
    opened = tool("-O", "--login", "--pin", module.token, env=nobody)
    assert "p256" in ids(opened, "Private Key Object")
    assert "CKR_PIN_INCORRECT" in tool("-O", "--login", "--pin", "t.wrong", env=nobody, ok=False)


def test_a_token_without_the_right_to_sign_is_refused(tool, module, server):
    server.ask(
        "POST",
        "/v1/sys/policies/acl/looker",
        {"policy": 'path "transit/keys*" { capabilities = ["list", "read"] }'},
    )
    made = server.ask("POST", "/v1/auth/token/create", {"policies": ["looker"]})
    env = module.environment(token=made["auth"]["client_token"])
    data = module.file("data", b"signed")
    ident = ids(tool("-O", env=env), "Private Key Object")["p256"]
    said = tool("--sign", "-m", "ECDSA-SHA256", "--id", ident, "-i", data, "-o", "sig", env=env, ok=False)
    assert "CKR_USER_NOT_LOGGED_IN" in said
    assert "POST transit/sign/p256: status 403" in said
    assert made["auth"]["client_token"] not in said


def test_named_keys_need_no_right_to_list(tool, module, server):
    policy = 'path "transit/keys/p384" { capabilities = ["read"] }'
    server.ask("POST", "/v1/sys/policies/acl/one-key", {"policy": policy})
    made = server.ask("POST", "/v1/auth/token/create", {"policies": ["one-key"]})
    secret = made["auth"]["client_token"]
    named = tool("-O", env=module.environment(token=secret, keys="p384"))
    assert set(ids(named, "Private Key Object")) == {"p384"}
    tool("-O", env=module.environment(token=secret, keys=""), ok=False)


def test_a_handle_of_an_older_version_signs_with_it(tool, module, server):
    server.ask("POST", "/v1/transit/keys/turned", {"type": "ecdsa-p256"})
    first = ids(tool("-O"), "Private Key Object")["turned"]
    server.ask("POST", "/v1/transit/keys/turned/rotate", {})
    assert ids(tool("-O"), "Private Key Object")["turned"] != first
    all_of_them = module.environment(versions="all")
    assert ids(tool("-O", env=all_of_them), "Private Key Object")["turned:1"] == first
    data = module.file("data", b"signed")
    which = ["-m", "ECDSA-SHA256", "--id", first, "-i", data, "-o", "sig", *ECDSA]
    tool("--sign", *which, env=all_of_them)
    verify = ["openssl", "dgst", "-sha256", "-signature", "sig", "-verify"]
    assert "Verified OK" in module.run(*verify, module.public_key("turned", "1"), data)
    module.run(*verify, module.public_key("turned", "2"), data, ok=False)


def test_a_pair_is_made_on_the_server(tool, module, server):
    policy = 'path "transit/keys*" { capabilities = ["create", "update", "read", "list"] }'
    server.ask("POST", "/v1/sys/policies/acl/maker", {"policy": policy})
    made = server.ask("POST", "/v1/auth/token/create", {"policies": ["maker"]})
    env = module.environment(token=made["auth"]["client_token"])
    tool("--keypairgen", "--key-type", "EC:secp384r1", "--label", "made-here", env=env)
    assert server.ask("GET", "/v1/transit/keys/made-here")["data"]["type"] == "ecdsa-p384"
    again = ["--keypairgen", "--key-type", "EC:secp384r1", "--label", "made-here"]
    assert "CKR_TEMPLATE_INCONSISTENT" in tool(*again, env=env, ok=False)
    tool("--keypairgen", "--key-type", "RSA:1024", "--label", "small", env=env, ok=False)


def test_a_server_that_is_away_is_told(tool, module):
    env = dict(module.environment(), TEE_SECRETS_ADDR=f"https://127.0.0.1:{free_port()}")
    env["TEE_SECRETS_MAX_RETRIES"] = "0"
    said = tool("-O", env=env, ok=False)
    assert "CKR_DEVICE_ERROR" in said and "connect to 127.0.0.1" in said


def test_a_server_of_another_name_is_not_asked(tool, module):
    env = dict(module.environment(), TEE_SECRETS_MAX_RETRIES="0")
    env["TEE_SECRETS_ADDR"] = module.server.url.replace("127.0.0.1", "localhost")
    assert "CKR_DEVICE_ERROR" in tool("-O", env=env, ok=False)
    del env["TEE_SECRETS_CACERT"]
    env["TEE_SECRETS_ADDR"] = module.server.url
    assert "CKR_DEVICE_ERROR" in tool("-O", env=env, ok=False)


def test_randomness_comes_from_the_server(tool, module):
    tool("--generate-random", "64", "-o", "one")
    tool("--generate-random", "64", "-o", "two")
    one, two = module.file("one").read_bytes(), module.file("two").read_bytes()
    assert len(one) == len(two) == 64 and one != two


def test_its_own_tests_find_nothing(tool):
    assert "No errors" in tool("--test", "--login")


def test_a_certificate_is_shown_with_its_key(tool, module):
    chain = module.certify("named", "ecdsa-p256")
    listing = tool("-O")
    ident = ids(listing, "Certificate Object")["named"]
    assert ident == ids(listing, "Private Key Object")["named"]
    assert "named issuer 1" in ids(listing, "Certificate Object")
    tool("--read-object", "--type", "cert", "--id", ident, "-o", "read.der")
    again = module.run("openssl", "x509", "-inform", "DER", "-in", "read.der")
    assert again.strip() in chain
