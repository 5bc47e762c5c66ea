# SPDX-License-Identifier: Apache-2.0
"""An open channel's keys, the initiator's side: requests sealed, replies opened, the next epoch."""

import os

import schedule as s
from wire import b64u, read, unb64u, write


class Session:
    def __init__(self, cid, master, told):
        self.cid, self.told = cid, told
        self.epoch, self.seq = s.Epoch(master, 0), 0

    @property
    def path(self):
        return f"/v1/tee/channel/{b64u(self.cid)}/msg"

    def seal(self, method, path, plain, epoch=None, seq=None):
        """The body of a message, and what its reply is opened with."""
        epoch = epoch or self.epoch
        if seq is None:
            self.seq += 1
            seq = self.seq
        sealed = epoch.seal(self.cid, seq, s.FROM_INITIATOR, method, path, plain)
        body = write({"e": epoch.number, "s": seq, "m": method, "p": path, "c": b64u(sealed)})
        return body, (epoch, seq, method, path)

    def open(self, asked, body):
        """InvalidTag, ValueError, KeyError: it is not the reply to what was asked."""
        epoch, seq, method, path = asked
        outer = read(body)
        if (outer.get("e", epoch.number), outer.get("s", seq)) != (epoch.number, seq):
            raise ValueError("the reply to another message")
        plain = epoch.open(self.cid, seq, s.FROM_RESPONDER, method, path, unb64u(outer["c"]))
        return read(plain)

    def psk(self, number):
        return s.expand(self.epoch.master, b"resume", s.u32(number), 48)


class Rekey:
    """From a session's epoch to the next.  `r1` is sent within it; `answer` reads R2."""

    def __init__(self, session):
        self.session, self.key, self.nonce = session, s.new_key(), os.urandom(32)
        self.r1 = write({"eph": b64u(s.point(self.key)), "nonce": b64u(self.nonce)})

    def answer(self, r2):
        share = read(r2)
        peer, self.nonce_r = unb64u(share["eph"], 97), unb64u(share["nonce"], 32)
        if peer == s.point(self.key) or self.nonce_r == self.nonce:
            raise ValueError("a reflection")
        ss = s.agree(self.key, s.load_point(peer))
        now = self.session.epoch
        master = s.next_master(now.master, ss, self.nonce, self.nonce_r, self.r1, r2)
        self.epoch = s.Epoch(master, now.number + 1)
        self.bind_r = s.rekey_binding(b"R", self.epoch.number, self.epoch.exporter)
        self.bind_i = s.rekey_binding(b"I", self.epoch.number, self.epoch.exporter)

    def commit(self):
        self.session.epoch, self.session.seq = self.epoch, 0
        self.key = None
