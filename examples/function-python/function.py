# SPDX-License-Identifier: Apache-2.0
"""A function that is given its secret because of what it is, and signs with a key it never sees.

    function.py --server URL --trust trust.json --tee FOLDER --role NAME --secret PATH --key NAME MESSAGE

It proves its code to the server and has the server prove its own, over plain HTTP.  Then it fetches
a secret (KV version 2, with a member "password"), sealed to a key that exists in this process only,
and has MESSAGE signed by a transit key.  It prints what it made with both, as JSON, and no secret."""

import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import sys

import jwe
import schedule
import simulated_tee
from channel import Answer, Channel, Server
from initiator import Refused
from wire import Http, read, unb64u

FOLDER = pathlib.Path(__file__).resolve().parent


def own_measurement():
    """A real TEE measures what it loads; here that is this folder's code, in order of names."""
    digest = hashlib.sha384()
    for path in sorted(FOLDER.glob("*.py")):
        digest.update(schedule.LP(path.name.encode()) + schedule.LP(path.read_bytes()))
    return digest.digest()


def trusted(path):
    """What an operator wrote down of the server: identity_key, roots (PEM), measurements (hex)."""
    told = read(pathlib.Path(path).read_bytes())
    roots = simulated_tee.roots_of("".join(told["roots"]).encode())
    return Server(base64.b64decode(told["identity_key"]), roots, {bytes.fromhex(m) for m in told["measurements"]})


def expect(ask, method, path, body=None):
    status, reply = ask(method, path, body)
    if status != 200:
        raise Answer(status, json.dumps(reply).encode())
    return reply["data"]


def release(ask, tee, role, paths):
    """Secrets by path, each as its read would have shown it.  `ask`: a channel's, or plain HTTP's."""
    nonce = unb64u(expect(ask, "POST", "/v1/tee/challenge")["nonce"])
    key = schedule.new_key()
    label = schedule.LP(b"tee-secrets-release-v1")
    binding = schedule.H(label + schedule.LP(nonce) + schedule.LP(schedule.spki(key)))
    data = expect(ask, "POST", "/v1/tee/release", {
        "role": role, "format": simulated_tee.FORMAT, "nonce": base64.urlsafe_b64encode(nonce).rstrip(b"=").decode(),
        "evidence": base64.b64encode(tee.evidence(binding)).decode(), "recipient": jwe.spki_b64(key),
        "paths": paths, "wrap": "jwe",
    })  # fmt: skip
    return {one["path"]: read(jwe.open_jwe(key, one["wrapped"])) for one in data["released"]}


def run(options):
    tee = simulated_tee.SimulatedTee.at(options.tee, own_measurement())
    channel = Channel(Http(options.server), trusted(options.trust), tee=tee, role=options.role)
    secret = release(channel.ask, tee, options.role, [options.secret])[options.secret]
    message = options.message.encode()
    signed = expect(channel.ask, "POST", f"/v1/transit/sign/{options.key}", {"input": base64.b64encode(message).decode()})
    password = secret["data"]["data"]["password"].encode()
    channel.close()
    return {
        "message": options.message,
        "hmac": hmac.new(password, message, "sha256").hexdigest(),
        "signature": signed["signature"],
        "policies": channel.session.told["policies"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--tee", required=True, help="folder of the simulated TEE; made if it is not there")
    parser.add_argument("--measurement", action="store_true", help="print this code's measurement and end")
    for name in ("server", "trust", "role", "secret", "key"):
        parser.add_argument(f"--{name}")
    parser.add_argument("message", nargs="?", default="")
    options = parser.parse_args()
    if options.measurement:
        simulated_tee.SimulatedTee.at(options.tee, own_measurement())
        print(own_measurement().hex())
        return 0
    try:
        print(json.dumps(run(options), indent=2))
    except (Answer, Refused, jwe.Refused, OSError) as error:
        print(f"function: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
