# SPDX-License-Identifier: Apache-2.0
"""Operations with users' keys over HTTP, audited and durable, against a bare HTTP server and the bare operation."""
import base64
import json
import os
import statistics
import subprocess

from measuring import ARGS, median, pinned, spread, table, timed

MESSAGE = base64.b64encode(b"m" * 1024).decode()

# key type, path, body, what bench/keys calls the operation, items in a request
CASES = (
    ("ecdsa-p256", "sign", {"input": MESSAGE}, "ECDSA P-256 sign", 1),
    ("ecdsa-p256", "verify", {"input": MESSAGE, "signature": None}, "ECDSA P-256 verify", 1),
    ("ecdsa-secp256k1", "sign", {"input": MESSAGE}, "ECDSA secp256k1 sign", 1),
    ("ed25519", "sign", {"input": MESSAGE}, "Ed25519 sign", 1),
    ("rsa-2048", "sign", {"input": MESSAGE}, "RSA-2048 PSS sign", 1),
    ("aes256-gcm96", "encrypt", {"plaintext": MESSAGE}, "AES-256-GCM of 1 KiB", 1),
    ("aes256-gcm96", "encrypt", {"batch_input": [{"plaintext": MESSAGE}] * 100}, "AES-256-GCM of 1 KiB", 100),
    ("ecdsa-p256", "sign", {"batch_input": [{"input": MESSAGE}] * 100}, "ECDSA P-256 sign", 100),
)


def bare_operations():
    """What each takes of a core in the bare library, in microseconds."""
    out = subprocess.run(pinned(0, [os.path.join(ARGS.build, "bench/keys"), "3", "20"]), check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    return {line.split("\t")[0]: float(line.split("\t")[2]) for line in out.splitlines()}


def script_of(folder, number, token, path, body):
    name = os.path.join(folder, f"transit-{number}.lua")
    with open(name, "w") as out:
        out.write(f"""wrk.method = "POST"
wrk.path = "{path}"
wrk.headers["X-Vault-Token"] = "{token}"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{json.dumps(body)}]==]
""")
    return name


def measure_transit(server, folder, ceiling_http):
    bare_us = bare_operations()
    server.call("POST", "/v1/sys/mounts/transit", {"type": "transit"})
    for kind in {case[0] for case in CASES}:
        server.call("POST", f"/v1/transit/keys/{kind}", {"type": kind})
    rows = []
    for number, (kind, operation, body, name, items) in enumerate(CASES):
        path = f"/v1/transit/{operation}/{kind}"
        if "signature" in body:
            made = server.call("POST", f"/v1/transit/sign/{kind}", {"input": MESSAGE})
            body = {**body, "signature": made["data"]["signature"]}
        reply = json.dumps(server.call("POST", path, body)).encode()
        script = script_of(folder, number, server.token, path, body)
        process, port = ceiling_http(folder, reply)
        bare, ours = [], []
        try:
            for _ in range(ARGS.rounds):
                bare.append(timed(process.pid, port, 64, script))
                ours.append(timed(server.process.pid, server.port, 64, script))
        finally:
            process.terminate()
            process.wait()
        alone = bare_us.get(name)
        ideal = [b[3] + alone * items for b in bare] if alone else None
        rows.append((f"{name}, {items} a request" if items > 1 else name,
                     f"{statistics.median(o[0] for o in ours) * items:.0f}",
                     f"{statistics.median(b[0] for b in bare) * items:.0f}",
                     f"{alone:.1f}" if alone else "?",
                     f"{statistics.median(o[3] for o in ours) / items:.1f} / {statistics.median(b[3] for b in bare) / items:.1f}",
                     spread([i / o[3] for i, o in zip(ideal, ours)]) if ideal else "?",
                     median([o[1] for o in ours]), median([o[2] for o in ours])))
    table("Users' keys over HTTP, audited and durable, 64 connections, messages of 1 KiB", rows,
          ("operation", "ours /s", "bare HTTP /s", "bare operation us", "CPU us, ours / bare HTTP",
           "(bare HTTP + operation) / ours, CPU", "p50 ms", "p99 ms"))
