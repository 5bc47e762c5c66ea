#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cases for the differential test, as lines of JSON.

usage: cases.py VECTORS KIND COUNT SEED

A base line {"base":N,"id":..,"now":..,"fields":{NAME:base64}} holds a genuine set; a case line
{"case":M,"base":N,"set":{NAME:base64}} changes some of its fields.  Case numbers below 1000000 are
the real vectors themselves, unchanged.
"""
import base64
import json
import os
import random
import re
import sys

PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.S)


def read(top, path):
    with open(os.path.join(top, path), "rb") as f:
        return f.read()


def nitro(top, item):
    return {"evidence": read(top, item["path"])}


def snp(top, item):
    if not item.get("vek"):
        return None
    fields = {"evidence": read(top, item["path"]), "vek": read(top, item["vek"])}
    issuer = fields["vek"]
    for product in ("Milan", "Genoa", "Turin"):
        if product.encode() in issuer:
            roots = "sev-snp/amd-roots/" + product.lower()
            fields["ark"] = read(top, roots + "-ark.der")
            fields["ask"] = read(top, roots + "-ask.der")
            fields["asvk"] = read(top, roots + "-asvk.der")
            fields["product"] = product.encode()
    return fields


def quote(top, item):
    wanted = {"tcb_info", "qe_identity", "pck_crl", "root_ca_crl", "tcb_signing_chain"}
    if not wanted <= set(item.get("collateral", {})):
        return None  # the other verifier judges nothing without them
    fields = {"evidence": read(top, item["path"])}
    for name, path in item.get("collateral", {}).items():
        data = read(top, path)
        fields[name] = data.strip() if name.endswith(("info", "identity")) else data
    if fields["evidence"][:8] == bytes([1, 0, 0, 0, 2, 0, 0, 0]):
        fields["evidence"] = fields["evidence"][16:]
    chain = PEM.findall(fields["evidence"])
    fields["pck_issuer_chain"] = b"".join(chain[1:])
    return fields


def maa(top, item):
    if not item.get("jwks"):
        return None
    token = read(top, item["path"]).strip()
    payload = token.split(b".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    return {"evidence": token, "jwks": read(top, item["jwks"]), "issuer": claims["iss"].encode()}


KINDS = {
    "nitro": ("nitro", nitro, ["evidence"]),
    "snp": ("sev-snp", snp, ["evidence", "evidence", "evidence", "vek", "ask"]),
    "quote": ("sgx", quote, ["evidence"] * 4 + ["tcb_info", "qe_identity", "tcb_info_sig",
                                               "qe_identity_sig", "tcb_signing_chain", "pck_crl",
                                               "root_ca_crl"]),
    "maa": ("maa", maa, ["evidence", "evidence", "evidence", "jwks"]),
}
EDGES = [0, 1, 2, 0x7F, 0x80, 0xFF, 0xFE, 0x1F, 0xBF, 0xF6, 0xA0, 0x30, 0x02, 0x5F]


def text_of(data):
    return all(c in b"\t\r\n" or 32 <= c < 127 for c in data[:4096])


def mutate(rng, data, other):
    """One to three small changes: bits, bytes, pieces moved, doubled, dropped or taken from another."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if not out:
            break
        at = rng.randrange(len(out))
        span = rng.choice([1, 1, 2, 4, 8, 16, 48, 64])
        how = rng.randrange(10)
        if how <= 2:
            out[at] ^= 1 << rng.randrange(8)
        elif how == 3:
            out[at] = rng.choice(EDGES)
        elif how == 4:
            del out[at:at + span]
        elif how == 5:
            out[at:at] = out[at:at + span]
        elif how == 6 and other:
            end = min(at + span, len(other))
            out[at:at + span] = other[at:end]
        elif how == 7:
            out = out[:max(1, len(out) - span)]
        elif how == 8:
            out += bytes(rng.randrange(256) for _ in range(span))
        else:
            b = rng.randrange(len(out))
            out[at:at + span], out[b:b + span] = out[b:b + span], out[at:at + span]
    return bytes(out)


def encode64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def mutate_token(rng, token, other):
    """Half of the time inside a part, encoded again, so that the changes get past the base64."""
    parts = token.split(b".")
    if rng.random() < 0.5 or len(parts) != 3:
        return mutate(rng, token, other)
    i = rng.randrange(3)
    raw = base64.urlsafe_b64decode(parts[i] + b"=" * (-len(parts[i]) % 4))
    parts[i] = encode64url(mutate(rng, raw, b""))
    return b".".join(parts)


def main():
    top, kind, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    manifest_kind, loader, targets = KINDS[kind]
    with open(os.path.join(top, "manifest.json")) as f:
        items = [i for i in json.load(f)["items"] if i["kind"] == manifest_kind]
    rng = random.Random(f"{kind} {seed}")
    bases = []
    b64 = lambda data: base64.b64encode(data).decode()
    for item in items:
        fields = loader(top, item)
        if fields is None:
            continue
        n = len(bases)
        now = item["expect"].get("at") or 1700000000
        good = item["expect"]["verdict"] == "valid"
        bases.append((n, fields, good, now))
        print(json.dumps({"base": n, "id": item["id"], "now": now, "good": good,
                          "fields": {k: b64(v) for k, v in fields.items()}}))
        print(json.dumps({"case": n, "base": n, "set": {}}))
    # Of quotes, those with TCB info that the other verifier can read (version 3).
    seeds = [b for b in bases if b[2] and (kind != "quote" or b"sgxtcbcomponents" in b[1]["tcb_info"])]
    for m in range(count):
        n, fields, _, _ = rng.choice(seeds)
        name = rng.choice([t for t in targets if t in fields])
        other = rng.choice(seeds)[1].get(name, b"")
        change = mutate_token if kind == "maa" and name == "evidence" else mutate
        changed = fields[name]
        while changed == fields[name]:
            changed = change(rng, fields[name], other)
        print(json.dumps({"case": 1000000 + m, "base": n,
                          "set": {name: b64(changed)}}))


main()
