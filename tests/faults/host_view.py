# SPDX-License-Identifier: Apache-2.0
"""What the owner of the machine can see: sizes and times, never a name or a value."""

import base64
import json
import os
import pathlib
import resource
import signal
import sqlite3
import subprocess
import sys
import urllib.parse

from reader import Ledger
from rig import KV, METADATA, Claims, Live

ROW_OVERHEAD = 4 + 1 + 4 + 24 + 16
CLASSES = range(8, 21)
# What is to be found nowhere.  Each has a character that JSON and URLs write otherwise.
CANARIES = {
    "value": 'canary"value\\Zq4W',
    "field": "canary-field-Kp7",
    "path": "canary-path-Vx3",
    "metadata": "canary<note>-Ty9",
    "policy": "canary-policy-rb5",
    "policy text": "canary-below-Uo2",
    "role": "canary-role-gd8",
    "token name": "canary-holder-Ls6",
    "refused": "canary-refused-Mn1",
}


def use(server):
    """Puts a canary in every place that has a name; returns the words to look for."""
    words = dict(CANARIES)
    client = server.client()

    def ask(method, path, body=None, ok=(200, 204), token=None, headers=None):
        asker = server.client(token) if token else client
        reply = asker.call(method, path, body, headers)
        assert reply.status in ok, f"{method} {path}: {reply.status} {reply.raw[:200]}"
        return reply.json

    c = CANARIES
    text = f'path "secret/data/{c["path"]}/*" {{ capabilities = ["read"] }}\n'
    text += f'path "secret/data/{c["policy text"]}" {{ capabilities = ["deny"] }}'
    ask("PUT", f"/v1/sys/policies/acl/{c['policy']}", {"policy": text})
    for size in (10, 1_000, 20_000, 300_000):
        data = {c["field"]: c["value"] + "x" * size, c["value"]: 1}
        ask("POST", f"{KV}{c['path']}/s{size}", {"data": data})
        ask("GET", f"{KV}{c['path']}/s{size}")
    ask("PATCH", f"{KV}{c['path']}/s10", {"data": {"more": c["value"]}},
        headers={"Content-Type": "application/merge-patch+json"})  # fmt: skip
    ask("POST", f"{METADATA}{c['path']}/s10", {"custom_metadata": {"note": c["metadata"]}})
    ask("GET", f"{METADATA}{c['path']}/?list=true")
    made = ask("POST", "/v1/auth/token/create", {"policies": [c["policy"]], "display_name": c["token name"]})
    words["token"] = made["auth"]["client_token"]
    words["root token"] = server.root_token
    ask("GET", f"{KV}{c['path']}/s10", token=words["token"])
    ask("GET", f"{KV}{c['refused']}", ok=(403,), token=words["token"])
    ask("GET", f"{KV}{c['refused']}", ok=(403,), token="canary-bad-token-Jw4")
    words["unknown token"] = "canary-bad-token-Jw4"
    ask("POST", "/v1/sys/auth/approle", {"type": "approle"}, ok=(204, 400))
    ask("POST", f"/v1/auth/approle/role/{c['role']}", {"token_policies": [c["policy"]]})
    role = ask("GET", f"/v1/auth/approle/role/{c['role']}/role-id")["data"]["role_id"]
    secret = ask("POST", f"/v1/auth/approle/role/{c['role']}/secret-id", {})["data"]["secret_id"]
    login = ask("POST", "/v1/auth/approle/login", {"role_id": role, "secret_id": secret})
    words["role id"], words["secret id"] = role, secret
    words["login token"] = login["auth"]["client_token"]
    wrapped = ask("GET", f"{KV}{c['path']}/s10", headers={"X-Vault-Wrap-TTL": "60"})
    words["wrapping token"] = wrapped["wrap_info"]["token"]
    # Bodies and paths that are refused are looked at too, and told in errors and logs.
    ask("POST", f"/v1/no/{c['refused']}", {c["refused"]: c["refused"]}, ok=(400, 403, 404, 405))
    ask("POST", f"{KV}{c['path']}/bad", {"data": c["refused"]}, ok=(400,))
    ask("GET", f"{KV}{c['refused']}%00", ok=(400, 404))
    return words


