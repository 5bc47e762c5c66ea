# SPDX-License-Identifier: Apache-2.0
"""A server that takes evidence of simulated TEEs of the tests, and what a client must know of it."""

import base64
import signal
import time

import simulated_tee
from channel import Channel
from channel import Server as Known
from cryptography.hazmat.primitives import serialization
from server import Server
from wire import Http

CODE = simulated_tee.schedule.H(b"a function of the tests")
OTHER_CODE = simulated_tee.schedule.H(b"another function")


class TrustingServer(Server):
    """`tee`: a SimulatedTee whose root it trusts.  `allowed`: entries of the allowlist.  `operator`: a
    private key that signs for it."""

    def __init__(self, tee, allowed=(), operator=None, **more):
        super().__init__(**more)
        self.tee, self.allowed, self.operator = tee, list(allowed), operator

    def configure(self):
        super().configure()
        (self.folder / "trusted.pem").write_bytes(self.tee.root_pem())
        config = self.folder / "server.yaml"
        text = config.read_text() + f'  attest-sim:\n    trusted_roots: "{self.folder / "trusted.pem"}"\n'
        if self.operator:
            public = self.operator.public_key()
            pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            (self.folder / "operator.pem").write_bytes(pem)
            text += f'\nauth:\n  operator_keys: ["{self.folder / "operator.pem"}"]\n'
        if self.allowed:
            entries = ", ".join(f'"{entry}"' for entry in self.allowed)
            text = text.replace("allow_simulated: true", f"allow_simulated: true\n      allowed_measurements: [{entries}]")
        config.write_text(text)

    def reload(self, allowed):
        """Another allowlist, while it runs."""
        self.allowed = list(allowed)
        self.configure()
        self.process.send_signal(signal.SIGHUP)

    def info(self):
        status, body = self.request("GET", "/v1/tee/info")
        assert status == 200, body
        return body.get("data", body)

    def known(self):
        """Read once from the server itself, as an operator would from the machine it runs on."""
        info = self.info()
        roots = simulated_tee.roots_of((self.folder / "root.pem").read_bytes())
        measurements = {bytes.fromhex(m) for m in info["measurements"].values() if len(m) == 96}
        return Known(base64.b64decode(info["identity_key"]), roots, measurements)

    def http(self):
        return Http(self.url)

    def channel(self, tee=None, role=None, **more):
        return Channel(self.http(), self.known(), tee=tee, role=role, **more)


def until(condition, seconds=10):
    """Whether it comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
