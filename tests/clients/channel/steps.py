# SPDX-License-Identifier: Apache-2.0
"""A handshake and a message taken apart, so that each step may be done wrongly."""

import string

import initiator
from channel import body_of, fresh, none
from wire import b64u, read, write

ALPHABET = (string.ascii_letters + string.digits + "-_").encode()


class Handshake:
    """Begins with `server`; finish() may be given another's evidence, or another body."""

    def __init__(self, server, tee=None, http=None, expects=None, **more):
        self.server, self.tee, self.http = server, tee, http or server.http()
        self.expects = expects or server.known()
        accept = ["sim-v1"] if tee else ["sim-v1", "none"]
        self.i = initiator.Initiator(self.expects.identity, accept, **more)
        self.status, self.reply = self.http.post("/v1/tee/channel", self.i.hello())
        if self.status == 200:
            self.i.reply(self.reply)
            if not self.i.resumed:
                self.expects.judge(self.i.er, self.i.bind_r)

    @property
    def path(self):
        return f"/v1/tee/channel/{b64u(self.i.cid)}/finish"

    def own(self, role=None, tee=None, binding=None):
        tee = tee or self.tee
        return fresh(tee, binding or self.i.bind_i, b"", b"", role) if tee else none()

    def body(self, ei=None):
        return self.i.finish(ei if ei is not None else self.own())

    def finish(self, ei=None):
        """Status and body of the reply."""
        return self.http.post(self.path, self.body(ei))

    def open(self, ei=None):
        status, body = self.finish(ei)
        assert status == 200, body
        return self.i.done(body)


def send(http, session, method, path, plain=b"{}", **more):
    """Status outside, and what the message would be opened with: for what may be refused."""
    body, asked = session.seal(method, path, plain, **more)
    status, reply = http.post(session.path, body)
    return status, unsealed(session, asked, reply) if status == 200 else reply


def unsealed(session, asked, reply):
    """The inner reply, its body read."""
    told = session.open(asked, reply)
    return {**told, "body": body_of(told)}


def told(reply):
    """Code and sentences of a refusal outside; it has nothing else."""
    body = read(reply)
    assert set(body) == {"errors", "code", "request_id"}, body
    return body["code"], body["errors"]


def flip(text, at):
    """One byte of a JSON body, to another; what may be base64 stays base64."""
    byte = text[at : at + 1]
    other = bytes([ALPHABET[(ALPHABET.index(byte) + 1) % len(ALPHABET)]]) if byte in ALPHABET else bytes([byte[0] ^ 1])
    return text[:at] + other + text[at + 1 :]


def inner(**members):
    return write(members)
