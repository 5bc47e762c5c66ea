# SPDX-License-Identifier: Apache-2.0
"""What secrets must be, told by nothing but the answers of the server: every version, live, deleted or
destroyed, and the one operation that was never answered and may or may not have happened."""

import threading

from rig import KV, METADATA

KEPT = 10  # versions: the default of the mount
LIVE, DELETED, DESTROYED = "live", "deleted", "destroyed"


class Key:
    """What a secret must be, told by the answers: {version: (state, data)}, None when it is not there."""

    def __init__(self, path):
        self.path = path
        self.now = None
        self.may_be = None  # after the operation that was never answered

    def current(self):
        return max(self.now) if self.now else 0

    def after_put(self, data):
        versions = dict(self.now or {})
        number = self.current() + 1
        versions[number] = (LIVE, data)
        return {v: s for v, s in versions.items() if v > number - KEPT}

    def after_change(self, number, state):
        versions = dict(self.now)
        old, data = versions[number]
        if old != DESTROYED:
            versions[number] = (state, None if state == DESTROYED else data)
        return versions


class Shared:
    """A key that all write to.  Each version belongs to at most one answer."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.highest = 0
        self.answers = {}  # version: data
        self.open = {}  # attempts without an answer
        self.attempts = 0
        self.conflicts = 0

    def begin(self, data):
        with self.lock:
            self.attempts += 1
            self.open[self.attempts] = data
            return self.attempts

    def answered(self, attempt, reply, guess):
        with self.lock:
            data = self.open.pop(attempt)
            if reply.status != 200:
                assert b"check-and-set" in reply.raw, reply.raw
                self.conflicts += 1
                return
            version = reply.json["data"]["version"]
            assert version == guess + 1, f"cas {guess} made version {version}"
            assert version not in self.answers, f"version {version} was acknowledged twice"
            self.answers[version] = data
            self.highest = max(self.highest, version)


def seen(client, path):
    """A secret as the server tells it: {version: (state, data)}, None when it is not there."""
    reply = client.call("GET", METADATA + path)
    if reply.status == 404:
        return None
    assert reply.status == 200, f"{path}: {reply.status} {reply.raw[:200]}"
    meta = reply.json["data"]
    numbers = sorted(int(v) for v in meta["versions"])
    if not numbers:
        return None
    assert numbers == list(range(numbers[0], meta["current_version"] + 1)), f"{path}: torn: {numbers}"
    out = {}
    for number in numbers:
        told = meta["versions"][str(number)]
        state = DESTROYED if told["destroyed"] else DELETED if told["deletion_time"] else LIVE
        reply = client.call("GET", f"{KV}{path}?version={number}")
        body = reply.json["data"]
        assert reply.status == (200 if state == LIVE else 404), f"{path} {number} {state}: {reply.status}"
        assert body["metadata"]["version"] == number
        assert (body["data"] is None) == (state != LIVE), f"{path} {number} {state}: {body['data']}"
        out[number] = (state, body["data"])
    return out


def same(found, expected):
    """What a deleted version holds is seen only once it is brought back."""
    if found is None or expected is None:
        return not found and not expected
    hidden = {v: (s, d if s == LIVE else None) for v, (s, d) in expected.items()}
    return found == hidden


def check_own(client, key):
    found = seen(client, key.path)
    if key.may_be is not None and not same(found, key.now):
        assert same(found, key.may_be[0]), f"{key.path} is neither as before nor as after what was asked"
        key.now = key.may_be[0]
    key.may_be = None
    assert same(found, key.now), f"{key.path}: {brief(found)}, acknowledged was {brief(key.now)}"
    return 1 if not found else 1 + len(found)


def check_shared(client, shared):
    found = seen(client, shared.path) or {}
    current = max(found, default=0)
    assert current >= shared.highest, f"{shared.path}: {current}, acknowledged was {shared.highest}"
    assert current - shared.highest <= len(shared.open), "more versions than anybody asked for"
    waiting = list(shared.open.values())
    for number, (state, data) in found.items():
        assert state == LIVE
        if number in shared.answers:
            assert data == shared.answers[number], f"{shared.path} {number} has other data"
        else:
            assert data in waiting, f"{shared.path} {number} has data nobody sent"
            shared.answers[number] = data
            waiting.remove(data)
    assert all(v in found for v in shared.answers if v > current - KEPT), "a version is missing"
    shared.highest, shared.open = current, {}
    return 1 + len(found)


def brief(versions):
    return None if versions is None else {v: s for v, (s, _) in versions.items()}