def forms(word):
    """A word as files and logs could hold it."""
    raw = word.encode()
    out = {
        "as it is": raw,
        "lower case": raw.lower(),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "json": json.dumps(word)[1:-1].encode(),
        "url": urllib.parse.quote(word, safe="").encode(),
        "utf-16-le": word.encode("utf-16-le"),
        "utf-16-be": word.encode("utf-16-be"),
        "reversed": raw[::-1],
    }
    for shift in range(3):
        # The part that is the same wherever the word begins in what was encoded.
        whole = 3 * ((shift + len(raw)) // 3)
        text = base64.b64encode((b"\0" * shift + raw)[:whole])[4 if shift else 0 :]
        out[f"base64+{shift}"] = text
        out[f"base64url+{shift}"] = text.replace(b"+", b"-").replace(b"/", b"_")
    return out


def needles(words):
    return [(f"the {name}, {form}", raw) for name, word in words.items() for form, raw in forms(word).items()]


def find(haystack, where, sought):
    for what, raw in sought:
        assert raw not in haystack, f"{what}, is in {where}"


def the_search_finds(words):
    """The search itself, against what it must find."""
    word = words["value"]
    for pad in range(3):
        text = base64.b64encode(b"." * pad + word.encode() + b"tail")
        assert any(raw in text for _, raw in needles({"x": word})), f"base64 after {pad} bytes"
    url = base64.urlsafe_b64encode(b"?>" + "o?>o?>o?>canary".encode())
    assert any(raw in url for _, raw in needles({"x": "o?>o?>o?>canary"}))
    for text in (json.dumps({"a": word}).encode(), word.encode("utf-16"), word.encode().hex().encode()):
        assert any(raw in text for _, raw in needles({"x": word}))


def files_of(server):
    skip = {"auditor.txt", "server.yaml"}
    return [p for p in sorted(server.folder.rglob("*")) if p.is_file() and p.name not in skip]


def look_at_files(server, sought, expected):
    seen = set()
    for path in files_of(server):
        find(path.read_bytes(), path.name, sought)
        find(str(path).encode(), "a file's name", sought)
        seen.add(path.name)
    assert expected <= seen, f"not there to be looked at: {expected - seen}"
    return seen


def look_at_ledger(server, sought):
    ledger = Ledger(server.client())
    everything = ledger.note.encode() + ledger.vkey.encode() + b"".join(leaf.raw for leaf in ledger.leaves)
    find(everything, "the ledger as anybody may fetch it", sought)
    return ledger.size


def look_at_public(server, sought):
    """What anybody may ask without a token."""
    probe = server.client()
    probe.token = None
    for path in ("/v1/sys/health", "/v1/sys/seal-status", "/v1/tee/health", "/v1/tee/info", "/v1/sys/metrics",
                 "/v1/sys/internal/ui/mounts"):  # fmt: skip
        find(probe.call("GET", path).raw, path, sought)


def look_at_process(server, sought):
    for name in ("cmdline", "environ", "comm", "status"):
        try:
            find(pathlib.Path(f"/proc/{server.pid}/{name}").read_bytes(), name, sought)
        except PermissionError:
            assert os.geteuid() != 0  # what is not dumpable does not show it to its own user


def rows_have_declared_sizes(server):
    db = sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)
    rows = [(bytes(k), bytes(v)) for k, v in db.execute("SELECT key, value FROM kv")]
    db.close()
    sizes = {len(v) for k, v in rows if k[:1] == b"r"}
    allowed = {2**n + ROW_OVERHEAD for n in CLASSES}
    assert sizes <= allowed, f"sizes of no class: {sizes - allowed}"
    assert len(sizes) >= 4, f"secrets of four lengths are rows of {len(sizes)} sizes"
    assert {len(k) for k, _ in rows if k[:1] == b"r"} == {33}
    assert {k[:1] for k, _ in rows} <= {b"r", b"e", b"t", b"k", b"s", b"h", b"S"}, "a kind of row nobody declared"
    assert {(len(k), len(v)) for k, v in rows if k[:1] == b"h"} == {(33, 8)}
    return sorted(sizes)


def audit_leaves_have_few_sizes(server):
    sizes = {len(leaf.raw) for leaf in Ledger(server.client()).leaves if leaf.kind == "audit"}
    steps = {256 << n for n in range(5)}
    overheads = {min(abs(size - step) for step in steps if step <= size) for size in sizes}
    assert len(overheads) == 1, f"audit leaves of sizes {sorted(sizes)}: not padded to classes"
    return sorted(sizes)


