# SPDX-License-Identifier: Apache-2.0
"""OpenSSL's engine, nginx, OpenSSH and GnuTLS, as they are, with keys that are not on this machine."""

import os
import pathlib
import pwd
import re
import socket
import time

import pytest

from server import free_port

ENGINES = [
    "/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so",
    "/usr/lib/aarch64-linux-gnu/engines-3/pkcs11.so",
]
LABELS = ["p256", "rsa"]


def eventually(true):
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come true")


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def uri(key):
    return f"pkcs11:object={key};type=private"


@pytest.fixture
def engine(module, need):
    """The environment of programs with the engine; libp11 0.4.12 knows no Ed25519, so keys are named."""
    need("openssl")
    if not any(os.path.exists(path) for path in ENGINES):
        pytest.skip("no libengine-pkcs11-openssl")
    settings = module.file(
        "pkcs11.conf",
        f"address = {module.server.url}\n"
        f"ca_cert = {module.server.certificate}\n"
        f"token_file = {module.file('token', module.token)}\n"
        f"keys = p256, rsa\n",
    )
    module.file("token").chmod(0o600)
    module.file(
        "openssl.cnf",
        "openssl_conf = all\n[all]\nengines = engines\n[engines]\npkcs11 = pkcs11\n"
        "[pkcs11]\nengine_id = pkcs11\n"
        f"MODULE_PATH = {module.path}\nINIT_ARGS = conf={settings}\ninit = 1\n"
        "[req]\ndistinguished_name = name\n[name]\n",
    )
    env = module.environment()
    for name in list(env):
        if name.startswith("TEE_SECRETS_") and name != "TEE_SECRETS_PKCS11_DEBUG":
            del env[name]  # all that it needs to know is in the files
    return dict(env, OPENSSL_CONF=str(module.file("openssl.cnf")))


@pytest.fixture
def certify(module, engine):
    def make(key):
        """A self-signed certificate, made through the engine."""
        said = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
        with_key = ["-engine", "pkcs11", "-keyform", "engine", "-key", uri(key)]
        out = module.file(f"{key}.crt")
        module.run("openssl", "req", "-new", "-x509", *with_key, *said, "-out", out, env=engine)
        return out

    return make


@pytest.mark.parametrize("key", LABELS)
def test_openssl_signs_files(module, engine, key):
    data = module.file("data", b"what is signed" * 1000)
    sign = ["openssl", "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine"]
    module.run(*sign, "-sign", uri(key), "-out", "sig", data, env=engine)
    verify = ["openssl", "dgst", "-sha256", "-verify", module.public_key(key), "-signature", "sig"]
    assert "Verified OK" in module.run(*verify, data)
    data.write_bytes(b"forged")
    module.run(*verify, data, ok=False)


def test_openssl_signs_with_pss(module, engine):
    data = module.file("data", b"what is signed")
    pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20"]
    sign = ["openssl", "dgst", "-sha384", "-engine", "pkcs11", "-keyform", "engine", *pss]
    module.run(*sign, "-sign", uri("rsa"), "-out", "sig", data, env=engine)
    verify = ["openssl", "dgst", "-sha384", *pss, "-verify", module.public_key("rsa")]
    assert "Verified OK" in module.run(*verify, "-signature", "sig", data)


def test_openssl_decrypts(module, engine):
    data = module.file("data", b"a session key")
    oaep = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"]
    public = ["-pubin", "-inkey", module.public_key("rsa")]
    module.run("openssl", "pkeyutl", "-encrypt", *public, *oaep, "-in", data, "-out", "sealed")
    key = ["-engine", "pkcs11", "-keyform", "engine", "-inkey", uri("rsa")]
    how = ["openssl", "pkeyutl", "-decrypt", *key, *oaep, "-in", "sealed", "-out", "plain"]
    module.run(*how, env=engine)
    assert module.file("plain").read_bytes() == b"a session key"


@pytest.mark.parametrize("key", LABELS)
def test_openssl_makes_certificates(module, certify, key):
    made = certify(key)
    assert "OK" in module.run("openssl", "verify", "-CAfile", made, made)
    public = module.run("openssl", "x509", "-in", made, "-noout", "-pubkey")
    assert public == module.public_key(key).read_text()


