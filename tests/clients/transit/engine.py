# SPDX-License-Identifier: Apache-2.0
"""A transit mount as a plain client sees it: one connection, JSON there and back, nothing hidden."""

import base64
import http.client
import itertools
import json

AEADS = {"aes128-gcm96": 16, "aes256-gcm96": 32, "chacha20-poly1305": 32, "xaes256-gcm": 32}
CURVES = {"ecdsa-p256": 32, "ecdsa-p384": 48, "ecdsa-p521": 66, "ecdsa-secp256k1": 32}
RSA = {"rsa-2048": 256, "rsa-3072": 384, "rsa-4096": 512}
SIGNING = [*CURVES, "ed25519", *RSA]
TYPES = [*AEADS, *SIGNING, "hmac"]
HASHES = {
    "sha1": "sha1", "sha2-224": "sha224", "sha2-256": "sha256", "sha2-384": "sha384", "sha2-512": "sha512",
    "sha3-224": "sha3_224", "sha3-256": "sha3_256", "sha3-384": "sha3_384", "sha3-512": "sha3_512",
}  # fmt: skip
counter = itertools.count(1)


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def unb64(text):
    return base64.b64decode(text, validate=True)


def url64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unurl64(text):
    assert "=" not in text and "+" not in text and "/" not in text, "not base64url without padding"
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def opened(text):
    """(version, bytes) of "vault:v1:…"."""
    vault, version, body = text.split(":")
    assert vault == "vault" and version[0] == "v"
    return int(version[1:]), unb64(body)


def sealed(data, version=1):
    return f"vault:v{version}:{b64(data)}"


class Reply:
    def __init__(self, status, headers, raw):
        self.status, self.headers, self.raw = status, headers, raw

    @property
    def json(self):
        return json.loads(self.raw) if self.raw else None

    @property
    def data(self):
        return self.json["data"]

    @property
    def told(self):
        """What the errors say, as one text."""
        return "\n".join(self.json["errors"])


class Engine:
    """`engine.post("encrypt/k", plaintext=…)` is the reply's data; `engine.refused(…)` the sentence."""

    def __init__(self, port, token, mount):
        self.port, self.token, self.mount = port, token, mount
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def close(self):
        self.connection.close()

    def under(self, token):
        return Engine(self.port, token, self.mount)

    def sys(self, method, path, body=None, headers=None):
        """Any path below /v1/."""
        sent = {"X-Vault-Token": self.token, **(headers or {})}
        data = None if body is None else json.dumps(body).encode()
        for attempt in (1, 2):
            try:
                self.connection.request(method, "/v1/" + path, data, sent)
                reply = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # An idle connection may have been ended; a fresh one is not.
                self.connection.close()
                if attempt == 2:
                    raise
        return Reply(reply.status, reply.headers, reply.read())

    def ask(self, method, path, body=None, headers=None):
        return self.sys(method, f"{self.mount}/{path}", body, headers)

    def get(self, path, status=200):
        reply = self.ask("GET", path)
        assert reply.status == status, f"GET {path}: {reply.status} {reply.raw[:400]}"
        return reply.data

    def post(self, path, body=None, **members):
        reply = self.ask("POST", path, {**(body or {}), **members})
        assert reply.status in (200, 204), f"POST {path}: {reply.status} {reply.raw[:400]}"
        return reply.data if reply.raw else None

    def batch(self, path, items, status=200, **members):
        reply = self.ask("POST", path, {"batch_input": items, **members})
        assert reply.status == status, f"POST {path}: {reply.status} {reply.raw[:400]}"
        return reply.data["batch_results"]

    def refused(self, path, body=None, status=400, method="POST", **members):
        given = None if method in ("GET", "DELETE", "LIST") else {**(body or {}), **members}
        reply = self.ask(method, path, given)
        assert reply.status == status, f"{method} {path}: {reply.status} {reply.raw[:400]}"
        return reply.told

    def key(self, type_name=None, **settings):
        """Makes one, under a name no other has."""
        name = f"k{next(counter)}"
        if type_name:
            settings["type"] = type_name
        made = self.post(f"keys/{name}", settings)
        assert made["name"] == name
        return name

    def config(self, name, **settings):
        return self.post(f"keys/{name}/config", settings)

    def encrypt(self, name, plain, **members):
        return self.post(f"encrypt/{name}", plaintext=b64(plain), **members)["ciphertext"]

    def decrypt(self, name, ciphertext, **members):
        return unb64(self.post(f"decrypt/{name}", ciphertext=ciphertext, **members)["plaintext"])

    def sign(self, name, message, **members):
        return self.post(f"sign/{name}", input=b64(message), **members)["signature"]

    def verify(self, name, message, signature, **members):
        return self.post(f"verify/{name}", input=b64(message), signature=signature, **members)["valid"]

    def public(self, name, version=1):
        """PEM, or 32 bytes of base64."""
        return self.get(f"keys/{name}")["keys"][str(version)]["public_key"]

    def exported(self, name, what, version=1, form=None):
        query = f"?format={form}" if form else ""
        return self.get(f"export/{what}/{name}/{version}{query}")["keys"][str(version)]
