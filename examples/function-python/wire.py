# SPDX-License-Identifier: Apache-2.0
"""JSON and base64 as amc-v1 has them: strict to read; and plain HTTP, one connection kept open."""

import base64
import http.client
import json
import re
import urllib.parse


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text, length=None):
    """ValueError: not in the one spelling, or not of that length."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64u(data) != text or length not in (None, len(data)):
        raise ValueError("not base64url of what belongs here")
    return data


def _once(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member twice")
    return dict(pairs)


def read(data):
    """An object without a member twice, at any depth.  ValueError."""
    value = json.loads(data, object_pairs_hook=_once)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def write(value):
    return json.dumps(value, separators=(",", ":")).encode()


class Http:
    """`post` and `get` give the status and the bytes of the body."""

    def __init__(self, url, timeout=20):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout)

    def ask(self, method, path, body=None, headers=None):
        headers = {"Content-Type": "application/json", **(headers or {})} if body is not None else headers or {}
        try:
            self.connection.request(method, path, body, headers)
            reply = self.connection.getresponse()
            return reply.status, reply.read()
        except (http.client.HTTPException, OSError):
            self.connection.close()
            raise

    def post(self, path, body, headers=None):
        return self.ask("POST", path, body, headers)

    def get(self, path, headers=None):
        return self.ask("GET", path, None, headers)

    def close(self):
        self.connection.close()