def fetch(module, port, certificate, *words):
    where = ["--cacert", certificate, f"https://127.0.0.1:{port}/"]
    return module.run("curl", "-sS", "--noproxy", "*", *words, *where, env={"PATH": os.environ["PATH"]})


def test_openssl_serves_tls(module, engine, certify, need, start):
    need("curl")
    made = certify("p256")
    port = free_port()
    with_key = ["-engine", "pkcs11", "-keyform", "engine", "-key", uri("p256"), "-cert", made]
    serve = ["openssl", "s_server", *with_key, "-accept", f"127.0.0.1:{port}", "-www"]
    start(serve, engine, lambda: listens(port))
    assert "TLSv1.3" in fetch(module, port, made)
    assert "TLSv1.2" in fetch(module, port, made, "--tls-max", "1.2")


NGINX = """
daemon off;
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx.err info;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""
NGINX_SERVER = """
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key "engine:pkcs11:{uri}";
        location / {{ return 200 "from {key}\\n"; }}
    }}
"""


def test_nginx_serves_tls(module, engine, certify, need, start):
    """Its workers have another user's rights, cannot read the token, and have no environment."""
    need("nginx", "curl")
    first = module.server.ask("POST", "/v1/auth/token/create", {"policies": ["user-of-keys"]})
    first = first["auth"]["client_token"]
    module.file("token", first)
    ports = {key: free_port() for key in LABELS}
    made = {key: certify(key) for key in LABELS}
    servers = [
        NGINX_SERVER.format(port=ports[key], certificate=made[key], uri=uri(key), key=key)
        for key in LABELS
    ]
    user = "user nobody nogroup;" if os.getuid() == 0 else ""
    text = NGINX.format(user=user, folder=module.folder, servers="".join(servers))
    command = ["nginx", "-c", module.file("nginx.conf", text), "-e", module.file("nginx.err")]
    log = module.file("nginx.err").read_text
    nginx = start(command, engine, lambda: all(listens(port) for port in ports.values()))
    for _ in range(4):  # both workers get their share
        for key in LABELS:
            assert fetch(module, ports[key], made[key]) == f"from {key}\n"
    assert fetch(module, ports["rsa"], made["rsa"], "--tls-max", "1.2") == "from rsa\n"
    # Another token in the file: SIGHUP is enough for it to be used by new workers.
    policies = {"policies": ["user-of-keys"]}
    made_token = module.server.ask("POST", "/v1/auth/token/create", policies)["auth"]
    module.file("token", made_token["client_token"])
    nginx.send_signal(1)
    eventually(lambda: log().count("gracefully shutting down") == 2)
    module.server.ask("POST", "/v1/auth/token/revoke", {"token": first})
    for key in LABELS:
        assert fetch(module, ports[key], made[key]) == f"from {key}\n"
    assert not re.search(r"\[(alert|crit|emerg|error)\]", log()), log()


SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
"""


@pytest.fixture
def sshd(module, need, start):
    """The port of an sshd of this test's own, and the user to log in as."""
    need("sshd", "ssh", "ssh-keygen")
    me = pwd.getpwuid(os.getuid())
    if os.getuid() == 0:
        shadow = [line for line in open("/etc/shadow") if line.startswith(f"{me.pw_name}:!")]
        if shadow:
            pytest.skip("the account that runs this is locked, and sshd lets nobody in there")
        os.makedirs("/run/sshd", exist_ok=True)
    module.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", module.file("host"))
    port = free_port()
    module.file("sshd_config", SSHD.format(port=port, folder=module.folder))
    daemon = ["/usr/sbin/sshd", "-D", "-e", "-f", module.file("sshd_config")]
    start(daemon, module.environment(), lambda: listens(port))
    return port, me.pw_name


def ssh(sshd, *words):
    port, user = sshd
    apart = ["-F", "none", "-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no"]
    apart += ["-o", "BatchMode=yes", "-p", port, *words]
    return ["ssh", *apart, f"{user}@127.0.0.1", "echo", "let", "in"]


def for_ssh(module):
    return module.environment(keys="p256,p521,rsa")  # a server takes six at most


def ssh_keys(module):
    """{type: line} of what ssh-keygen finds."""
    lines = module.run("ssh-keygen", "-D", module.path, env=for_ssh(module)).splitlines()
    return {line.split()[0]: line for line in lines if " AAAA" in line}


