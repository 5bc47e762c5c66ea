# SPDX-License-Identifier: Apache-2.0
"""An attested channel over plain HTTP: opened, used, rekeyed, resumed."""

import simulated_tee
from initiator import Initiator, Refused
from session import Rekey
from wire import b64u, read, unb64u, write


class Answer(Exception):
    """The server said no: its status, and what it said."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:300]!r}")
        self.status, self.body = status, body

    @property
    def code(self):
        try:
            return read(self.body).get("code")
        except ValueError:
            return None


class Server:
    """Whom to trust: an identity key (SPKI), the roots of its TEE's evidence, and the code it may run."""

    def __init__(self, identity, roots, measurements):
        self.identity, self.roots, self.measurements = identity, roots, measurements

    def judge(self, er, binding):
        """Er of a handshake, or of a rekey."""
        if er["mode"] != "fresh" or er["format"] != simulated_tee.FORMAT:
            raise Refused(f"evidence of mode {er['mode']}, format {er['format']}")
        try:
            return simulated_tee.verify(unb64u(er["evidence"]), self.roots, binding, self.measurements)
        except (simulated_tee.Refused, ValueError) as error:
            raise Refused(f"the server's evidence is {error}") from error


def none():
    """Ei of an operator, who has tokens and no TEE."""
    return write({"format": "none", "mode": "none"})


def resumed():
    return write({"format": "none", "mode": "resumed"})


def fresh(tee, binding, nonce, key, role=None):
    evidence = tee.evidence(binding, nonce, key)
    ei = {"format": simulated_tee.FORMAT, "evidence": b64u(evidence), "mode": "fresh"}
    return write({**ei, "role": role} if role else ei)


def body_of(reply):
    """JSON as it is; what is no JSON as bytes; None when there is none."""
    if "body_b64u" not in reply:
        return reply.get("body")
    body = unb64u(reply["body_b64u"])
    try:
        return read(body)
    except ValueError:
        return body


def post(http, path, body):
    status, reply = http.post(path, body)
    if status != 200:
        raise Answer(status, reply)
    return reply


class Channel:
    """`tee` None: an operator.  `ticket`: what ticket() of another channel gave."""

    def __init__(self, http, server, tee=None, role=None, ticket=None):
        self.http, self.server, self.tee = http, server, tee
        ticket, psk = ticket or (None, b"")
        i = Initiator(server.identity, self.accept(), ticket=ticket, psk=psk)
        i.reply(post(http, "/v1/tee/channel", i.hello()))
        if not i.resumed:
            server.judge(i.er, i.bind_r)
        self.resumed = i.resumed
        body = i.finish(self.own_evidence(i, role))
        self.session = i.done(post(http, f"/v1/tee/channel/{b64u(i.cid)}/finish", body))

    def accept(self):
        return [simulated_tee.FORMAT] if self.tee else [simulated_tee.FORMAT, "none"]

    def own_evidence(self, i, role):
        if i.resumed:
            return resumed()
        if self.tee is None:
            return none()
        return fresh(self.tee, i.bind_i, i.nonce_r, b"", role)

    def ask(self, method, path, body=None, token=None, hidden=True, **more):
        """Status and body of one request to the API.  `hidden`: no proxy learns what is asked."""
        inner = {**({"token": token} if token else {}), **more}
        outside = (method, path)
        if hidden:
            inner.update(method=method, path=path)
            outside = ("POST", "/v1/tee/inner")
        if body is not None:
            inner["body"] = body
        sealed, asked = self.session.seal(*outside, write(inner))
        reply = self.session.open(asked, post(self.http, self.session.path, sealed))
        return reply["status"], body_of(reply)

    def rekey(self):
        """The next epoch, in which both sides have proved themselves anew."""
        step = Rekey(self.session)
        plain = b'{"body":' + step.r1 + b"}"
        sealed, asked = self.session.seal("POST", "/v1/tee/channel/rekey", plain)
        reply = self.session.open(asked, post(self.http, self.session.path, sealed))
        told = body_of(reply)
        if reply["status"] != 200:
            raise Answer(reply["status"], write(told or {}))
        step.answer(unb64u(told["rekey"]))
        self.server.judge(read(unb64u(told["evidence"])), step.bind_r)
        step.commit()
        if self.tee:
            ei = fresh(self.tee, step.bind_i, step.nonce_r, b"")
            status, body = self.ask("POST", "/v1/tee/channel/reattest", {"evidence": b64u(ei)}, hidden=False)
            if status not in (200, 204):
                raise Answer(status, write(body or {}))

    def ticket(self):
        """What a later Channel resumes with: (ticket, its key)."""
        status, body = self.ask("POST", "/v1/tee/channel/ticket", hidden=False)
        if status != 200:
            raise Answer(status, write(body or {}))
        return unb64u(body["ticket"], 32), self.session.psk(body["n"])

    def close(self):
        return self.ask("POST", "/v1/tee/channel/close", hidden=False)
