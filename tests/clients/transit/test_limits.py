# SPDX-License-Identifier: Apache-2.0
"""Who may use a key, how often, how fast; and that every use is in the log."""

import threading
import time

import pytest
from engine import b64, sealed

# What each needs, as data, to reach the key.
USES = {
    "encrypt": {"plaintext": b64("x")},
    "decrypt": {"ciphertext": sealed(bytes(60))},
    "rewrap": {"ciphertext": sealed(bytes(60))},
    "datakey/plaintext": {},
    "datakey/wrapped": {},
    "hmac": {"input": b64("x")},
}
SIGNING_USES = {
    "sign": {"input": b64("x")},
    "verify": {"input": b64("x"), "signature": sealed(bytes(64))},
    "hmac": {"input": b64("x")},
}


# ---- how often ----


def test_a_key_of_so_many_uses_serves_so_often(engine):
    name = engine.key(max_uses=3)
    assert engine.get(f"keys/{name}")["max_uses"] == 3
    ciphertext = engine.encrypt(name, b"one")
    assert engine.decrypt(name, ciphertext) == b"one"
    assert engine.decrypt(name, ciphertext) == b"one"
    reply = engine.ask("POST", f"decrypt/{name}", {"ciphertext": ciphertext})
    assert reply.status in (400, 403), reply.raw
    assert engine.ask("POST", f"encrypt/{name}", {"plaintext": ""}).status == reply.status
    engine.config(name, max_uses=4)
    assert engine.decrypt(name, ciphertext) == b"one"
    assert engine.ask("POST", f"decrypt/{name}", {"ciphertext": ciphertext}).status == reply.status
    engine.config(name, max_uses=0)
    assert engine.decrypt(name, ciphertext) == b"one"


def test_each_item_of_a_batch_is_a_use(engine):
    name = engine.key("ed25519", max_uses=5)
    engine.batch(f"sign/{name}", [{"input": ""}] * 4)
    assert engine.ask("POST", f"sign/{name}", {"batch_input": [{"input": ""}] * 2}).status in (400, 403)
    engine.sign(name, b"the fifth")
    assert engine.ask("POST", f"sign/{name}", {"input": ""}).status in (400, 403)


def test_uses_are_counted_exactly_when_many_come_at_once(engine):
    name = engine.key(max_uses=40)
    done = []

    def use():
        own = engine.under(engine.token)
        for _ in range(15):
            done.append(own.ask("POST", f"encrypt/{name}", {"plaintext": ""}).status)
        own.close()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.count(200) == 40 and len(done) == 60 and set(done) <= {200, 400, 403}


def test_reading_and_configuring_are_no_use(engine):
    name = engine.key("ecdsa-p256", max_uses=1)
    for _ in range(3):
        engine.get(f"keys/{name}")
        engine.config(name, deletion_allowed=True)
        engine.get(f"export/public-key/{name}")
    engine.sign(name, b"x")


# ---- how fast ----


def test_faster_than_its_rate_is_told_to_wait(engine):
    name = engine.key(rate=5)
    assert engine.get(f"keys/{name}")["rate"] == 5
    replies = [engine.ask("POST", f"encrypt/{name}", {"plaintext": ""}) for _ in range(30)]
    refused = [reply for reply in replies if reply.status != 200]
    assert len(replies) - len(refused) <= 12 and len(replies) - len(refused) >= 5
    assert {reply.status for reply in refused} == {429}
    assert all(1 <= int(reply.headers["Retry-After"]) <= 5 for reply in refused)
    time.sleep(1.05)
    assert engine.ask("POST", f"encrypt/{name}", {"plaintext": ""}).status == 200
    other = engine.key()
    assert all(engine.ask("POST", f"encrypt/{other}", {"plaintext": ""}).status == 200 for _ in range(30))


# ---- who ----


@pytest.mark.parametrize("kind", ["aes256-gcm96", "ecdsa-p256"])
def test_an_attested_key_serves_nobody_who_did_not_attest(engine, under, kind):
    name = engine.key(kind, attested_only=True)
    assert engine.get(f"keys/{name}")["attested_only"] is True
    for who in (engine, under(f'path "{engine.mount}/*" {{ capabilities = ["create", "update"] }}')):
        for path, body in (USES if kind == "aes256-gcm96" else SIGNING_USES).items():
            reply = who.ask("POST", f"{path}/{name}", body)
            assert reply.status == 403, (path, reply.raw)
    engine.get(f"keys/{name}")
    engine.config(name, deletion_allowed=True)
    assert engine.ask("DELETE", f"keys/{name}").status == 204


