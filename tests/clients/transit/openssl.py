# SPDX-License-Identifier: Apache-2.0
"""The openssl command over files, as somebody without any library would check."""

import subprocess

NAMES = {
    "sha1": "sha1", "sha2-224": "sha224", "sha2-256": "sha256", "sha2-384": "sha384", "sha2-512": "sha512",
    "sha3-224": "sha3-224", "sha3-256": "sha3-256", "sha3-384": "sha3-384", "sha3-512": "sha3-512",
}  # fmt: skip


class Openssl:
    def __init__(self, folder):
        self.folder = folder

    def put(self, name, data):
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(path)

    def run(self, *arguments, check=False):
        done = subprocess.run(["openssl", *arguments], capture_output=True, check=False, timeout=30)
        assert not check or done.returncode == 0, done.stderr
        return done

    def options(self, padding, salt):
        if padding == "pss":
            return ["-sigopt", "rsa_padding_mode:pss", "-sigopt", f"rsa_pss_saltlen:{salt}"]
        return []

    def verifies(self, public_pem, message, signature, hash_name="sha2-256", padding=None, salt="auto"):
        """Of ECDSA and RSA."""
        done = self.run(
            "dgst", "-" + NAMES[hash_name], "-verify", self.put("public.pem", public_pem),
            "-signature", self.put("signature", signature), *self.options(padding, salt), self.put("message", message),
        )  # fmt: skip
        assert done.stdout in (b"Verified OK\n", b"Verification failure\n", b"Verification Failure\n"), done
        return done.returncode == 0

    def signed(self, private_pem, message, hash_name="sha2-256", padding=None, salt="auto"):
        options = self.options(padding, "max" if salt == "auto" else salt)
        return self.run(
            "dgst", "-" + NAMES[hash_name], "-sign", self.put("private.pem", private_pem), *options,
            self.put("message", message), check=True,
        ).stdout  # fmt: skip

    def raw_verifies(self, public_pem, message, signature):
        """Of Ed25519, which hashes by itself."""
        done = self.run(
            "pkeyutl", "-verify", "-pubin", "-inkey", self.put("public.pem", public_pem), "-rawin",
            "-in", self.put("message", message), "-sigfile", self.put("signature", signature),
        )  # fmt: skip
        return done.returncode == 0

    def raw_signed(self, private_pem, message):
        return self.run("pkeyutl", "-sign", "-inkey", self.put("private.pem", private_pem), "-rawin",
                        "-in", self.put("message", message), check=True).stdout  # fmt: skip
