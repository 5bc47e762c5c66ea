# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document holds for a live server."""

import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

import jsonschema
import pytest
import yaml
from openapi_spec_validator import validate

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from server import TREE, Server  # noqa: E402

DOCUMENT = TREE / "openapi" / "tee-secrets.yaml"
SPEC = yaml.safe_load(DOCUMENT.read_text())
METHODS = ("get", "post", "put", "delete", "patch", "head", "options")

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
# What would end the run itself; called with a token that may do nothing instead.
DANGEROUS = ["sysSeal", "sysDisableMount", "tokenRevokeSelf"]


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        token = running.root_token
        running.request("POST", "/v1/sys/mounts/transit", {"type": "transit"}, token)
        running.request("POST", "/v1/transit/keys/orders", {"type": "ecdsa-p256"}, token)
        yield running
        assert running.process.poll() is None, running.log[-4000:]


def operations():
    for path, item in SPEC["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def resolve(node):
    while "$ref" in node:
        found = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def test_the_document_is_valid_openapi():
    validate(SPEC)


def test_each_operation_says_who_may_call_it_and_whether_it_is_audited():
    seen = set()
    for path, method, op in operations():
        where = f"{method} {path}"
        assert op["x-who"] in ("anyone", "visitor", "holder", "token", "sudo", "peer"), where
        assert op["x-audited"] in ("nothing", "device", "read", "write", "auth", "node", "inner"), where
        assert (op.get("security") == []) == (op["x-who"] in ("anyone", "peer")), where
        assert op["operationId"] not in seen, where
        assert "requestBody" not in op or op["x-body-max"] > 0, where
        seen.add(op["operationId"])


def test_each_example_is_what_its_schema_says():
    schemas = {"components": SPEC["components"]}
    wrong = []

    def check(media, where):
        if "example" not in media or media["schema"].get("type") == "string":
            return
        schema = {**media["schema"], **schemas}
        for error in jsonschema.Draft202012Validator(schema).iter_errors(media["example"]):
            wrong.append(f"{where}: {list(error.absolute_path)}: {error.message}")

    for path, method, op in operations():
        for media in op.get("requestBody", {}).get("content", {}).values():
            check(media, f"{op['operationId']} request")
        for status, reply in op["responses"].items():
            for media in resolve(reply).get("content", {}).values():
                check(media, f"{op['operationId']} {status}")
    assert not wrong, "\n".join(wrong)


def test_the_server_shows_this_document(server):
    status, body = server.request("GET", "/v1/sys/openapi")
    assert status == 200
    served = yaml.safe_load(body) if isinstance(body, bytes) else body
    assert served == SPEC


def test_no_get_is_refused_as_a_method(server):
    """Each documented path is routed: whatever it answers, it is not 405."""
    for path, method, op in operations():
        if op["operationId"] in DANGEROUS:
            continue
        concrete = re.sub(r"\{(\w+)\}", lambda m: {"mount": "secret", "transit": "transit", "level": "0", "index": "000"}.get(m[1], "x"), path)
        status, body = server.request(method.upper(), concrete, {} if method in ("post", "patch") else None)
        assert status != 405, f"{op['operationId']}: {method} {concrete}: {body}"


def schemathesis(server, folder, token, *choice):
    report = folder / "junit.xml"
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT), "--url", server.url,
        "--header", f"X-Vault-Token: {token}", "--checks", ",".join(CHECKS), "--seed", "1",
        "--max-examples", "20", "--phases", "examples,coverage,fuzzing", "--workers", "1",
        "--continue-on-failure", "--suppress-health-check", "all", "--no-color",
        "--generation-database", "none",
        "--report", "junit", "--report-junit-path", str(report), *choice,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1500
    )
    assert report.exists(), done.stdout[-4000:] + done.stderr[-2000:]
    cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
    assert len(cases) > 0
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    return len(cases)


def test_every_reply_to_generated_requests_conforms(server, tmp_path):
    choice = [word for name in DANGEROUS for word in ("--exclude-operation-id", name)]
    tried = schemathesis(server, tmp_path, server.root_token, *choice)
    assert tried >= len(list(operations())) - len(DANGEROUS)


def test_what_would_end_the_server_is_refused_without_rights(server, tmp_path):
    reply = server.request(
        "POST", "/v1/auth/token/create", {"policies": ["default"]}, server.root_token
    )[1]
    choice = [word for name in DANGEROUS[:2] for word in ("--include-operation-id", name)]
    assert schemathesis(server, tmp_path, reply["auth"]["client_token"], *choice) >= 2
    assert server.request("GET", "/v1/sys/health")[0] == 200
