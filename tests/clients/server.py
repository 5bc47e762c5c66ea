# SPDX-License-Identifier: Apache-2.0
"""A real tee-secretsd in a temporary folder, on a port of its own, initialized and then ended."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

TREE = pathlib.Path(__file__).resolve().parents[2]

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """`with Server(build) as server:` gives .url, .root_token, .pid and .request()."""

    def __init__(self, build=None, server_settings=""):
        self.build = pathlib.Path(build or os.environ.get("BUILD", TREE / "build")).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tee-secrets-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.root_token = None
        self.server_settings = server_settings  # lines for the section "server", indented by two
        self.identity = self.folder / "auditor.txt"

    def configure(self):
        config = self.folder / "server.yaml"
        config.write_text(
            (TREE / "etc" / "dev.yaml")
            .read_text()
            .replace(":8200", f":{self.port}")
            .replace("\nserver:\n", f"\nserver:\n{self.server_settings}")
            + f'\nplugins:\n  dir: "{self.build / ".libs"}"\n'
        )
        config.chmod(0o600)

    def __enter__(self):
        self.configure()
        self.start()
        status, body = self.request("POST", "/v1/sys/init", {})
        assert status == 200, f"init: {status} {body}"
        self.root_token = body["root_token"]
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return (self.folder / "server.log").read_text(errors="replace")

    def start(self):
        binary = self.build / "tee-secretsd"
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [str(binary), "-c", str(self.folder / "server.yaml")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                restore_signals=False,  # a full disk is an error, not SIGXFSZ
                env=dict(os.environ, TEE_SECRETS_DEV_DIR=str(self.folder)),
            )
        for _ in range(300):
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended by itself:\n{self.log[-4000:]}")
            try:
                self.request("GET", "/v1/sys/health")
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the server does not answer:\n{self.log[-4000:]}")

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def rss_kib(self):
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise RuntimeError("no VmRSS")

    def request(self, method, path, body=None, token=None, headers=None):
        """Status and decoded body (None when there is none) of one plain request."""
        everything = dict(headers or {})
        if token:
            everything["X-Vault-Token"] = token
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            everything.setdefault("Content-Type", "application/json")
        req = urllib.request.Request(
            self.url + path, data=data, method=method, headers=everything
        )
        try:
            with urllib.request.urlopen(req, timeout=20) as reply:
                status, raw = reply.status, reply.read()
        except urllib.error.HTTPError as error:
            status, raw = error.code, error.read()
        if not raw:
            return status, None
        try:
            return status, json.loads(raw)
        except ValueError:
            return status, raw
