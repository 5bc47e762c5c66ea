# SPDX-License-Identifier: Apache-2.0
"""The proxy does what it is told, and nothing else: a fault test whose faults do not happen is worth
nothing."""

import contextlib
import os
import socket
import socketserver
import tempfile
import threading
import time

from proxy import Proxy
from rig import Claims


class Echo(socketserver.BaseRequestHandler):
    heard = []  # by everyone

    def handle(self):
        with contextlib.suppress(OSError):
            while data := self.request.recv(65536):
                Echo.heard.append(data)
                self.request.sendall(data)


@contextlib.contextmanager
def echo_server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield list(server.server_address)
        server.shutdown()


def dial(proxy, link=0, timeout=5.0):
    return socket.create_connection(("127.0.0.1", proxy.ports[link]), timeout=timeout)


def says(connection, word, timeout=5.0):
    """What comes back; None when nothing does in time."""
    connection.settimeout(timeout)
    connection.sendall(word)
    return hears(connection, timeout)


def hears(connection, timeout):
    connection.settimeout(timeout)
    try:
        return connection.recv(65536)
    except TimeoutError:
        return None


def is_reset(connection):
    try:
        return says(connection, b"anyone?") == b""
    except (ConnectionResetError, BrokenPipeError):
        return True


def is_refused(proxy):
    try:
        return is_reset(dial(proxy))
    except ConnectionResetError:
        return True


def passes_and_records(target):
    with tempfile.TemporaryDirectory() as folder, Proxy(target, 2, os.path.join(folder, "seen")) as proxy:
        one, two = dial(proxy, 0), dial(proxy, 1)
        big = os.urandom(300_000)
        one.sendall(big)
        back = b""
        while len(back) < len(big):
            back += one.recv(65536)
        assert back == big, "altered on the way"
        assert says(two, b"second link") == b"second link"
        assert proxy.counts(0)["up"] == proxy.counts(0)["down"] == len(big)
        with open(os.path.join(folder, "seen.1"), "rb") as file:
            assert file.read() == 2 * b"second link"
        one.shutdown(socket.SHUT_WR)
        assert hears(one, 5) == b"", "an end is not passed on"


def holds(target, mode, arrives):
    with Proxy(target) as proxy:
        connection = dial(proxy)
        assert says(connection, b"before") == b"before"
        proxy.set(mode)
        word = f"held by {mode}".encode()
        assert says(connection, word, 0.2) is None, "it was answered"
        assert (word in Echo.heard) == arrives
        late = dial(proxy)
        assert says(late, b"late", 0.1) is None, "a new connection is served"
        proxy.set("pass")
        assert hears(connection, 5) == word, "what was held is not delivered"
        assert hears(late, 5) == b"late"


def one_link_only(target):
    with Proxy(target, 2) as proxy:
        one, two = dial(proxy, 0), dial(proxy, 1)
        proxy.set("stall", 0)
        assert says(one, b"x", 0.1) is None
        assert says(two, b"y") == b"y"


def cuts(target):
    with Proxy(target) as proxy:
        connection = dial(proxy)
        assert says(connection, b"x") == b"x"
        proxy.cut()
        assert is_reset(connection)
        assert says(dial(proxy), b"again") == b"again"


def refuses(target):
    with Proxy(target) as proxy:
        connection = dial(proxy)
        assert says(connection, b"x") == b"x"
        proxy.set("refuse")
        assert is_reset(connection)
        assert is_refused(proxy)
        proxy.set("pass")
        assert says(dial(proxy), b"again") == b"again"


def delays(target):
    with Proxy(target) as proxy:
        connection = dial(proxy)
        proxy.set("delay", ms=50)
        began = time.monotonic()
        assert says(connection, b"x") == b"x"
        assert 0.1 <= time.monotonic() - began < 1


def loses(target):
    with Proxy(target) as proxy:
        proxy.set("lossy", per=3)
        lost = 0
        for _ in range(30):
            with dial(proxy) as connection:
                try:
                    lost += says(connection, b"a message") != b"a message"
                except OSError:
                    lost += 1
        assert 5 < lost < 30, lost


def a_dead_target_is_a_dead_connection():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        target = list(probe.getsockname())
    with Proxy(target) as proxy:
        assert is_refused(proxy)


def main():
    claims = Claims()
    with echo_server() as target:
        with claims.claim("the proxy passes on what comes, whole, and records it"):
            passes_and_records(target)
        with claims.claim("stall: nothing arrives, and everything later"):
            holds(target, "stall", False)
        with claims.claim("mute: nothing arrives, and everything later"):
            holds(target, "mute", False)
        with claims.claim("deaf: requests arrive, and answers later"):
            holds(target, "deaf", True)
        with claims.claim("one link is held and the other is not"):
            one_link_only(target)
        with claims.claim("cut: connections are reset, and the next one lives"):
            cuts(target)
        with claims.claim("refuse: no connection lives until it passes again"):
            refuses(target)
        with claims.claim("delay: everything comes late"):
            delays(target)
        with claims.claim("lossy: some connections end in the middle of a message"):
            loses(target)
    with claims.claim("a database that is not there is no connection"):
        a_dead_target_is_a_dead_connection()
    claims.end()


if __name__ == "__main__":
    main()
