# SPDX-License-Identifier: Apache-2.0
"""The example as its README has it: a server and a function, two processes, each with a simulated
TEE of its own; and the same function when something is not as it should be."""

import base64
import hashlib
import hmac
import json
import pathlib
import shutil
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from function import release
from schedule import new_key
from simulated_tee import SimulatedTee
from trusting import CODE, TrustingServer

EXAMPLE = pathlib.Path(__file__).resolve().parents[3] / "examples" / "function-python"
POLICY = 'path "secret/data/shop/*" {capabilities=["read"]} path "transit/sign/orders" {capabilities=["update"]}'


class World:
    """A server that knows one function, and that function's folder."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder

    def admin(self, method, path, body=None):
        status, reply = self.server.request(method, "/v1/" + path, body, self.server.root_token)
        assert status in (200, 204), (path, reply)
        return reply

    def prepare(self):
        self.admin("POST", "secret/data/shop/db", {"data": {"password": "correct horse"}})
        self.admin("POST", "secret/data/other", {"data": {"password": "not for shops"}})
        self.admin("POST", "sys/mounts/transit", {"type": "transit"})
        self.admin("POST", "transit/keys/orders", {"type": "ecdsa-p256"})
        self.admin("POST", "sys/policies/acl/shop", {"policy": POLICY})
        self.allow(measured(EXAMPLE, self.folder))
        info = self.server.info()
        self.trust = {"identity_key": info["identity_key"], "roots": [(self.server.folder / "root.pem").read_text()],
                      "measurements": [info["measurements"]["measurement"]]}  # fmt: skip

    def allow(self, *measurements):
        match = [f"sim:measurement={m}" for m in measurements]
        self.admin("POST", "auth/attest/role/shop", {"match": match, "token_policies": ["shop"]})

    def run(self, example=EXAMPLE, url=None, secret="secret/data/shop/db", tee=None, **trust):
        (self.folder / "trust.json").write_text(json.dumps({**self.trust, **trust}))
        return subprocess.run(
            [sys.executable, str(example / "function.py"), "--server", url or self.server.url,
             "--trust", str(self.folder / "trust.json"), "--tee", str(tee or self.folder / "tee"), "--role", "shop",
             "--secret", secret, "--key", "orders", "ship 3 to Oslo"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip


def measured(example, folder):
    command = [sys.executable, str(example / "function.py"), "--tee", str(folder / "tee"), "--measurement"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("function")
    measured(EXAMPLE, folder)
    with TrustingServer(SimulatedTee.at(folder / "tee", CODE)) as server:
        made = World(server, folder)
        made.prepare()
        yield made


def test_the_function_uses_its_secret_and_has_its_message_signed(world):
    done = world.run()
    assert done.returncode == 0, done.stderr + world.server.log[-3000:]
    told = json.loads(done.stdout)
    assert told["hmac"] == hmac.new(b"correct horse", b"ship 3 to Oslo", "sha256").hexdigest()
    shown = world.admin("GET", "transit/keys/orders")["data"]["keys"]["1"]["public_key"]
    public = serialization.load_pem_public_key(shown.encode())
    signature = base64.b64decode(told["signature"].split(":")[2])
    public.verify(signature, b"ship 3 to Oslo", ec.ECDSA(hashes.SHA256()))
    assert "shop" in told["policies"]
    assert "correct horse" not in done.stdout + done.stderr + world.server.log


def refused(done, why=""):
    assert done.returncode == 1 and done.stdout == "" and why in done.stderr, (done.stdout, done.stderr)


def test_other_code_gets_nothing(world, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(EXAMPLE, changed)
    with open(changed / "function.py", "a", encoding="utf-8") as code:
        code.write("\n# one line more\n")
    assert measured(changed, world.folder) != measured(EXAMPLE, world.folder)
    refused(world.run(changed), "403")


def test_a_tee_that_nobody_vouches_for_gets_nothing(world, tmp_path):
    refused(world.run(tee=tmp_path / "another-tee"), "403")


def test_the_function_tells_nothing_to_a_server_that_is_not_the_one(world):
    key = new_key().public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    refused(world.run(identity_key=base64.b64encode(der).decode()), "403")
    refused(world.run(roots=[SimulatedTee(CODE).root_pem().decode()]), "root")
    refused(world.run(measurements=[hashlib.sha384(b"other").hexdigest()]), "code")


def test_a_secret_of_others_is_not_released(world):
    refused(world.run(secret="secret/data/other"), "403")
    refused(world.run(secret="secret/data/nothing-there"), "403")


def test_a_role_that_changed_closes_the_door_at_once(world):
    good = measured(EXAMPLE, world.folder)
    tee = SimulatedTee.at(world.folder / "tee", bytes.fromhex(good))
    channel = world.server.channel(tee, role="shop")
    assert channel.ask("GET", "/v1/secret/data/shop/db")[0] == 200
    try:
        world.allow("11" * 48)
        with pytest.raises(Exception) as no:
            assert channel.ask("GET", "/v1/secret/data/shop/db")[0] == 200
        assert getattr(no.value, "status", 403) in (403, 404)
        refused(world.run(), "403")
    finally:
        world.allow(good)
    assert world.run().returncode == 0


def test_release_works_without_a_channel_and_once_for_a_nonce(world):
    tee = SimulatedTee.at(world.folder / "tee", bytes.fromhex(measured(EXAMPLE, world.folder)))
    ask = lambda method, path, body=None: world.server.request(method, path, body)  # noqa: E731
    path = "secret/data/shop/db"
    assert release(ask, tee, "shop", [path])[path]["data"]["data"]["password"] == "correct horse"
    sent = []

    def twice(method, path, body=None):
        sent.append((method, path, body))
        return world.server.request(method, path, body)

    release(twice, tee, "shop", [path])
    assert ask(*sent[-1])[0] == 403, "the nonce was used"
