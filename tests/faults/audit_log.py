# SPDX-License-Identifier: Apache-2.0
"""Every request of a tour is in the decrypted log, with who, what and what was decided; strangers are
counted; and tools of other people agree: age opens the epochs, Go's sumdb the tree and its proofs."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile

from reader import Ledger
from rig import KV, METADATA, Claims, Live

CANARY = "never-in-the-log-Hs8"
STRANGERS = 40


class Tour:
    """Asks, and remembers what must be in the log about it."""

    def __init__(self, server):
        self.server = server
        self.expected = []  # (leaf, members)
        self.root = self.lookup(server.root_token)
        self.walk()

    def lookup(self, token):
        client = self.server.client(token)
        reply = client.call("GET", "/v1/auth/token/lookup-self")
        accessor = reply.json["data"]["accessor"]
        self.note(reply, accessor, "tokenLookupSelf", "allow", "/v1/auth/token/lookup-self")
        return token, accessor

    def note(self, reply, accessor, operation, decision, path, evidence=None):
        assert reply.index is not None, f"{operation}: no leaf is named"
        self.expected.append((reply.index, {
            "id": reply.headers["X-Request-Id"], "op": operation, "status": reply.status,
            "accessor": accessor, "result": decision, "path": path, "evidence": evidence,
        }))  # fmt: skip

    def ask(self, who, operation, method, path, body=None, status=200, decision="allow", evidence=None):
        token, accessor = who
        client = self.server.client(token)
        reply = client.call(method, path, body)
        client.close()
        assert reply.status == status, f"{operation}: {reply.status} {reply.raw[:200]}"
        self.note(reply, accessor, operation, decision, path, evidence)
        return reply.json

    def walk(self):
        root, ask = self.root, self.ask
        text = f'path "secret/data/{CANARY}/*" {{ capabilities = ["read"] }}'
        ask(root, "sysWritePolicy", "PUT", "/v1/sys/policies/acl/reader", {"policy": text}, 204)
        made = ask(root, "tokenCreate", "POST", "/v1/auth/token/create", {"policies": ["reader"], "ttl": "10m"})
        reader = self.lookup(made["auth"]["client_token"])
        self.reader = reader
        secret = KV + CANARY + "/db"
        ask(root, "kvWriteData", "POST", secret, {"data": {"password": CANARY + "1"}})
        ask(root, "kvWriteData", "POST", secret, {"data": {"password": CANARY + "2"}, "options": {"cas": 1}})
        ask(root, "kvWriteData", "POST", secret, {"data": {"password": "x"}, "options": {"cas": 1}}, 400)
        ask(reader, "kvReadData", "GET", secret)
        ask(reader, "kvReadData", "GET", secret + "?version=1")
        ask(reader, "kvReadData", "GET", KV + CANARY + "/nothing", status=404)
        ask(reader, "kvWriteData", "POST", secret, {"data": {"a": CANARY}}, 403, "deny")
        ask(reader, "kvReadData", "GET", KV + "elsewhere", status=403, decision="deny")
        ask(reader, "kvListMetadata", "GET", METADATA + CANARY + "/?list=true", status=403, decision="deny")
        ask(root, "kvListMetadata", "GET", METADATA + CANARY + "/?list=true")
        ask(root, "kvReadMetadata", "GET", METADATA + CANARY + "/db")
        ask(root, "kvDeleteVersions", "POST", f"/v1/secret/delete/{CANARY}/db", {"versions": [1]}, 204)
        ask(root, "kvUndeleteVersions", "POST", f"/v1/secret/undelete/{CANARY}/db", {"versions": [1]}, 204)
        ask(root, "kvDestroyVersions", "POST", f"/v1/secret/destroy/{CANARY}/db", {"versions": [1]}, 204)
        ask(root, "kvDeleteData", "DELETE", secret, status=204)
        ask(root, "kvDeleteMetadata", "DELETE", METADATA + CANARY + "/db", status=204)
        self.judge()
        ask(root, "tokenRevokeAccessor", "POST", "/v1/auth/token/revoke-accessor", {"accessor": reader[1]}, 204)

    def judge(self):
        """Evidence judged for others: the verdict, and for operators why, in words the caller never hears."""
        verify = ("teeVerify", "POST", "/v1/tee/verify")
        client = self.server.client()
        own = client.call("POST", "/v1/tee/attestation", {"nonce": base64.b64encode(bytes(32)).decode()}).json
        given = {"format": own["format"], "evidence": own["evidence"]}
        genuine = {"format": own["format"], "tee": "sim", "verdict": "genuine"}
        self.ask(self.root, *verify, given, evidence=genuine)
        other = {**given, "nonce": base64.b64encode(bytes(31) + b"x").decode()}
        refused = {"detail": r"nonce: .+", "format": own["format"], "reason": "nonce", "verdict": "refused"}
        told = self.ask(self.root, *verify, other, evidence=refused)["data"]
        assert told["reason"] == "nonce" and "detail" not in told
        broken = {"format": "nitro", "evidence": base64.b64encode(b"no document").decode()}
        refused = {"detail": r"cose: .+", "format": "nitro", "reason": "malformed", "verdict": "refused"}
        self.ask(self.root, *verify, broken, evidence=refused)


def decrypted(server):
    """{leaf: entry} as the command line opens it."""
    done = server.cli("audit", "decrypt", "-identity", str(server.identity))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["index"]: line["entry"] for line in lines if "entry" in line}


def matches(entry, expected, hashes):
    told = {
        "id": entry["id"], "op": entry["op"], "status": entry["status"],
        "accessor": entry["actor"].get("accessor"), "result": entry["decision"]["result"],
        "path": expected["path"], "evidence": expected["evidence"],
    }  # fmt: skip
    assert told == expected, f"told {told}, was {expected}"
    check_evidence(entry.get("evidence"), expected["evidence"])
    assert entry["ts"].endswith("Z") and entry["dur_us"] >= 0 and entry["remote"] == "127.0.0.1"
    assert entry["path"] == hashes[plain(expected["path"])], "the path's pseudonym is of another path"


def check_evidence(told, expected):
    """Member by member; of the detail the form."""
    assert (told is None) == (expected is None), f"told {told}, was {expected}"
    for name in {**(told or {}), **(expected or {})}:
        if name == "detail":
            assert re.fullmatch(expected[name], told[name]), f"told {told}"
        else:
            assert told.get(name) == expected.get(name), f"told {told}, was {expected}"


def plain(path):
    return path.removeprefix("/v1/").partition("?")[0]


def pseudonyms(server, paths):
    """What an auditor computes to look for a path that he knows."""
    client = server.client()
    out = {}
    for path in paths:
        reply = client.call("POST", "/v1/sys/audit-hash/ledger", {"input": path})
        out[path] = reply.json["data"]["hash"]
    return out


def check_tour(tour, entries, hashes):
    for leaf, expected in tour.expected:
        assert leaf in entries, f"{expected['op']}: leaf {leaf} is not there or does not open"
        matches(entries[leaf], expected, hashes)
    ids = [entry.get("id") for entry in entries.values()]
    assert len(ids) == len(set(ids)), "a request is in the log twice"


def denied_by_the_revoked(server, tour, claims):
    before = Ledger(server.client()).size
    for n in range(STRANGERS):
        client = server.client("hvs.nobody-knows-this-token" if n % 2 else tour.reader[0])
        reply = client.call("GET", KV + CANARY)
        assert reply.status == 403 and reply.index is None, f"{reply.status}, leaf {reply.index}"
        client.close()
    grown = Ledger(server.client()).size - before
    assert grown <= 4, f"{STRANGERS} refusals of strangers made {grown} leaves"
    claims.figure(f"{STRANGERS} refusals of strangers made {grown} leaves at once")


def check_strangers(entries):
    found = [e for e in entries.values() if e["actor"]["kind"] == "anyone" and e["op"] == "refused"]
    assert found, "strangers are not in the log"
    assert sum(e["count"] for e in found) == STRANGERS, [e["count"] for e in found]
    assert all(e["decision"]["result"] == "deny" and e["remote"] == "127.0.0.1" for e in found)
    assert len(found) < 5, f"{len(found)} entries for one source"


def check_age(server, ledger):
    """Each epoch's key opens with the age tool and the auditor's identity, and with no other."""
    epochs = [leaf for leaf in ledger.leaves if leaf.kind == "epoch"]
    assert epochs
    with tempfile.TemporaryDirectory() as folder:
        other = os.path.join(folder, "other.txt")
        subprocess.run(["age-keygen", "-o", other], check=True, capture_output=True)
        for leaf in epochs:
            opened = subprocess.run(
                ["age", "-d", "-i", str(server.identity)], input=leaf.wrapped, capture_output=True, check=True
            )
            assert len(opened.stdout) == 32, len(opened.stdout)
            closed = subprocess.run(["age", "-d", "-i", other], input=leaf.wrapped, capture_output=True, check=False)
            assert closed.returncode != 0 and not closed.stdout
    return len(epochs)


def check_go(server, older, verifier):
    """The same tree and the same entries, by Go's packages and the age tool."""
    note = server.folder / "older-checkpoint"
    note.write_text(older.note)
    done = subprocess.run(
        [verifier, str(server.identity), str(note)], env=dict(os.environ, TEE_URL=server.url),
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.strip()


def main():
    claims = Claims()
    verifier = os.environ.get("VERIFY")
    with Live() as server:
        with claims.claim("a tour of reads, writes, denials"):
            tour = Tour(server)
        if claims.failed:
            claims.end()
        older = Ledger(server.client())
        with claims.claim("strangers do not grow the ledger"):
            denied_by_the_revoked(server, tour, claims)
        assert server.terminate() == 0
        server.start()
        hashes = pseudonyms(server, {plain(e["path"]) for _, e in tour.expected})
        entries = decrypted(server)
        with claims.claim("every request is at its leaf with actor, operation, decision, status and pseudonym"):
            check_tour(tour, entries, hashes)
        claims.figure(f"{len(tour.expected)} requests, {len(entries)} entries")
        with claims.claim("each denial of a known token has its own entry"):
            denied = [e for e in entries.values() if e["decision"]["result"] == "deny" and "accessor" in e["actor"]]
            assert len(denied) == 3 and {e["actor"]["accessor"] for e in denied} == {tour.reader[1]}
        with claims.claim("strangers are counted together, and none is lost"):
            check_strangers(entries)
        with claims.claim("no entry holds a secret, a token, a path or a body"):
            text = json.dumps(list(entries.values()))
            for word in (CANARY, server.root_token, tour.reader[0]):
                assert word not in text
        ledger = Ledger(server.client())
        with claims.claim("the ledger goes on from what was seen before, with a valid signature"):
            assert ledger.begins_as(older) and ledger.size > older.size
        with claims.claim("the command line verifies it"):
            told = json.loads(server.cli("audit", "verify", "-format", "json").stdout)
            assert told["leaves"] >= ledger.size
        if shutil.which("age") and shutil.which("age-keygen"):
            with claims.claim("epoch keys open with age and the auditor's identity, and with no other"):
                claims.figure(f"{check_age(server, ledger)} epochs")
        else:
            claims.skip("epoch keys open with age", "no age")
        if verifier:
            with claims.claim("Go's sumdb and age give the same entries, and prove records and older trees"):
                opened, told = check_go(server, older, verifier)
                claims.figure(told)
                assert re.search(r"\d+ proofs", told)
                by_id = {e["id"]: e for e in opened if "id" in e}
                for entry in entries.values():
                    if "id" in entry:
                        assert by_id[entry["id"]] == entry, entry["id"]
        else:
            claims.skip("Go's sumdb agrees", "no verifier: go, age or golang-golang-x-mod-dev is missing")
    claims.end()


if __name__ == "__main__":
    main()
