# SPDX-License-Identifier: Apache-2.0
"""What must hold of everything that the clients of a workload were told, whatever was broken
meanwhile.  Each function returns complaints, none when all is well: so that it can be asked, in
liars.py, whether it complains when it should."""

import bisect
import json
import os
import pathlib
import subprocess
import time

from cluster import kept_folder
from reader import Ledger
from workload import METHODS, OPERATIONS, PATIENCE_S, ROTATE, UNAVAILABLE

ENOUGH = 8  # complaints of one kind
LAG_S = 3


def linearizable(build, calls, name="history"):
    """Each key's operations have an order in which a register would have answered so."""
    told = (call for call in calls if call.kind != ROTATE and call.status != 599)
    text = "".join(call.line() + "\n" for call in told)
    keep = kept_folder()
    if keep:
        pathlib.Path(keep).mkdir(parents=True, exist_ok=True)
        (pathlib.Path(keep) / f"{name}.txt").write_text(text)
    done = subprocess.run(
        [str(pathlib.Path(build) / "tests/faults/lin/lin")], input=text, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return []
    return [f"not linearizable (status {done.returncode}): {done.stdout[:6000]}{done.stderr}"]


def audited(calls):
    """What was released is in the log: every answer that is known names its leaf, and no leaf is named
    twice."""
    out, seen = [], {}
    for call in calls:
        if not call.known:
            continue
        if call.index is None:
            out.append(f"answered without a leaf: {call}")
        elif call.index in seen:
            out.append(f"leaf {call.index} is of two answers: {call} and {seen[call.index]}")
        else:
            seen[call.index] = call
    return out[:ENOUGH]


def in_order(calls):
    """What was answered before another was asked is before it in the log, through whichever server."""
    told = sorted((c for c in calls if c.known and c.index is not None), key=lambda c: c.returned)
    ends, highest, top = [], [], None
    for call in told:
        top = call if top is None or call.index > top.index else top
        ends.append(call.returned)
        highest.append(top)
    out = []
    for call in told:
        before = bisect.bisect_left(ends, call.called)
        if before and highest[before - 1].index >= call.index:
            out.append(f"{call} is at leaf {call.index}, and {highest[before - 1].index} was told before: {highest[before - 1]}")
    return out[:ENOUGH]


def stopped_for(call, pauses):
    """For how many nanoseconds of the call its server was stopped.  pauses: (server, begin, end)"""
    return sum(
        max(0, min(end, call.returned) - max(begin, call.called)) for server, begin, end in pauses if server == call.replica
    )


def lost(call, ends, pauses):
    """Whether a connection ended for a reason: with its server, or by a client that lost patience with one
    that was stopped.  ends: (server, begin, end), within which it ended."""
    if any(server == call.replica and call.born <= end and begin <= call.returned for server, begin, end in ends):
        return True
    return stopped_for(call, pauses) > PATIENCE_S * 1e9 / 2


def explained(calls, troubles, ends, pauses=()):
    """A failure is a 503 that says when to come again, while something was broken; or a connection that
    was lost for a reason.  troubles: (begin, end) in the time of the calls, in order."""
    out = []
    begins = [begin for begin, _ in troubles]
    for call in calls:
        if call.known:
            continue
        if call.status is None:
            if not lost(call, ends, pauses):
                out.append(f"its server did not end: {call}")
            continue
        at = bisect.bisect_right(begins, call.returned)
        if call.status != UNAVAILABLE:
            out.append(f"no such answer: {call}")
        elif not (call.retry_after or "").isdigit():
            out.append(f"503 without Retry-After: {call}")
        elif at == 0 or troubles[at - 1][1] < call.called:
            since = (call.called - troubles[at - 1][1]) / 1e9 if at else float("inf")
            out.append(f"nothing was broken, not for {since:.2f} s: {call}")
    return out[:ENOUGH]


def prompt(calls, pauses, seconds):
    """A server that refuses does it within the time that is configured, unless it was stopped itself."""
    out = []
    for call in calls:
        if not call.known and call.returned - call.called - stopped_for(call, pauses) > seconds * 1e9:
            out.append(f"not prompt: {call}")
    return out[:ENOUGH]


def decrypted(replica):
    """{leaf: entry}, as an auditor opens the log."""
    done = replica.cli("audit", "decrypt", "-identity", str(replica.identity), timeout=600)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["index"]: line["entry"] for line in lines if "entry" in line}


def pseudonyms(replica, calls):
    """What an auditor computes of each path, to find it in the log."""
    client = replica.client()
    out = {}
    for path in {call.path for call in calls}:
        reply = client.call("POST", "/v1/sys/audit-hash/ledger", {"input": path.removeprefix("/v1/")})
        assert reply.status == 200, f"audit-hash: {reply.status} {reply.raw[:200]}"
        out[path] = reply.json["data"]["hash"]
    client.close()
    return out


def recorded(calls, entries, hashes):
    """Every answer is at the leaf that it named, as what it was; nothing is in the log twice."""
    out, ids = [], {}
    for index, entry in entries.items():
        if "id" in entry and ids.setdefault(entry["id"], index) != index:
            out.append(f"request {entry['id']} is at leaves {ids[entry['id']]} and {index}")
    for call in calls:
        if not call.known or call.index is None:
            continue
        entry = entries.get(call.index)
        expected = (call.request, OPERATIONS[call.kind], call.status, hashes[call.path])
        told = entry and (entry.get("id"), entry["op"], entry["status"], entry["path"])
        if told != expected:
            out.append(f"leaf {call.index} is {told}, and was acknowledged as {expected}")
    return out[:ENOUGH]


def whole(replica, older=None):
    """The ledger that one server shows, and complaints.  One that nobody asks anything looks every
    second for what the others wrote; so long it may show less."""
    until = time.monotonic() + LAG_S
    client = replica.client()
    try:
        ledger = Ledger(client)
        while older is not None and ledger.size < older.size and time.monotonic() < until:
            time.sleep(0.1)
            ledger = Ledger(client)
    except AssertionError as error:
        return None, [f"server {replica.number}'s ledger: {error}"]
    finally:
        client.close()
    if older is None or ledger.begins_as(older):
        return ledger, []
    what = "is behind" if older.begins_as(ledger) else "is not the one"
    return ledger, [f"server {replica.number}'s ledger {what} that was seen before: {ledger.size} leaves, {older.size} before"]


def verified(replica):
    """By the command line, which remembers what it saw."""
    done = replica.cli("audit", "verify", check=False, timeout=600)
    return [] if done.returncode == 0 else [f"audit verify on server {replica.number}: {done.stderr}{done.stdout}"]


def grown(before_kib, after_kib, leaves):
    """A server's memory grows with the log a little, and with what was broken not at all."""
    allowed = before_kib + 16 * 1024 + leaves * 200 // 1024
    return [f"{before_kib} KiB at first, {after_kib} KiB in the end, for {leaves} leaves"] if after_kib > allowed else []


def counts(calls):
    """Figures: how many of each kind ended how."""
    out = {}
    for call in calls:
        how = "gone" if call.status is None else str(call.status)
        out[how] = out.get(how, 0) + 1
    return dict(sorted(out.items()))


def build_folder():
    tree = pathlib.Path(__file__).resolve().parents[2]
    return pathlib.Path(os.environ.get("BUILD", tree / "build")).resolve()


assert set(METHODS) == set(OPERATIONS)
