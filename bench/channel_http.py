# SPDX-License-Identifier: Apache-2.0
"""The attested channel over HTTP: the same requests in the clear and sealed, and whole handshakes."""
import base64
import json
import os
import statistics
import subprocess

from measuring import ARGS, median, pinned, spread, table

MESSAGE = base64.b64encode(b"m" * 1024).decode()

# what, method, path, body
CASES = (
    ("KV read of 1 KiB", "GET", "/v1/secret/data/bench/0", None),
    ("ECDSA P-256 sign", "POST", "/v1/bench-channel/sign/key", {"input": MESSAGE}),
)
SHAPES = ((1, "own"), (16, "own"), (64, "own"), (64, "shared"))


def client(*arguments, lines=()):
    out = subprocess.run(pinned(1, [os.path.join(ARGS.build, "bench/channel_http"), *map(str, arguments)]),
                         input="".join(line + "\n" for line in lines), check=True, stdout=subprocess.PIPE, text=True).stdout
    return [float(x) for x in out.split()]


def run(server, mode, connections, what):
    """Per second, and what each took of the processor: of the server's and of the client's microseconds."""
    _, method, path, body = what
    lines = (server.call("GET", "/v1/tee/info")["ledger_origin"], server.token, method, path,
             json.dumps(body) if body else "")
    done, took, ours, clients = client(mode, server.port, server.process.pid, server.folder, connections,
                                       1000 * ARGS.seconds, lines=lines)
    return done / took, ours, clients


def measure_messages(server):
    rows = []
    for what in CASES:
        for connections, mode in SHAPES:
            clear, sealed = [], []
            for _ in range(ARGS.rounds):
                clear.append(run(server, "clear", connections, what))
                sealed.append(run(server, mode, connections, what))
            rows.append((what[0], connections, "one of all" if mode == "shared" else "one each",
                         f"{statistics.median(s[0] for s in sealed):.0f}",
                         f"{statistics.median(c[0] for c in clear):.0f}",
                         spread([s[0] / c[0] for s, c in zip(sealed, clear)]),
                         f"{median([s[1] for s in sealed])} / {median([c[1] for c in clear])}",
                         spread([c[1] / s[1] for s, c in zip(sealed, clear)]),
                         f"{median([s[2] for s in sealed])} / {median([c[2] for c in clear])}"))
    table("Requests through attested channels, against the same in the clear, audited and durable", rows,
          ("request", "connections", "channels", "sealed /s", "clear /s", "ratio", "server CPU us, sealed / clear",
           "CPU ratio", "client CPU us"))


def measure_handshakes(server):
    rows = []
    for name, mode in (("an operator's", "operator"), ("with simulated evidence", "attested")):
        seen, ideal = [], []
        for _ in range(ARGS.rounds):
            channel, made, checked = client("bare")
            ideal.append(channel + made + (checked if mode == "attested" else 0))
            seen.append(run(server, mode, 16, CASES[0]))
        rows.append((name, f"{statistics.median(s[0] for s in seen):.0f}",
                     f"{1e6 / statistics.median(s[1] for s in seen):.0f}", f"{median([s[1] for s in seen])}",
                     median(ideal), spread([i / s[1] for i, s in zip(ideal, seen)])))
    table("Handshakes over HTTP, audited and durable, 16 connections, against the server's part in bare OpenSSL", rows,
          ("handshake", "per second", "per second and core of the server's", "server CPU us", "bare us", "ratio"))


def measure_channel_http(server):
    server.seed(0, 1)
    server.call("POST", "/v1/sys/mounts/bench-channel", {"type": "transit"})
    server.call("POST", "/v1/bench-channel/keys/key", {"type": "ecdsa-p256"})
    measure_messages(server)
    measure_handshakes(server)
