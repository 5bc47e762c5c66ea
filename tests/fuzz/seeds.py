#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real evidence as inputs of the harnesses: seeds.py VECTORS OUT writes OUT/NOUN/*.

VECTORS is a folder with manifest.json that says of each item its kind, its files, and when it was
valid.  OUT must not be in the source tree: these bytes are other people's.
"""
import base64
import hashlib
import json
import pathlib
import struct
import sys

# tests/fuzz/parcel.h
PINNED, BELIEVE, ALLOW_DEBUG, ALLOW_TCB, CACHED, VARIANT = 1, 4, 8, 16, 64, 128
LATER = 1_767_225_600  # where the index gives no time: 2026
INPUT_MAX = 1 << 20

vectors, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def put(noun, name, data):
    """One input, under a name that its bytes give it, so that the same one is written once."""
    if len(data) <= INPUT_MAX:
        (out / noun).mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(data).hexdigest()[:8]
        (out / noun / f"{name.split('/')[-1][:60]}-{digest}").write_bytes(data)


def parcels(noun, item, evidence, beside, flags=0):
    at = item["expect"].get("at") or LATER
    items = b"".join(struct.pack(">I", len(b)) + b for b in [evidence, *beside])
    for mode in (0, CACHED, BELIEVE):
        head = struct.pack(">BI", flags | mode | PINNED | ALLOW_DEBUG | ALLOW_TCB, at)
        put(noun, item["id"], head + items)


def read(path):
    return (vectors / path).read_bytes()


def nitro(item):
    document = read(item["path"])
    parcels("nitro", item, document, [])
    put("cose", item["id"], document)
    put("cbor", item["id"], document)


def sev_snp(item):
    roots = [p.read_bytes() for p in sorted((vectors / "sev-snp/amd-roots").glob("*.der"))]
    vek = [read(item["vek"])] if item.get("vek") else []
    parcels("snp", item, read(item["path"]), vek + roots)
    if item.get("hcl"):
        parcels("az_vtpm", item, read(item["hcl"]), vek + roots)
    for der in vek + roots:
        put("collateral", item["id"], der)
        put("der", item["id"], der)


def sgx(item):
    quote = read(item["path"])
    tdx = VARIANT if quote[4:8] == b"\x81\0\0\0" else 0
    beside = [read(path) for path in item.get("collateral", {}).values()]
    parcels("quote", item, quote, beside, tdx)
    for data in beside:
        put("collateral", item["id"], data)
        if data.startswith(b"-----"):
            put("pem", item["id"], data)
    at = quote.find(b"-----BEGIN")
    if at >= 0:
        put("pem", item["id"], quote[at:])


def maa(item):
    token = read(item["path"])
    body = token.split(b".")[1]
    issuer = json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))["iss"]
    jwks = [read(item["jwks"]), issuer.encode()] if item.get("jwks") else []
    parcels("maa", item, token, jwks)
    put("jose", item["id"], token)


kinds = {"nitro": nitro, "sev-snp": sev_snp, "sgx": sgx, "maa": maa}
for entry in json.loads((vectors / "manifest.json").read_text())["items"]:
    if entry["kind"] in kinds:
        kinds[entry["kind"]](entry)
