# SPDX-License-Identifier: Apache-2.0
"""Every method of hvac's Transit class, as it is."""

import base64
import inspect

import pytest

hvac = pytest.importorskip("hvac")
from hvac.api.secrets_engines import Transit as Theirs  # noqa: E402
from hvac.constants import transit as constants  # noqa: E402

SYMMETRIC = ["aes256-gcm96", "chacha20-poly1305"]
SIGNING = [kind for kind in constants.ALLOWED_KEY_TYPES if kind not in SYMMETRIC]
METHODS = {name for name in vars(Theirs) if not name.startswith("_")}
used = set()


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def takes(method, argument):
    """Debian's hvac is older than some arguments."""
    return argument in inspect.signature(getattr(Theirs, method)).parameters


@pytest.fixture(scope="module")
def transit_mount(server):
    assert server.request("POST", "/v1/sys/mounts/hvac-transit", {"type": "transit"}, server.root_token)[0] == 204
    return "hvac-transit"


@pytest.fixture
def transit(root, transit_mount):
    class Transit:
        def __getattr__(self, call):
            found = getattr(root.secrets.transit, call)
            used.add(call)
            return lambda *a, **k: found(*a, mount_point=transit_mount, **k)

    return Transit()


@pytest.fixture
def key(transit, name):
    """key(type, …) is a fresh one's name."""
    made = []

    def make(key_type=None, **settings):
        own = f"{name}-{len(made)}"
        transit.create_key(own, key_type=key_type, **settings)
        made.append(own)
        return own

    return make


def data(reply):
    """Of hvac with and without a JSON adapter."""
    return (reply if isinstance(reply, dict) else reply.json())["data"]


def test_the_mount_is_made_by_it_too(root, name):
    root.sys.enable_secrets_engine("transit", path=name)
    assert root.sys.list_mounted_secrets_engines()["data"][f"{name}/"]["type"] == "transit"
    root.secrets.transit.create_key("k", mount_point=name)
    root.sys.disable_secrets_engine(name)
    with pytest.raises(hvac.exceptions.InvalidPath):
        root.secrets.transit.read_key("k", mount_point=name)


@pytest.mark.parametrize("kind", constants.ALLOWED_KEY_TYPES)
def test_keys_of_each_type_are_made_and_read(transit, name, kind):
    reply = transit.create_key(name, key_type=kind)
    assert not isinstance(reply, dict) or reply["data"]["type"] == kind
    read = data(transit.read_key(name))
    assert read["type"] == kind and read["name"] == name and list(read["keys"]) == ["1"]
    assert name in data(transit.list_keys())["keys"]


def test_settings_at_creation(transit, name):
    more = {"auto_rotate_period": "48h"} if takes("create_key", "auto_rotate_period") else {}
    transit.create_key(name, convergent_encryption=True, derived=True, exportable=True, allow_plaintext_backup=True, **more)
    read = data(transit.read_key(name))
    assert read["derived"] and read["exportable"] and read["allow_plaintext_backup"] and read["convergent_encryption"]
    assert read["auto_rotate_period"] == (48 * 3600 if more else 0)


def test_a_key_is_deleted_once_that_is_allowed(transit, key):
    name = key()
    with pytest.raises(hvac.exceptions.InvalidRequest, match="deletion is not allowed for this key"):
        transit.delete_key(name)
    transit.update_key_configuration(name, deletion_allowed=True)
    transit.delete_key(name)
    with pytest.raises(hvac.exceptions.InvalidPath):
        transit.read_key(name)


def test_configured_it_shows(transit, key):
    name = key()
    transit.rotate_key(name)
    transit.rotate_key(name)
    more = {"auto_rotate_period": "24h"} if takes("update_key_configuration", "auto_rotate_period") else {}
    transit.update_key_configuration(
        name, min_decryption_version=2, min_encryption_version=3, exportable=True, allow_plaintext_backup=True, **more
    )
    read = data(transit.read_key(name))
    assert (read["min_decryption_version"], read["min_encryption_version"], read["latest_version"]) == (2, 3, 3)
    assert list(read["keys"]) == ["2", "3"]
    with pytest.raises(hvac.exceptions.InvalidRequest, match="latest key version is 3"):
        transit.update_key_configuration(name, min_decryption_version=9)


