# SPDX-License-Identifier: Apache-2.0
"""Nothing acknowledged is lost: writers, and a server that is killed at any moment."""

import http.client
import json
import os
import random
import subprocess
import threading
import time

from server import Server

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "200"))
WRITERS = 4


def value_of(seq):
    """Long enough that half of it would show."""
    return {"seq": seq, "text": f"{seq}." * 600}


class Writer(threading.Thread):
    """Writes one secret again and again until the server is gone; remembers what was answered."""

    def __init__(self, server, number, done):
        super().__init__()
        self.server, self.number, self.done = server, number, done
        self.tried = self.acknowledged = done.get(number, (0, 0))[1]

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        headers = {"X-Vault-Token": self.server.root_token, "Content-Type": "application/json"}
        try:
            while True:
                seq = self.tried + 1
                body = json.dumps({"data": value_of(seq)})
                self.tried = seq
                connection.request("POST", f"/v1/secret/data/crash/{self.number}", body, headers)
                reply = connection.getresponse()
                reply.read()
                if reply.status == 200:
                    self.acknowledged = seq
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()


def check(server, writers, done):
    for writer in writers:
        status, body = server.request(
            "GET", f"/v1/secret/data/crash/{writer.number}", token=server.root_token
        )
        if status == 404:
            assert writer.acknowledged == 0, f"{writer.number}: {writer.acknowledged} is gone"
            continue
        assert status == 200, (status, body)
        data = body["data"]["data"]
        assert data == value_of(data["seq"]), "torn"
        assert writer.acknowledged <= data["seq"] <= writer.tried, (
            f"{writer.number}: {data['seq']} is there, {writer.acknowledged} was acknowledged"
        )
        done[writer.number] = (writer.acknowledged, data["seq"])


def ledger_verifies(server):
    verify = os.environ.get("VERIFY")
    if not verify:
        return
    environment = dict(os.environ, TEE_URL=server.url)
    subprocess.run(
        [verify, str(server.identity)], env=environment, check=True, stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip


def test_nothing_acknowledged_is_lost_when_the_server_is_killed():
    chance = random.Random(20260101)
    done, total = {}, 0
    with Server() as server:
        for number in range(ROUNDS):
            writers = [Writer(server, n, done) for n in range(WRITERS)]
            before = sum(w.acknowledged for w in writers)
            for writer in writers:
                writer.start()
            time.sleep(chance.uniform(0.0, 0.08))
            server.process.kill()
            server.process.wait()
            for writer in writers:
                writer.join()
            total += sum(w.acknowledged for w in writers) - before
            server.start()
            check(server, writers, done)
            if number % 50 == 49:
                ledger_verifies(server)
        ledger_verifies(server)
        cli = server.build / "tee-secrets"
        environment = dict(os.environ, TEE_SECRETS_ADDR=server.url, HOME=str(server.folder))
        subprocess.run([str(cli), "audit", "verify"], env=environment, check=True, timeout=300)
        print(f"{ROUNDS} kills, {total} acknowledged writes, none lost")
    assert total > ROUNDS, "too little was written for this to mean anything"
