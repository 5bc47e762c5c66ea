# SPDX-License-Identifier: Apache-2.0
"""The known answers of docs/channel.md, minted anew from the labels that the page gives."""

import json
import pathlib
import re

import schedule as s
from cryptography.hazmat.primitives.asymmetric import ec
from wire import b64u

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "channel.md"


def stated():
    """The table of the page: name to hex."""
    part = PAGE.read_text().split("## Known answers")[1]
    return dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]+)` \|$", part, re.M))


def key(label):
    return ec.derive_private_key(int.from_bytes(s.H(b"KAT " + label)[:47], "big"), ec.SECP384R1())


def write(value):
    return json.dumps(value, separators=(",", ":")).encode()


def minted():
    i, r, id_r = key(b"initiator ephemeral"), key(b"responder ephemeral"), key(b"responder identity")
    nonce_i, nonce_r, cid = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 80))
    head = {"v": 1, "suite": s.SUITE}
    b1 = write({**head, "nonce": b64u(nonce_i), "eph": b64u(s.point(i)), "accept": ["nitro", "snp"], "aud": "tee-secrets/prod"})
    b2 = write({**head, "cid": b64u(cid), "nonce": b64u(nonce_r), "eph": b64u(s.point(r)), "id": b64u(s.spki(id_r)),
                "policy": "0" * 96, "bind": "raw48"})  # fmt: skip
    er, ei = b'{"tee":"sample","body":"R"}', b'{"tee":"sample","body":"I"}'
    out = {"ss": s.agree(i, r.public_key()), "th1": s.th1(b1, b2)}
    assert out["ss"] == s.agree(r, i.public_key())
    out["prk"] = prk = s.prk(nonce_i, nonce_r, out["ss"])
    out["binder_r"] = s.expand(prk, b"binder r", out["th1"], 48)
    out["bind_r"] = s.binding(b"R", out["th1"], prk, s.point(r), s.spki(id_r))
    out["hs_r"] = s.expand(prk, b"hs r", out["th1"], 32)
    out["sealed Er"] = s.seal_once(out["hs_r"], out["th1"], er)
    out["th2"] = s.th2(out["th1"], er)
    out["binder_i"] = s.expand(prk, b"binder i", out["th2"], 48)
    out["bind_i"] = s.binding(b"I", out["th2"], prk, s.point(i), b"")
    out["hs_i"] = s.expand(prk, b"hs i", out["th2"], 32)
    out["sealed Ei"] = s.seal_once(out["hs_i"], out["th2"], ei)
    out["th3"] = th3 = s.th3(out["th2"], ei)
    out["fin_i"] = s.mac(s.expand(prk, b"fin i", th3, 48), th3)
    session = write({"rekey_after": 3600, "ttl": 28800})
    out["fin_r"] = s.mac(s.expand(prk, b"fin r", th3, 48), th3 + s.LP(out["fin_i"]) + s.LP(session))
    out["master_0"] = s.expand(prk, b"master", th3, 48)
    zero = s.Epoch(out["master_0"], 0)
    out["key_i2r"], out["iv_i2r"] = zero.key[s.FROM_INITIATOR]
    out["key_r2i"], out["iv_r2i"] = zero.key[s.FROM_RESPONDER]
    out["exporter_0"] = zero.exporter
    out["message"] = zero.seal(cid, 1, s.FROM_INITIATOR, "GET", "/v1/secret/data/a", b"{}")
    return {**out, **minted_rekey(out["master_0"])}


def minted_rekey(master):
    i, r = key(b"initiator rekey"), key(b"responder rekey")
    nonce_i, nonce_r = bytes(range(96, 128)), bytes(range(128, 160))
    r1, r2 = (write({"eph": b64u(s.point(k)), "nonce": b64u(n)}) for k, n in ((i, nonce_i), (r, nonce_r)))
    one = s.Epoch(s.next_master(master, s.agree(i, r.public_key()), nonce_i, nonce_r, r1, r2), 1)
    return {
        "master_1": one.master,
        "exporter_1": one.exporter,
        "binding of the rekey, r": s.rekey_binding(b"R", 1, one.exporter),
        "binding of the rekey, i": s.rekey_binding(b"I", 1, one.exporter),
    }