def test_what_was_encrypted_is_decrypted(transit, key):
    for kind in [*SYMMETRIC, "rsa-2048"]:
        name = key(kind)
        ciphertext = data(transit.encrypt_data(name, plaintext=b64("attack at dawn")))["ciphertext"]
        assert ciphertext.startswith("vault:v1:")
        assert data(transit.decrypt_data(name, ciphertext=ciphertext))["plaintext"] == b64("attack at dawn")


def test_under_a_context_and_with_associated_data(transit, key):
    name = key(derived=True)
    ciphertext = data(transit.encrypt_data(name, plaintext=b64("x"), context=b64("c")))["ciphertext"]
    assert data(transit.decrypt_data(name, ciphertext=ciphertext, context=b64("c")))["plaintext"] == b64("x")
    with pytest.raises(hvac.exceptions.InvalidRequest, match="missing 'context' for key derivation"):
        transit.decrypt_data(name, ciphertext=ciphertext)
    if takes("encrypt_data", "associated_data"):
        name = key()
        ciphertext = data(transit.encrypt_data(name, plaintext=b64("x"), associated_data=b64("a")))["ciphertext"]
        assert data(transit.decrypt_data(name, ciphertext=ciphertext, associated_data=b64("a")))["plaintext"] == b64("x")
        with pytest.raises(hvac.exceptions.InvalidRequest, match="message authentication failed"):
            transit.decrypt_data(name, ciphertext=ciphertext, associated_data=b64("b"))


def test_many_at_once(transit, key):
    name = key()
    items = data(transit.encrypt_data(name, plaintext="", batch_input=[{"plaintext": b64("a")}, {"plaintext": b64("b")}]))
    items = items["batch_results"]
    rewrapped = data(transit.rewrap_data(name, ciphertext="", batch_input=items))["batch_results"]
    opened = data(transit.decrypt_data(name, ciphertext="", batch_input=rewrapped))["batch_results"]
    assert [item["plaintext"] for item in opened] == [b64("a"), b64("b")]


def test_rewrapped_it_is_of_the_latest(transit, key):
    name = key()
    ciphertext = data(transit.encrypt_data(name, plaintext=b64("x")))["ciphertext"]
    transit.rotate_key(name)
    ciphertext = data(transit.rewrap_data(name, ciphertext=ciphertext))["ciphertext"]
    assert ciphertext.startswith("vault:v2:")
    assert data(transit.decrypt_data(name, ciphertext=ciphertext))["plaintext"] == b64("x")


def test_an_old_version_is_refused_and_trimmed(transit, key):
    name = key()
    old = data(transit.encrypt_data(name, plaintext=b64("x")))["ciphertext"]
    transit.rotate_key(name)
    transit.update_key_configuration(name, min_decryption_version=2)
    with pytest.raises(hvac.exceptions.InvalidRequest, match="too old"):
        transit.decrypt_data(name, ciphertext=old)
    with pytest.raises(hvac.exceptions.InvalidRequest, match="minimum encryption version is not set"):
        transit.trim_key(name, min_version=2)
    transit.update_key_configuration(name, min_encryption_version=2)
    transit.trim_key(name, min_version=2)
    assert data(transit.read_key(name))["min_available_version"] == 2


@pytest.mark.parametrize("kind", constants.ALLOWED_DATA_KEY_TYPES)
@pytest.mark.parametrize("bits", constants.ALLOWED_DATA_KEY_BITS)
def test_data_keys(transit, key, kind, bits):
    name = key()
    made = data(transit.generate_data_key(name, key_type=kind, bits=bits))
    assert ("plaintext" in made) is (kind == "plaintext")
    plain = data(transit.decrypt_data(name, ciphertext=made["ciphertext"]))["plaintext"]
    assert len(base64.b64decode(plain)) == bits // 8


def test_randomness(transit):
    assert len(base64.b64decode(data(transit.generate_random_bytes())["random_bytes"])) == 32
    assert len(data(transit.generate_random_bytes(n_bytes=10, output_format="hex"))["random_bytes"]) == 20


