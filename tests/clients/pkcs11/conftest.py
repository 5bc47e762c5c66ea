# SPDX-License-Identifier: Apache-2.0
"""A server with TLS, a mount with keys of each kind, a token that may only use them, and the module."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from server import Server  # noqa: E402

KEYS = {
    "p256": "ecdsa-p256",
    "p384": "ecdsa-p384",
    "p521": "ecdsa-p521",
    "k1": "ecdsa-secp256k1",
    "rsa": "rsa-2048",
    "ed": "ed25519",
    "aes": "aes256-gcm96",
}
# All that a program needs which signs and decrypts.
POLICY = """
path "transit/keys" { capabilities = ["list"] }
path "transit/keys/*" { capabilities = ["read"] }
path "transit/sign/*" { capabilities = ["update"] }
path "transit/decrypt/*" { capabilities = ["update"] }
path "transit/random" { capabilities = ["update"] }
"""


class TlsServer(Server):
    def configure(self):
        certificate, key = self.folder / "tls.pem", self.folder / "tls.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            + ["-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=tee-secrets"]
            + ["-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"],
            check=True,
            capture_output=True,
        )
        super().configure()
        config = self.folder / "server.yaml"
        config.write_text(
            config.read_text().replace(
                'mode: "off"',
                f'mode: "given"\n    certificate_file: "{certificate}"\n    key_file: "{key}"',
            )
        )
        # Workers that run as somebody else read it too.
        self.folder.chmod(0o755)
        self.certificate = certificate
        self.url = f"https://127.0.0.1:{self.port}"
        os.environ["SSL_CERT_FILE"] = str(certificate)

    def ask(self, method, path, body=None, token=None):
        status, reply = self.request(method, path, body, token or self.root_token)
        assert status in (200, 204), f"{method} {path}: {status} {reply}"
        return reply


@pytest.fixture(scope="session")
def server():
    with TlsServer() as running:
        running.ask("POST", "/v1/sys/mounts/transit", {"type": "transit"})
        for name, kind in KEYS.items():
            running.ask("POST", f"/v1/transit/keys/{name}", {"type": kind})
        yield running
        assert running.process.poll() is None, running.log[-4000:]
    del os.environ["SSL_CERT_FILE"]


@pytest.fixture(scope="session")
def token(server):
    server.ask("POST", "/v1/sys/policies/acl/user-of-keys", {"policy": POLICY})
    reply = server.ask("POST", "/v1/auth/token/create", {"policies": ["user-of-keys"]})
    return reply["auth"]["client_token"]


class Module:
    def __init__(self, server, token, folder):
        self.server = server
        self.token = token
        self.folder = folder
        self.path = server.build / ".libs" / "tee-secrets-pkcs11.so"

    def environment(self, token=None, **settings):
        """Nothing of the caller's; keys="a,b" and such become TEE_SECRETS_PKCS11_KEYS."""
        env = {
            "PATH": "/usr/sbin:/sbin:" + os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TEE_SECRETS_ADDR": self.server.url,
            "TEE_SECRETS_CACERT": str(self.server.certificate),
            "TEE_SECRETS_TOKEN": self.token if token is None else token,
            "TEE_SECRETS_PKCS11_DEBUG": "1",
            "TEE_SECRETS_PKCS11_KEYS": "*",
        }
        env.update({f"TEE_SECRETS_PKCS11_{k.upper()}": v for k, v in settings.items()})
        return env

    def run(self, *command, env=None, ok=True, data=None):
        """What a program prints; `ok` is whether it must succeed."""
        done = subprocess.run(
            [str(word) for word in command],
            env=env or self.environment(),
            input=data,
            stdin=None if data is not None else subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            cwd=self.folder,
        )
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        assert (done.returncode == 0) == ok, f"{command}: {done.returncode}\n{said}"
        return said

    def file(self, name, content=None):
        path = self.folder / name
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def public_key(self, name, version="1"):
        """A file with the key as the server shows it, which owes nothing to the module."""
        shown = self.server.ask("GET", f"/v1/transit/keys/{name}")["data"]["keys"][version]
        return self.file(f"{name}.{version}.pem", shown["public_key"])

    def certify(self, name, kind):
        """Makes a key with a chain of two certificates; the chain."""
        self.server.ask("POST", f"/v1/transit/keys/{name}", {"type": kind})
        new = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self.run("openssl", "req", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca")
        request = ["-new", "-key", "ca.key", "-subj", f"/CN={name}", "-out", "leaf.csr"]
        self.run("openssl", "req", *request)
        key = ["-force_pubkey", self.public_key(name), "-CA", "ca.pem", "-CAkey", "ca.key"]
        self.run("openssl", "x509", "-req", "-in", "leaf.csr", *key, "-out", "leaf.pem")
        chain = self.file("leaf.pem").read_text() + self.file("ca.pem").read_text()
        body = {"certificate_chain": chain}
        self.server.ask("POST", f"/v1/transit/keys/{name}/set-certificate", body)
        return chain


@pytest.fixture
def module(server, token):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tee-secrets-pkcs11-"))
    folder.chmod(0o755)
    yield Module(server, token, folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def need():
    def look(*programs):
        for program in programs:
            if shutil.which(program, path="/usr/sbin:/sbin:" + os.environ["PATH"]) is None:
                pytest.skip(f"no {program}")

    return look


@pytest.fixture
def start(module):
    """start(command, env, ready) begins a program and waits until ready() is true; all are ended."""
    running = []

    def begin(command, env, ready):
        log = open(module.folder / f"program{len(running)}.log", "wb")
        process = subprocess.Popen(
            [str(word) for word in command],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=module.folder,
        )
        running.append(process)
        for _ in range(200):
            if ready():
                return process
            assert process.poll() is None, pathlib.Path(log.name).read_text(errors="replace")
            time.sleep(0.05)
        raise AssertionError(f"{command[0]} is not ready")

    yield begin
    for process in running:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