NOBODY = 65534
READER = """
import os, sys
pid = int(sys.argv[1])
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for name in ("mem", "maps", "environ", "pagemap", "auxv", "fd"):
    try:
        if name == "fd":
            os.listdir(f"/proc/{pid}/fd")
        else:
            open(f"/proc/{pid}/{name}", "rb").read(1)
    except OSError as error:
        if isinstance(error, PermissionError):
            continue
    print(name)
"""


def read_by_nobody(pid):
    """What a process of another user, or of its own, can open of it."""
    done = subprocess.run(
        [sys.executable, "-c", READER, str(pid)], capture_output=True, text=True, check=True, cwd="/",
    )  # fmt: skip
    return done.stdout.split()


class OwnedByNobody(Live):
    user = NOBODY


def look_from_outside(claims, server):
    """Another user cannot look into the process, nor can its own."""
    with claims.claim("it may dump no core, whatever limit it is given"):
        assert resource.prlimit(server.pid, resource.RLIMIT_CORE) == (0, 0)
    if os.geteuid() != 0:
        with claims.claim("its own user reads neither its memory nor its environment"):
            assert not read_by_nobody(server.pid), read_by_nobody(server.pid)
        claims.skip("another user reads nothing", "becoming one needs root")
        return
    with claims.claim("another user reads neither its memory nor its environment"):
        assert not read_by_nobody(server.pid), read_by_nobody(server.pid)
    with claims.claim("the reader does read a process that is not hardened"):
        plain = subprocess.Popen(["sleep", "20"], user=NOBODY, group=NOBODY, extra_groups=[])
        seen = read_by_nobody(plain.pid)
        plain.kill()
        plain.wait()
        assert "mem" in seen or "environ" in seen, seen
    try:
        with OwnedByNobody() as other, claims.claim("its own user reads neither its memory nor its environment"):
            assert os.stat(f"/proc/{other.pid}/environ").st_uid == 0, "it is dumpable"
            assert not read_by_nobody(other.pid), read_by_nobody(other.pid)
    except PermissionError as error:
        claims.skip("its own user reads nothing", f"the build is not readable to others: {error.filename}")


def crash_leaves_no_core(server, sought):
    """Even with a limit that would allow one."""
    before = {p.name for p in server.folder.iterdir()}
    server.process.send_signal(signal.SIGABRT)
    _, status = os.waitpid(server.pid, 0)
    server.process.returncode = -signal.SIGABRT
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status), "a core was dumped"
    new = {p.name for p in server.folder.iterdir()} - before
    assert not [n for n in new if "core" in n], f"left behind: {new}"
    look_at_files(server, sought, {"store.db"})


def main():
    claims = Claims()
    with Live() as server:
        try:
            words = use(server)
        except AssertionError as error:
            with claims.claim("a canary in every place that has a name"):
                raise error
            claims.end()
        sought = needles(words)
        with claims.claim("the search finds what it is given, in each form"):
            the_search_finds(words)
        with claims.claim("no file has a name or value: database, WAL, shared memory, state, log"):
            seen = look_at_files(server, sought, {"store.db", "store.db-wal", "server.log"})
        claims.figure(f"{len(words)} words in {len(sought)} forms, looked for in {', '.join(sorted(seen))}")
        with claims.claim("the ledger as anybody may fetch it has none"):
            leaves = look_at_ledger(server, sought)
            claims.figure(f"{leaves} leaves")
        with claims.claim("nor what may be asked without a token"):
            look_at_public(server, sought)
        with claims.claim("nor the process's arguments and environment"):
            look_at_process(server, sought)
        with claims.claim("rows have the declared sizes, and keys one length"):
            claims.figure(f"row sizes {rows_have_declared_sizes(server)}")
        with claims.claim("audit leaves have the sizes of padded classes"):
            claims.figure(f"audit leaf sizes {audit_leaves_have_few_sizes(server)}")
        with claims.claim("files are their owner's only"):
            for path in files_of(server):
                if path.name != "server.log":
                    assert path.stat().st_mode & 0o077 == 0, f"{path.name} {path.stat().st_mode:o}"
        look_from_outside(claims, server)
        with claims.claim("a crash leaves no core"):
            crash_leaves_no_core(server, sought)
        with claims.claim("after the crash and a start, and a clean end: none either"):
            server.start()
            assert server.terminate() == 0
            look_at_files(server, sought, {"store.db", "server.log"})
    claims.end()


if __name__ == "__main__":
    main()
