# SPDX-License-Identifier: Apache-2.0
"""What the measurements share: the server, the load generator, tables."""
import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

ARGS = argparse.Namespace()
SECRET = {"username": "service", "note": "x" * 960}
TEE = ("seal.key", "root.key", "root.pem", "auditor.txt")  # what replicas have in common, simulated
HERE = os.path.dirname(os.path.abspath(__file__))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def pinned(core, argv):
    return ["taskset", "-c", str(core)] + argv if ARGS.pin else argv


class Server:
    """tee-secretsd on a temporary directory, audited and durable as it always is."""

    def __init__(self, folder, uri=None, like=None):
        """`uri`: of its store, SQLite in the folder by default; `like`: a server it is a replica of."""
        self.folder = folder
        self.port = free_port()
        self.config = os.path.join(folder, "bench.yaml")
        with open(self.config, "w") as out:
            out.write(f"""backend:
  type: "tee"
  tee:
    provider: "simulated"
    attestation:
      allow_simulated: true
    storage:
      database_uri: "{uri or f'sqlite:{folder}/store.db'}"
server:
  listen: ["tcp://127.0.0.1:{self.port}"]
  threads: {ARGS.threads}
  tls:
    mode: "off"
  limits:
    connections: 2048
audit:
  generate_identity: "{folder}/auditor.txt"
log:
  level: "warn"
plugins:
  dir: "{ARGS.build}/.libs"
state_dir: "{folder}"
""")
        self.process = None
        self.start_ms = None
        for name in TEE if like else ():
            if os.path.exists(os.path.join(like.folder, name)):
                shutil.copy2(os.path.join(like.folder, name), folder)
        self.start()
        self.token = like.token if like else self.call("PUT", "/v1/sys/init", {})["root_token"]

    def start(self):
        began = time.monotonic()
        env = dict(os.environ)
        self.process = subprocess.Popen(
            pinned(0, [os.path.join(ARGS.build, "tee-secretsd"), "-c", self.config]),
            stderr=open(os.path.join(self.folder, "log"), "ab"), env=env)
        while True:
            try:
                status = self.call("GET", "/v1/sys/seal-status")
                if not status["initialized"] or not status["sealed"]:
                    break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 300:
                    sys.exit("the server does not start:\n" + open(self.folder + "/log").read())
                time.sleep(0.002)
        self.start_ms = (time.monotonic() - began) * 1000

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def call(self, method, path, body=None, connection=None):
        c = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"X-Vault-Token": self.token} if hasattr(self, "token") else {}
        c.request(method, path, json.dumps(body) if body is not None else None, headers)
        reply = c.getresponse()
        data = reply.read()
        if reply.status >= 400:
            sys.exit(f"{method} {path}: {reply.status} {data.decode()}")
        return json.loads(data) if data else None

    def raw(self, path):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        c.request("GET", path, headers={"X-Vault-Token": self.token})
        reply = c.getresponse()
        data = reply.read()
        if reply.status >= 400:
            raise RuntimeError(f"GET {path}: {reply.status} {data.decode()}\n{open(self.folder + '/log').read()[-2000:]}")
        return data

    def seed(self, first, last):
        """Writes secrets first..last-1 with a few connections at once."""
        def work(at, step):
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            for i in range(first + at, last, step):
                self.call("POST", f"/v1/secret/data/bench/{i}", {"data": SECRET}, c)

        threads = [threading.Thread(target=work, args=(i, 32)) for i in range(32)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    def metric(self, name):
        return float(re.search(rf"^{name} (\S+)$", self.raw("/v1/sys/metrics?format=prometheus").decode(), re.M).group(1))

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024


def wrk(port, connections, seconds, script):
    out = subprocess.run(
        pinned(1, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script,
                   f"http://127.0.0.1:{port}"]),
        check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if bad:
        raise RuntimeError(f"{bad.group(1)} requests were refused\n{out}")
    p50 = re.search(r"50%\s+([\d.]+)(us|ms|s)", out)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    return rate, float(p50.group(1)) * unit[p50.group(2)], float(p99.group(1)) * unit[p99.group(2)]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(pid, port, connections, script):
    """Requests per second, p50, p99, and the server's processor time per request in microseconds."""
    before = cpu_seconds(pid)
    rate, p50, p99 = wrk(port, connections, ARGS.seconds, script)
    return rate, p50, p99, (cpu_seconds(pid) - before) * 1e6 / (rate * ARGS.seconds)


def scripts(folder, token, keys, step=1):
    """Reads and writes of that many secrets, every so many of those there are."""
    read = os.path.join(folder, "read.lua")
    with open(read, "w") as out:
        out.write(f"""local h = {{["X-Vault-Token"] = "{token}"}}
request = function() return wrk.format("GET", "/v1/secret/data/bench/" .. math.random(0, {keys} - 1) * {step}, h) end
""")
    write = os.path.join(folder, "write.lua")
    with open(write, "w") as out:
        out.write(f"""local h = {{["X-Vault-Token"] = "{token}", ["Content-Type"] = "application/json"}}
local tail = string.rep("x", 930)
local n = 0
request = function()
  n = n + 1
  return wrk.format("POST", "/v1/secret/data/bench/" .. math.random(0, {keys} - 1) * {step}, h,
    '{{"data":{{"username":"service","note":"' .. string.format("%030d", n) .. tail .. '"}}}}')
end
""")
    return read, write


def spread(values):
    return f"{statistics.median(values):.2f} [{min(values):.2f}..{max(values):.2f}]"


def table(title, rows, columns):
    print(f"\n{title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(c) for c in row) + " |")
    sys.stdout.flush()


def median(values):
    return f"{statistics.median(values):.2f}"