@pytest.mark.parametrize("algorithm", constants.ALLOWED_HASH_DATA_ALGORITHMS)
def test_hashes_and_hmacs(transit, key, algorithm):
    for form in constants.ALLOWED_HASH_DATA_FORMATS:
        assert data(transit.hash_data(b64("x"), algorithm=algorithm, output_format=form))["sum"]
    name = key()
    made = data(transit.generate_hmac(name, hash_input=b64("x"), algorithm=algorithm))["hmac"]
    told = data(transit.verify_signed_data(name, hash_input=b64("x"), hmac=made, hash_algorithm=algorithm))
    assert told["valid"] is True
    told = data(transit.verify_signed_data(name, hash_input=b64("y"), hmac=made, hash_algorithm=algorithm))
    assert told["valid"] is False


@pytest.mark.parametrize("kind", [kind for kind in SIGNING if kind not in ("rsa-3072", "rsa-4096")])
@pytest.mark.parametrize("marshaling", constants.ALLOWED_MARSHALING_ALGORITHMS)
def test_signatures(transit, key, kind, marshaling):
    name = key(kind)
    for algorithm in constants.ALLOWED_HASH_DATA_ALGORITHMS:
        asked = {"hash_algorithm": algorithm, "marshaling_algorithm": marshaling}
        made = data(transit.sign_data(name, hash_input=b64("x"), **asked))["signature"]
        assert data(transit.verify_signed_data(name, hash_input=b64("x"), signature=made, **asked))["valid"] is True
        assert data(transit.verify_signed_data(name, hash_input=b64("y"), signature=made, **asked))["valid"] is False


@pytest.mark.parametrize("scheme", constants.ALLOWED_SIGNATURE_ALGORITHMS)
def test_rsa_schemes_salts_and_digests(transit, key, scheme):
    name = key("rsa-2048")
    asked = {"signature_algorithm": scheme, "prehashed": True, "hash_algorithm": "sha2-256"}
    salts = [{"salt_length": salt} for salt in ("auto", "hash", "20")] if takes("sign_data", "salt_length") else [{}]
    for salt in salts:
        made = data(transit.sign_data(name, hash_input=b64(bytes(32)), **asked, **salt))["signature"]
        told = data(transit.verify_signed_data(name, hash_input=b64(bytes(32)), signature=made, **asked, **salt))
        assert told["valid"] is True


def test_signatures_many_at_once_and_under_a_context(transit, key):
    name = key("ed25519", derived=True)
    made = data(transit.sign_data(name, hash_input=b64("x"), context=b64("c")))["signature"]
    assert data(transit.verify_signed_data(name, hash_input=b64("x"), signature=made, context=b64("c")))["valid"]
    if takes("sign_data", "batch_input"):
        items = data(transit.sign_data(key("ed25519"), batch_input=[{"input": b64("a")}, {"input": b64("b")}]))
        assert len(items["batch_results"]) == 2


def test_exported_keys(transit, key):
    name = key("ed25519", exportable=True)
    transit.rotate_key(name)
    assert list(data(transit.export_key(name, key_type="signing-key"))["keys"]) == ["1", "2"]
    assert list(data(transit.export_key(name, key_type="hmac-key", version="1"))["keys"]) == ["1"]
    assert list(data(transit.export_key(key(exportable=True), key_type="encryption-key", version="latest"))["keys"]) == ["1"]
    with pytest.raises(hvac.exceptions.InvalidRequest, match="private key material is not exportable"):
        transit.export_key(key("ed25519"), key_type="signing-key")


def test_a_backup_is_restored(transit, key):
    name = key(exportable=True, allow_plaintext_backup=True)
    ciphertext = data(transit.encrypt_data(name, plaintext=b64("x")))["ciphertext"]
    backup = data(transit.backup_key(name))["backup"]
    with pytest.raises((hvac.exceptions.InvalidRequest, hvac.exceptions.InternalServerError), match="already exists"):
        transit.restore_key(backup)
    transit.restore_key(backup, name=f"{name}-copy")
    assert data(transit.decrypt_data(f"{name}-copy", ciphertext=ciphertext))["plaintext"] == b64("x")
    transit.restore_key(backup, force=True)


def test_a_token_without_the_policy_signs_nothing(transit, transit_mount, key, token_with, connect):
    name = key("ed25519")
    own = connect(token_with(f'path "{transit_mount}/verify/{name}" {{ capabilities = ["update"] }}'))
    with pytest.raises(hvac.exceptions.Forbidden):
        own.secrets.transit.sign_data(name, hash_input=b64("x"), mount_point=transit_mount)


def test_every_method_of_theirs_was_called():
    """The last of this file: what hvac offers is what is above."""
    assert METHODS - used == set()
