# SPDX-License-Identifier: Apache-2.0
"""HTTP by hand: the bytes sent are the bytes meant, however wrong."""

import json
import socket


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def connect(port, timeout=15):
    s = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def read_reply(s, head=False):
    """One reply, or None when the connection ended without one."""
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            more = s.recv(65536)
        except ConnectionResetError:
            more = b""
        if not more:
            return None
        data += more
    top, body = data.split(b"\r\n\r\n", 1)
    lines = top.decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1])
    if status == 100:
        s_rest = body
        return read_reply(_Joined(s, s_rest), head)
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = 0 if head or status == 204 else int(headers.get("content-length", 0))
    while len(body) < length:
        more = s.recv(65536)
        if not more:
            break
        body += more
    return Reply(status, headers, body[:length])


class _Joined:
    """A socket with bytes already read from it."""

    def __init__(self, s, rest):
        self.s, self.rest = s, rest

    def recv(self, n):
        if self.rest:
            out, self.rest = self.rest[:n], self.rest[n:]
            return out
        return self.s.recv(n)


def exchange(port, raw, timeout=15):
    """Sends bytes on a new connection and reads one reply."""
    with connect(port, timeout) as s:
        try:
            s.sendall(raw)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before everything was read; the reply is there all the same
        return read_reply(s)


def request(method, path, token=None, body=None, headers=()):
    """The bytes of one request.  `path` and header values are bytes or text, taken as they are."""
    as_bytes = lambda x: x if isinstance(x, bytes) else x.encode()
    out = as_bytes(method) + b" " + as_bytes(path) + b" HTTP/1.1\r\nHost: localhost\r\n"
    if token is not None:
        out += b"X-Vault-Token: " + as_bytes(token) + b"\r\n"
    for name, value in headers:
        out += as_bytes(name) + b": " + as_bytes(value) + b"\r\n"
    if body is not None:
        body = as_bytes(body)
        if not any(as_bytes(n).lower() == b"content-length" for n, _ in headers):
            out += b"Content-Length: %d\r\n" % len(body)
    return out + b"\r\n" + (body or b"")
