# SPDX-License-Identifier: Apache-2.0
"""One server and one mount for all; keys of its own for each test, those that take long shared."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from engine import Engine, counter  # noqa: E402


def mounted(server, path):
    engine = Engine(server.port, server.root_token, path)
    reply = engine.sys("POST", f"sys/mounts/{path}", {"type": "transit"})
    assert reply.status == 204, reply.raw
    return engine


@pytest.fixture(scope="session")
def engine(server):
    made = mounted(server, "transit")
    yield made
    made.close()


@pytest.fixture
def fresh(server):
    """A mount with nothing in it."""
    made = mounted(server, f"fresh-{next(counter)}")
    yield made
    assert made.sys("DELETE", f"sys/mounts/{made.mount}").status == 204
    made.close()


@pytest.fixture(scope="session")
def lent(engine):
    """lent(type): a key of that type that any test may use and none may change."""
    made = {}

    def find(type_name):
        if type_name not in made:
            made[type_name] = engine.key(type_name, exportable=True, allow_plaintext_backup=True)
        return made[type_name]

    return find


@pytest.fixture
def under(engine):
    """under(policy text): the mount as a token of that policy sees it."""
    opened = []

    def make(text, **settings):
        policy = f"policy-{next(counter)}"
        assert engine.sys("PUT", f"sys/policies/acl/{policy}", {"policy": text}).status == 204
        reply = engine.sys("POST", "auth/token/create", {"policies": [policy], "no_default_policy": True, **settings})
        opened.append(engine.under(reply.json["auth"]["client_token"]))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def message():
    return b"attack at dawn, not before"
