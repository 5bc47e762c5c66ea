# SPDX-License-Identifier: Apache-2.0
"""The other role of amc-v1, for tests of the client alone: it believes whoever comes, and echoes.

It has post() as wire.Http has, so that a Channel talks to it in this process."""

import os
import re

import schedule as s
from channel import fresh
from cryptography.exceptions import InvalidTag
from simulated_tee import SimulatedTee
from wire import b64u, read, unb64u, write


class Responder:
    def __init__(self, tee=None):
        self.tee, self.id = tee or SimulatedTee(bytes(48)), s.new_key()
        self.half, self.open = {}, {}

    def post(self, path, body):
        found = re.fullmatch("/v1/tee/channel(?:/([A-Za-z0-9_-]{22})/(finish|msg))?", path)
        if found.group(2) is None:
            return 200, self.hello(body)
        return 200, getattr(self, found.group(2))(unb64u(found.group(1), 16), body)

    def hello(self, b1_bytes):
        b1, key, nonce, cid = read(b1_bytes), s.new_key(), os.urandom(32), os.urandom(16)
        nonce_i, eph_i = unb64u(b1["nonce"], 32), unb64u(b1["eph"], 97)
        b2 = write({"v": 1, "suite": s.SUITE, "cid": b64u(cid), "nonce": b64u(nonce), "eph": b64u(s.point(key)),
                    "id": b64u(s.spki(self.id)), "policy": "0" * 96, "bind": "raw48", "exp": 30})  # fmt: skip
        th1 = s.th1(b1_bytes, b2)
        prk = s.prk(nonce_i, nonce, s.agree(key, s.load_point(eph_i)))
        bind = s.binding(b"R", th1, prk, s.point(key), s.spki(self.id))
        er = fresh(self.tee, bind, nonce_i, s.spki(key))
        th2 = s.th2(th1, er)
        self.half[cid] = (prk, th2, nonce)
        sig = s.sign(self.id, s.LP(s.PROTO) + s.LP(b"sig r") + th2)
        sealed = s.seal_once(s.expand(prk, b"hs r", th1, 32), th1, er)
        return write({"hello": b64u(b2), "evidence": b64u(sealed), "sig": b64u(sig)})

    def finish(self, cid, body):
        prk, th2, _ = self.half.pop(cid)
        body = read(body)
        ei = s.open_once(s.expand(prk, b"hs i", th2, 32), th2, unb64u(body["evidence"]))
        th3 = s.th3(th2, ei)
        fin_i = unb64u(body["fin"], 48)
        assert fin_i == s.mac(s.expand(prk, b"fin i", th3, 48), th3)
        session = write({"rekey_after": 3600, "ttl": 28800})
        fin = s.mac(s.expand(prk, b"fin r", th3, 48), th3 + s.LP(fin_i) + s.LP(session))
        self.open[cid] = [s.Epoch(s.expand(prk, b"master", th3, 48), 0)]
        return write({"session": b64u(session), "fin": b64u(fin)})

    def msg(self, cid, body):
        body = read(body)
        epoch = next(e for e in self.open[cid] if e.number == body["e"])
        where = (cid, body["s"], s.FROM_INITIATOR, body["m"], body["p"])
        try:
            plain = epoch.open(*where, unb64u(body["c"]))
        except InvalidTag as error:
            raise AssertionError("a message that does not open") from error
        reply = write({"status": 200, "body": self.inner(cid, body["p"], plain)})
        sealed = epoch.seal(cid, body["s"], s.FROM_RESPONDER, body["m"], body["p"], reply)
        return write({"e": body["e"], "s": body["s"], "c": b64u(sealed)})

    def inner(self, cid, path, plain):
        if not path.endswith("/rekey"):
            return {"echo": read(plain)}
        r1 = plain[len(b'{"body":') : -1]
        share, key, nonce = read(r1), s.new_key(), os.urandom(32)
        r2, now = write({"eph": b64u(s.point(key)), "nonce": b64u(nonce)}), self.open[cid][-1]
        ss = s.agree(key, s.load_point(unb64u(share["eph"])))
        master = s.next_master(now.master, ss, unb64u(share["nonce"]), nonce, r1, r2)
        self.open[cid].append(s.Epoch(master, now.number + 1))
        bind = s.rekey_binding(b"R", now.number + 1, self.open[cid][-1].exporter)
        return {"rekey": b64u(r2), "evidence": b64u(fresh(self.tee, bind, unb64u(share["nonce"]), s.spki(key)))}
