# SPDX-License-Identifier: Apache-2.0
"""Requests that nobody should send: (name, bytes, statuses that are a right answer)."""

from wire import request

DATA = "/v1/secret/data/bad"

# libmicrohttpd answers by itself and closes, before the gateway sees a request (gateway/gateway.h):
# the status is right and the body is its own, or there is no reply.
PLAIN = "plain"


def bodies():
    """Bodies that are not what a write of a secret takes."""
    deep = b'{"data":{"a":' + b"[" * 40 + b"]" * 40 + b"}}"
    very_deep = b'{"data":{"a":' + b"[" * 100_000
    many = b'{"data":{' + b",".join(b'"k%d":0' % i for i in range(70_000)) + b"}}"
    cases = {
        "cut": b'{"data":{"a":1}',
        "only a brace": b"{",
        "a comma too much": b'{"data":{"a":1,}}',
        "no value": b'{"data":}',
        "a bare word": b"nul",
        "a string": b'"x"',
        "a list": b"[1]",
        "a number": b"5",
        "single quotes": b"{'data':{}}",
        "more after the end": b'{"data":{}} {"data":{}}',
        "not UTF-8": b'{"data":{"a":"\xff\xfe"}}',
        "overlong UTF-8": b'{"data":{"a":"\xc0\xaf"}}',
        "a lone surrogate": b'{"data":{"a":"\\ud800"}}',
        "a raw control character": b'{"data":{"a":"\x01"}}',
        "a NUL": b'{"data":{"a":"\x00"}}',
        "NaN": b'{"data":{"a":NaN}}',
        "a leading zero": b'{"data":{"a":01}}',
        "a bad escape": b'{"data":{"a":"\\x41"}}',
        "a comment": b'{"data":{} /* x */}',
        "a byte order mark": b'\xef\xbb\xbf{"data":{}}',
        "a member twice": b'{"data":{},"data":{}}',
        "a member twice inside": b'{"data":{"a":1,"a":2}}',
        "a member twice, escaped": b'{"data":{"a":1,"\\u0061":2}}',
        "deep": deep,
        "very deep": very_deep,
        "many members": many,
        "nothing": b"{}",
        "null": b"null",
        "data is a string": b'{"data":"x"}',
        "data is a list": b'{"data":[]}',
        "cas is a word": b'{"data":{},"options":{"cas":"x"}}',
        "cas is negative": b'{"data":{},"options":{"cas":-1}}',
        "cas is too large": b'{"data":{},"options":{"cas":99999999999999999999}}',
        "options is a list": b'{"data":{},"options":[1]}',
    }
    return cases


def of_bodies(token):
    for name, body in bodies().items():
        yield f"body: {name}", request("POST", DATA, token, body), {400, 413}
    merge = [("Content-Type", "application/merge-patch+json")]
    yield "patch: a list", request("PATCH", DATA, token, b"[1]", merge), {400, 404}
    yield "patch: plain JSON", request("PATCH", DATA, token, b'{"data":{}}'), {415}
    for where, body in {
        "/v1/secret/delete/bad": b'{"versions":"abc"}',
        "/v1/secret/destroy/bad": b'{"versions":[-1]}',
        "/v1/secret/metadata/bad": b'{"max_versions":-1}',
        "/v1/secret/config": b'{"delete_version_after":"1 fortnight"}',
        "/v1/auth/token/create": b'{"ttl":"soon"}',
        "/v1/auth/token/create ": b"{}",
        "/v1/auth/token/lookup": b'{"token":5}',
        "/v1/auth/approle/login": b'{"role_id":[1]}',
        "/v1/sys/policies/acl/bad": b'{"policy":"path {"}',
        "/v1/sys/capabilities-self": b'{"paths":{"a":1}}',
        "/v1/sys/mounts/bad": b'{"type":{}}',
        "/v1/sys/wrapping/unwrap": b'{"token":"nobody"}',
    }.items():
        yield f"type: {where}", request("POST", where, token, body), {400, 403, 404}


def of_sizes(token):
    yield "a declared giant", request(
        "POST", DATA, token, b"", [("Content-Length", str(10**12))]
    ), {413}
    yield "a real giant", request("POST", DATA, token, b" " * (3 << 20)), {413}
    yield "a large login", request("POST", "/v1/auth/approle/login", None, b" " * 200_000), {413}
    yield "a long path", request("GET", "/v1/secret/data/" + "a" * 20_000, token), {414, 431, PLAIN}
    yield "a long name", request("GET", "/v1/secret/data/" + "a" * 3_000, token), {400, 414}
    yield "many segments", request("GET", "/v1/secret/data" + "/a" * 1_500, token), {400, 414}
    yield "a long query", request("GET", DATA + "?x=" + "a" * 20_000, token), {414, 431, PLAIN}
    yield "a long header", request("GET", DATA, token, None, [("X-A", "a" * 100_000)]), {431, PLAIN}
    yield "many headers", request(
        "GET", DATA, token, None, [(f"X-{i}", "a") for i in range(2_000)]
    ), {431, PLAIN}
    yield "a long token", request("GET", DATA, "s." + "a" * 50_000), {403, 431, PLAIN}