@pytest.mark.parametrize("kind", ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "ssh-rsa"])
def test_ssh_logs_in(module, sshd, kind):
    keys = ssh_keys(module)
    module.file("authorized", keys[kind] + "\n")
    with_module = ["-o", f"PKCS11Provider={module.path}", "-o", "IdentityAgent=none"]
    assert "let in" in module.run(*ssh(sshd, *with_module), env=for_ssh(module))
    others = [line for other, line in keys.items() if other != kind]
    module.file("authorized", others[0] + "\n")
    assert "let in" in module.run(*ssh(sshd, *with_module), env=for_ssh(module))
    module.file("authorized", "")
    module.run(*ssh(sshd, *with_module), env=for_ssh(module), ok=False)


def test_ssh_agent_holds_the_keys(module, sshd, need):
    need("ssh-agent", "ssh-add")
    module.file("authorized", ssh_keys(module)["ecdsa-sha2-nistp256"] + "\n")
    allowed = f"{module.path.parent}/*,{module.path.parent.resolve()}/*"
    said = module.run("ssh-agent", "-s", "-P", allowed, env=for_ssh(module))
    variables = dict(re.findall(r"(SSH_\w+)=([^;]+);", said))
    env = dict(for_ssh(module), **variables)
    try:
        module.run("ssh-add", "-s", module.path, env=env)
        assert "let in" in module.run(*ssh(sshd), env=env)
        module.run("ssh-add", "-e", module.path, env=env)
        module.run(*ssh(sshd), env=env, ok=False)
    finally:
        os.kill(int(variables["SSH_AGENT_PID"]), 15)


def test_ssh_keygen_signs_certificates(module, need):
    need("ssh-keygen")
    authority = module.file("ca.pub", ssh_keys(module)["ecdsa-sha2-nistp256"] + "\n")
    module.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", module.file("id"))
    sign = ["ssh-keygen", "-D", module.path, "-s", authority, "-I", "somebody", "-n", "user"]
    module.run(*sign, "id.pub", env=for_ssh(module))
    assert "Signing CA: ECDSA" in module.run("ssh-keygen", "-L", "-f", "id-cert.pub")


def test_java_signs(module, need):
    need("java", "openssl")
    if "jdk.compiler" not in module.run("java", "--list-modules"):
        pytest.skip("this Java cannot run a source file")
    for key, kind in [("java-p256", "ecdsa-p256"), ("java-rsa", "rsa-2048")]:
        module.certify(key, kind)
    settings = module.file("java.cfg", f"name = keys\nlibrary = {module.path}\n")
    source = pathlib.Path(__file__).with_name("Sign.java")
    by_token = module.environment(keys="java-p256,java-rsa")
    by_pin = module.environment(token="", keys="java-p256,java-rsa")
    assert module.run("java", source, settings, env=by_token).count(" true") == 5
    assert module.run("java", source, settings, module.token, env=by_pin).count(" true") == 5
    module.run("java", source, settings, "t.wrong", env=by_pin, ok=False)


def test_gnutls_uses_the_keys(module, need):
    need("p11tool")
    tool = ["p11tool", "--provider", module.path]
    listed = module.run(*tool, "--list-privkeys", "pkcs11:model=transit")
    for key in ["p256", "p384", "p521", "rsa", "ed"]:
        assert f"object={key};type=private" in listed
    assert "CKA_NEVER_EXTRACTABLE; CKA_SENSITIVE" in listed
    for key in ["p256", "rsa"]:
        said = module.run(*tool, "--test-sign", f"pkcs11:object={key}")
        assert said.count("... ok") == 3, said
    exported = module.run(*tool, "--export-pubkey", "pkcs11:object=p256;type=private")
    assert module.public_key("p256").read_text().strip() in exported


def test_gnutls_serves_tls(module, engine, certify, need, start):
    need("gnutls-serv", "curl")
    made = certify("rsa")
    port = free_port()
    key = ["--provider", module.path, "--x509keyfile", "pkcs11:object=rsa;type=private"]
    serve = ["gnutls-serv", "--http", "-p", port, "--x509certfile", made, *key]
    start(serve, module.environment(), lambda: listens(port))
    assert "GnuTLS" in fetch(module, port, made)
