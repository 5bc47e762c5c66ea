# SPDX-License-Identifier: Apache-2.0
"""Releases of secrets over HTTP, audited and durable: evidence of a simulated TEE, made beforehand."""
import base64
import hashlib
import http.client
import json
import os
import statistics
import struct
import sys
import threading
import time

from measuring import ARGS, HERE, cpu_seconds, median, spread, table

CODE = hashlib.sha384(b"a function of the bench").digest()
CONNECTIONS = 16
LIFE_S = 40  # of challenges, less what running takes

# recipient, wrap, paths in a request
CASES = (("P-384", "jwe", 1), ("P-256", "jwe", 1), ("RSA-2048", "jwe", 1), ("RSA-2048", "cms", 1),
         ("P-384", "jwe", 16), ("RSA-2048", "jwe", 16))


def lp(data):
    return struct.pack(">I", len(data)) + data


def recipient(kind):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    key = (rsa.generate_private_key(65537, 2048) if kind == "RSA-2048"
           else ec.generate_private_key(ec.SECP384R1() if kind == "P-384" else ec.SECP256R1()))
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def prepare(server, tee, spki, wrap, paths, wanted):
    """Bodies, each with a challenge and evidence of its own; as many as can be made in time."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    end = time.monotonic() + LIFE_S
    bodies = []
    while len(bodies) < wanted and time.monotonic() < end:
        nonce = server.call("POST", "/v1/tee/challenge", {}, connection)["data"]["nonce"]
        binding = hashlib.sha384(lp(b"tee-secrets-release-v1") + lp(base64.urlsafe_b64decode(nonce)) + lp(spki)).digest()
        bodies.append(json.dumps({
            "role": "bench", "format": "sim-v1", "nonce": nonce, "wrap": wrap,
            "evidence": base64.b64encode(tee.evidence(binding)).decode(),
            "recipient": base64.b64encode(spki).decode(),
            "paths": [f"secret/data/bench/{i}" for i in range(paths)]}))
    return bodies


def run(server, bodies):
    """Per second, processor microseconds of the server for each, and the median in milliseconds."""
    waits, refused = [], []

    def work(mine):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for body in mine:
            began = time.monotonic()
            connection.request("POST", "/v1/tee/release", body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            reply.read()
            waits.append(time.monotonic() - began)
            if reply.status != 200:
                refused.append(reply.status)

    threads = [threading.Thread(target=work, args=(bodies[i::CONNECTIONS],)) for i in range(CONNECTIONS)]
    cpu, began = cpu_seconds(server.process.pid), time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    took = time.monotonic() - began
    if refused:
        sys.exit(f"{len(refused)} of {len(bodies)} releases were refused: {refused[0]}")
    used = cpu_seconds(server.process.pid) - cpu
    return len(bodies) / took, used * 1e6 / len(bodies), 1000 * statistics.median(waits)


def trust(server, tee):
    """The server trusts this TEE from its next start."""
    root = os.path.join(server.folder, "trusted.pem")
    with open(root, "wb") as out:
        out.write(tee.root_pem())
    with open(server.config) as config:
        text = config.read()
    with open(server.config, "w") as out:
        out.write(text.replace("\nstate_dir:", f'\n  attest-sim:\n    trusted_roots: "{root}"\nstate_dir:'))
    server.stop()
    server.start()


def measure_release(server):
    sys.path.insert(0, os.path.join(HERE, "..", "examples", "function-python"))
    try:
        from simulated_tee import SimulatedTee
    except ImportError as error:
        print(f"\nReleases are not measured: {error}")
        return
    tee = SimulatedTee(CODE)
    trust(server, tee)
    server.seed(0, 16)
    server.call("POST", "/v1/sys/policies/acl/bench", {"policy": 'path "secret/data/bench/*" {capabilities = ["read"]}'})
    server.call("POST", "/v1/auth/attest/role/bench",
                {"match": [f"sim:measurement={CODE.hex()}"], "token_policies": ["bench"]})
    rows = []
    for kind, wrap, paths in CASES:
        spki = recipient(kind)
        seen = [run(server, prepare(server, tee, spki, wrap, paths, 200 if ARGS.quick else 1000))
                for _ in range(ARGS.rounds)]
        rows.append((f"{kind}, {wrap}", paths, spread([round(s[0]) for s in seen]), f"{median([s[1] for s in seen])}",
                     f"{median([s[2] for s in seen])}"))
    table(f"Releases of secrets of 1 KiB over HTTP, audited and durable, {CONNECTIONS} connections, simulated evidence", rows,
          ("recipient", "paths", "requests /s", "CPU us each", "p50 ms"))