def of_methods(token):
    for method in ("BREW", "TRACE", "get", "G@T", "X" * 100):
        yield f"method {method[:10]}", request(method, DATA, token), {400, 405}
    yield "method CONNECT", request("CONNECT", "localhost:80", token), {400, 404, 405}
    for method, path in (
        ("DELETE", "/v1/sys/health"),
        ("POST", "/v1/sys/seal-status"),
        ("DELETE", "/v1/auth/token/create"),
        ("PATCH", "/v1/sys/mounts"),
        ("PUT", "/v1/audit/checkpoint"),
        ("POST", "/v1/tee/info"),
    ):
        yield f"wrong method {method} {path}", request(method, path, token, b"{}"), {405, 415}


def of_tokens():
    for name, value in {
        "empty": "",
        "short": "s.",
        "of nobody": "s." + "A" * 24,
        "another kind": "hvs." + "A" * 90,
        "with spaces": "s.a b c",
        "not ASCII": b"s.\xff\xfe",
        "with a tab": "s.\tx",
        "a path": "../../root",
    }.items():
        yield f"token {name}", request("GET", DATA, value), {400, 403}
    yield "no token", request("GET", DATA), {403}
    yield "another scheme", request("GET", DATA, None, None, [("Authorization", "Basic cm9vdDp4")]), {400, 403}
    yield "two tokens", request("GET", DATA, "s.a", None, [("X-Vault-Token", "s.b")]), {400, 403}


def of_paths(token):
    for path in (
        "/v1/secret/data/../../sys/policy",
        "/v1/secret/data/..",
        "/v1/secret/data/./a",
        "/v1/secret/data/%2e%2e/a",
        "/v1/secret/data/%2e%2e%2fa",
        "/v1/secret/data/a%00b",
        "/v1/secret/data/a%0ab",
        "/v1/secret/data/a%7fb",
        "/v1/secret/data/a%ff",
        "/v1/secret/data/a%c0%af",
        "/v1/secret/data/a%zz",
        "/v1/secret/data/a%",
        "/v1/secret/data/a%e",
        b"/v1/secret/data/\xff\xfe",
        b"/v1/secret/data/a\x01b",
        "/v1/secret/data/a?version=abc",
        "/v1/secret/data/a?version=-1",
        "/v1/secret/data/a?version=99999999999999999999",
        "/v1/secret/metadata/a?list=maybe",
    ):
        yield f"path {path!r}", request("GET", path, token), {400}
    for path in ("/", "/v1", "/v1/", "/v2/sys/health", "/v1/nowhere/x", "/v1/sys/nothing",
                 "/v1/secret/nothing/x", "/v1/audit/tile/9/000", "/v1/audit/tile/0/xyz",
                 "/v1/audit/tile/entries/x999/999", "/index.html", "/.git/config"):  # fmt: skip
        yield f"unknown {path}", request("GET", path, token), {400, 404}
    yield "a write to a folder", request("POST", "/v1/secret/data/a/", token, b'{"data":{}}'), {400}


def of_framing(token):
    ask = lambda *headers, body=b"": request("POST", DATA, token, body, headers)
    yield "a length and chunks", ask(("Content-Length", "2"), ("Transfer-Encoding", "chunked"), body=b"{}"), {400}
    yield "two lengths", ask(("Content-Length", "2"), ("Content-Length", "3"), body=b"{}"), {400}
    yield "a negative length", ask(("Content-Length", "-5")), {400, PLAIN}
    yield "a length in words", ask(("Content-Length", "two")), {400, PLAIN}
    yield "a length with a plus", ask(("Content-Length", "+2"), body=b"{}"), {400, PLAIN}
    yield "an unknown transfer", ask(("Transfer-Encoding", "xyz"), ("Content-Length", "0")), {400, 501}
    chunked = b"POST " + DATA.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-Vault-Token: " + token.encode() + b"\r\n\r\n"
    yield "a chunk of no size", chunked + b"zz\r\n{}\r\n0\r\n\r\n", {400, 411, 413, PLAIN}
    yield "a header without colon", b"GET " + DATA.encode() + b" HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n", {400, PLAIN}
    yield "a space before the colon", ask(("X-A ", "b")), {400}
    yield "a folded header", b"GET " + DATA.encode() + b" HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n", {400}
    yield "a NUL in a header", ask(("X-A", b"a\x00b")), {400}
    yield "a control character in a header", ask(("X-A", b"a\x01b")), {400}
    yield "no host", b"GET " + DATA.encode() + b" HTTP/1.1\r\n\r\n", {400}
    yield "two hosts", request("GET", DATA, token, None, [("Host", "b")]), {400}
    yield "an old version", b"GET " + DATA.encode() + b"\r\n\r\n", {400, 505, PLAIN}
    yield "a version to come", b"GET " + DATA.encode() + b" HTTP/9.9\r\nHost: x\r\n\r\n", {400, 505, PLAIN}
    yield "no version", b"GET  HTTP/1.1\r\nHost: x\r\n\r\n", {400, PLAIN}
    yield "a bad wrapping time", request("GET", DATA, token, None, [("X-Vault-Wrap-TTL", "soon")]), {400}
    yield "another namespace", request("GET", DATA, token, None, [("X-Vault-Namespace", "other")]), {404}
    yield "an encoding nobody asked for", ask(("Content-Encoding", "gzip"), body=b"\x1f\x8b"), {400, 415}


def all_cases(token):
    for family in (of_bodies(token), of_sizes(token), of_methods(token), of_tokens(),
                   of_paths(token), of_framing(token)):  # fmt: skip
        yield from family


def cheap_cases(token):
    """Those small enough to be sent a hundred thousand times."""
    return [(n, raw, ok) for n, raw, ok in all_cases(token) if len(raw) < 4_000]
