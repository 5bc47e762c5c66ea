# SPDX-License-Identifier: Apache-2.0
"""The initiator's handshake of amc-v1, step by step.  It sends nothing: bytes in, bytes out.

    i = Initiator(...)
    i.hello()                    B1, to be posted
    i.reply(body)                who answered: i.id, i.er; what to check it against: i.bind_r
    i.finish(ei)                 the body to be posted; its evidence is over i.bind_i
    i.done(body)                 a Session
"""

import hmac
import os

import schedule as s
from cryptography.exceptions import InvalidSignature, InvalidTag
from session import Session
from wire import b64u, read, unb64u, write


class Refused(Exception):
    """The other side is not who it should be, or somebody altered what it said."""


class Initiator:
    """`expects`: the other side's identity, SPKI.  `aud`: whom it asks for, if that is a name.
    `identity`: an own key, when there is one."""

    def __init__(self, expects, accept, aud=None, identity=None, ticket=None, psk=b"", key=None):
        self.key, self.nonce = key or s.new_key(), os.urandom(32)
        self.expects = expects
        self.identity = identity
        self.id_i = s.spki(identity) if identity else b""
        self.ticket, self.psk = ticket, psk
        self.aud, self.accept = aud or b64u(expects), accept
        self.resumed = False

    def hello(self):
        b1 = {"v": 1, "suite": s.SUITE, "nonce": b64u(self.nonce), "eph": b64u(s.point(self.key)),
              "accept": list(self.accept), "aud": self.aud}  # fmt: skip
        if self.identity:
            b1["id"] = b64u(self.id_i)
        if self.ticket:
            b1["psk"] = b64u(self.ticket)
        self.b1 = write(b1)
        return self.b1

    def reply(self, body):
        """Verifies everything that a signature and a tag can show.  The evidence is the caller's."""
        try:
            outer = read(body)
            b2_bytes = unb64u(outer["hello"])
            b2 = self._read_b2(b2_bytes)
            self.th1 = s.th1(self.b1, b2_bytes)
            self.resumed = b2.get("psk") is True
            if self.resumed and not self.ticket:
                raise Refused("it takes a ticket that was not given")
            ss = s.agree(self.key, s.load_point(self.eph_r))
            self.prk = s.prk(self.nonce, self.nonce_r, ss, self.psk if self.resumed else b"")
            self.bind_r = s.binding(b"R", self.th1, self.prk, self.eph_r, self.id)
            hs_r = s.expand(self.prk, b"hs r", self.th1, 32)
            er = s.open_once(hs_r, self.th1, unb64u(outer["evidence"]))
            self.th2 = s.th2(self.th1, er)
            signed = s.LP(s.PROTO) + s.LP(b"sig r") + self.th2
            s.verify(s.load_spki(self.id), unb64u(outer["sig"], 96), signed)
            self.er = self._read_er(er)
        except (KeyError, TypeError, ValueError, InvalidSignature, InvalidTag) as error:
            raise Refused(f"the reply to the hello: {error or type(error).__name__}") from error
        self.bind_i = s.binding(b"I", self.th2, self.prk, s.point(self.key), self.id_i)
        return self.er

    def _read_b2(self, data):
        b2 = read(data)
        if b2["v"] != 1 or b2["suite"] != s.SUITE or b2["bind"] not in ("raw48", "maa32", "tpm32"):
            raise Refused("it speaks another protocol")
        self.cid, self.nonce_r = unb64u(b2["cid"], 16), unb64u(b2["nonce"], 32)
        self.eph_r, self.id = unb64u(b2["eph"], 97), unb64u(b2["id"], 120)
        if self.nonce_r == self.nonce or self.eph_r == s.point(self.key):
            raise Refused("a reflection")
        if self.id != self.expects:
            raise Refused("another identity than the one asked for")
        self.takes = b2.get("accept", [])
        return b2

    def _read_er(self, data):
        er = read(data)
        if self.resumed != (er["mode"] == "resumed"):
            raise Refused("no evidence, and no ticket taken")
        if not self.resumed and er["format"] not in self.accept:
            raise Refused("evidence of a format that was not offered")
        return er

    def finish(self, ei):
        self.th3 = s.th3(self.th2, ei)
        hs_i = s.expand(self.prk, b"hs i", self.th2, 32)
        self.fin_i = s.mac(s.expand(self.prk, b"fin i", self.th3, 48), self.th3)
        body = {"evidence": b64u(s.seal_once(hs_i, self.th2, ei))}
        if self.identity:
            body["sig"] = b64u(s.sign(self.identity, s.LP(s.PROTO) + s.LP(b"sig i") + self.th3))
        body["fin"] = b64u(self.fin_i)
        return write(body)

    def done(self, body):
        try:
            outer = read(body)
            session = unb64u(outer["session"])
            key = s.expand(self.prk, b"fin r", self.th3, 48)
            fin_r = s.mac(key, self.th3 + s.LP(self.fin_i) + s.LP(session))
            if not hmac.compare_digest(fin_r, unb64u(outer["fin"], 48)):
                raise Refused("the last reply is not of this handshake")
            told = read(session)
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"the last reply: {error}") from error
        made = Session(self.cid, s.expand(self.prk, b"master", self.th3, 48), told)
        self.prk = self.key = None
        return made
