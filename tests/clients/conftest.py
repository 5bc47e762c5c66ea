# SPDX-License-Identifier: Apache-2.0
"""What every scenario is lent: one server for all, and names of its own for each test."""

import itertools
import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from server import Server  # noqa: E402

counter = itertools.count(1)


@pytest.fixture(scope="session")
def server():
    with Server() as running:
        yield running
        assert running.process.poll() is None, running.log[-4000:]


@pytest.fixture
def name(request):
    """A name no other test has."""
    return f"t{next(counter)}"


@pytest.fixture
def connect(server):
    """connect(token) makes a client of the hvac package as it is."""
    hvac = pytest.importorskip("hvac")
    opened = []

    def make(token=None):
        client = hvac.Client(url=server.url, token=token)
        # A token file in somebody's home must not take part.
        client.token = token
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.adapter.close()


@pytest.fixture
def root(server, connect):
    return connect(server.root_token)


@pytest.fixture
def mount(root, name):
    """A fresh KV version 2 mount."""
    path = f"kv-{name}"
    root.sys.enable_secrets_engine("kv", path=path, options={"version": "2"})
    yield path
    root.sys.disable_secrets_engine(path)


@pytest.fixture
def kv(root, mount):
    """kv.call(..., mount_point=…) without saying the mount each time."""

    class Kv:
        def __getattr__(self, call):
            found = getattr(root.secrets.kv.v2, call)
            return lambda *a, **k: found(*a, mount_point=mount, **k)

    return Kv()


@pytest.fixture
def token_with(root, name):
    """token_with(policy text, …) is a child token under a policy of that text."""

    def make(text, **settings):
        policy = f"p-{name}-{next(counter)}"
        root.sys.create_or_update_policy(policy, text)
        reply = root.auth.token.create(policies=[policy], **settings)
        return reply["auth"]["client_token"]

    return make


def pytest_terminal_summary(terminalreporter):
    stats = terminalreporter.stats
    for report in stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"skipped: {report.nodeid.split('::')[-1]}: {reason}")
    passed = len(stats.get("passed", []))
    failed = len(stats.get("failed", [])) + len(stats.get("error", []))
    skipped = len(stats.get("skipped", []))
    terminalreporter.write_line(f"{passed} passed, {failed} failed, {skipped} skipped")