def test_no_client_says_of_itself_that_it_attested(engine):
    name = engine.key(attested_only=True)
    engine.sys("PUT", "sys/policies/acl/all-of-transit", {"policy": f'path "{engine.mount}/*" {{ capabilities = ["update"] }}'})
    for meta in ({"attested": "true"}, {"attested": True}, {"tee": "sim"}):
        made = engine.sys("POST", "auth/token/create", {"policies": ["all-of-transit"], "meta": meta, "attested": True})
        if made.status == 400:
            continue
        liar = engine.under(made.json["auth"]["client_token"])
        assert liar.ask("POST", f"encrypt/{name}", {"plaintext": ""}).status == 403
        liar.close()


def test_a_policy_says_which_key_and_which_operation(engine, under):
    mine, other = engine.key("ecdsa-p256"), engine.key("ecdsa-p256")
    signer = under(f'path "{engine.mount}/sign/{mine}" {{ capabilities = ["update"] }}')
    assert signer.sign(mine, b"x")
    told = signer.refused(f"sign/{other}", status=403, input="")
    assert told == "1 error occurred:\n\t* permission denied\n\n"
    for method, path in (("POST", f"verify/{mine}"), ("POST", f"hmac/{mine}"), ("GET", f"keys/{mine}"), ("LIST", "keys"),
                         ("POST", f"keys/{mine}/rotate"), ("POST", f"keys/{mine}/config"), ("DELETE", f"keys/{mine}"),
                         ("GET", f"export/signing-key/{mine}"), ("GET", f"backup/{mine}"), ("POST", "random"),
                         ("GET", "wrapping_key"), ("POST", "hash"), ("POST", f"keys/{mine}/import"),
                         ("GET", f"keys/{mine}/attestation?nonce=AAAA")):  # fmt: skip
        assert signer.ask(method, path, {} if method == "POST" else None).status == 403, (method, path)
    nobody = engine.under("hvs.not-a-token")
    assert nobody.refused(f"sign/{mine}", status=403, input="") == "permission denied"
    nobody.close()


def test_encrypting_makes_a_key_only_for_who_may_create(fresh, server):
    def under(capabilities):
        fresh.sys("PUT", "sys/policies/acl/enc", {"policy": f'path "{fresh.mount}/encrypt/*" {{ capabilities = {capabilities} }}'})
        reply = fresh.sys("POST", "auth/token/create", {"policies": ["enc"], "no_default_policy": True})
        return fresh.under(reply.json["auth"]["client_token"])

    updater = under('["update"]')
    assert updater.ask("POST", "encrypt/new", {"plaintext": ""}).status in (400, 403)
    assert fresh.ask("GET", "keys/new").status == 404
    creator = under('["create", "update"]')
    assert creator.ask("POST", "encrypt/new", {"plaintext": ""}).status == 200
    assert fresh.get("keys/new")["name"] == "new"
    updater = under('["update"]')
    assert updater.ask("POST", "encrypt/new", {"plaintext": ""}).status == 200


# ---- the log ----


def test_every_operation_is_a_leaf_of_its_own(engine, lent):
    name = engine.key("rsa-2048", exportable=True)
    leaves = []
    asked = [
        ("GET", f"keys/{name}", None), ("LIST", "keys", None), ("POST", f"encrypt/{name}", {"plaintext": ""}),
        ("POST", f"sign/{name}", {"input": ""}), ("POST", f"verify/{name}", {"input": "", "signature": "x"}),
        ("POST", f"hmac/{name}", {"input": ""}), ("POST", f"decrypt/{name}", {"ciphertext": "x"}),
        ("POST", f"datakey/wrapped/{name}", {}), ("GET", f"export/signing-key/{name}", None),
        ("POST", f"keys/{name}/config", {"deletion_allowed": True}), ("POST", "random", {}),
        ("POST", "hash", {"input": ""}), ("GET", f"keys/{name}/attestation?nonce=" + b64(bytes(32)), None),
        ("DELETE", f"keys/{name}", None), ("GET", f"keys/{name}", None),
    ]  # fmt: skip
    for method, path, body in asked:
        reply = engine.ask(method, path, body)
        assert reply.status < 500 and "TEE-Secrets-Audit-Index" in reply.headers, (method, path, reply.status)
        leaves.append(int(reply.headers["TEE-Secrets-Audit-Index"]))
    assert leaves == sorted(set(leaves)), leaves


def test_a_reply_may_be_wrapped(engine, lent):
    reply = engine.sys("POST", f"{engine.mount}/datakey/plaintext/{lent('aes256-gcm96')}", {}, {"X-Vault-Wrap-TTL": "60"})
    assert reply.status == 200 and reply.json["data"] is None
    opener = engine.under(reply.json["wrap_info"]["token"])
    assert len(opener.sys("POST", "sys/wrapping/unwrap").data["plaintext"]) == 44
    opener.close()
