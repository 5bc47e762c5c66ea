#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PyJWT's verdict on MAA tokens; reads cases from standard input."""
import base64
import datetime
import json
import sys

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers


def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def key_of(jwks, kid):
    for k in jwks["keys"]:
        if k.get("kid") == kid:
            if "x5c" in k:
                return x509.load_der_x509_certificate(base64.b64decode(k["x5c"][0])).public_key()
            return RSAPublicNumbers(number(k["e"]), number(k["n"])).public_key()
    raise ValueError("kid not in JWKS")


def judge(fields, now):
    token = fields["evidence"].decode("ascii").strip()
    kid = jwt.get_unverified_header(token)["kid"]
    key = key_of(json.loads(fields["jwks"]), kid)
    claims = jwt.decode(token, key, algorithms=["RS256"], issuer=fields["issuer"].decode(),
                        options={"require": ["exp", "nbf", "iss"], "verify_exp": False,
                                 "verify_nbf": False, "verify_iat": False, "verify_aud": False})
    # PyJWT asks the clock of the process; the case has its own.
    if not int(claims["nbf"]) - 300 <= now <= int(claims["exp"]) + 300:
        raise ValueError("not valid at this time")


bases = {}
for line in sys.stdin:
    o = json.loads(line)
    if "case" not in o:
        bases[o["base"]] = (o["now"], {k: base64.b64decode(v) for k, v in o["fields"].items()})
        continue
    now, fields = bases[o["base"]]
    fields = {**fields, **{k: base64.b64decode(v) for k, v in o["set"].items()}}
    try:
        judge(fields, now)
        print(o["case"], "accept")
    except Exception as e:
        print(o["case"], "refuse", type(e).__name__, str(e).replace("\n", " ")[:100])
