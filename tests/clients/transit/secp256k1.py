# SPDX-License-Identifier: Apache-2.0
"""libsecp256k1 itself, asked directly: verify, sign as RFC 6979 has it, recover who signed."""

import ctypes
import ctypes.util

VERIFY, SIGN, UNCOMPRESSED = 0x101, 0x201, 2


class Library:
    """None of the answers are the server's: only its bytes go in."""

    def __init__(self):
        self.lib = ctypes.CDLL(ctypes.util.find_library("secp256k1") or "libsecp256k1.so.1")
        self.lib.secp256k1_context_create.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.lib.secp256k1_context_create(VERIFY | SIGN))

    def call(self, name, *arguments):
        return getattr(self.lib, "secp256k1_" + name)(self.context, *arguments)

    def public(self, point):
        out = ctypes.create_string_buffer(64)
        assert self.call("ec_pubkey_parse", out, point, ctypes.c_size_t(len(point))) == 1
        return out

    def shown(self, public):
        out, size = ctypes.create_string_buffer(65), ctypes.c_size_t(65)
        assert self.call("ec_pubkey_serialize", out, ctypes.byref(size), public, ctypes.c_uint(UNCOMPRESSED)) == 1
        return out.raw[: size.value]

    def verifies(self, point, digest, compact):
        """The library takes none whose s is high."""
        signature = ctypes.create_string_buffer(64)
        assert self.call("ecdsa_signature_parse_compact", signature, compact) == 1
        return self.call("ecdsa_verify", signature, digest, self.public(point)) == 1

    def signed(self, secret, digest):
        signature, out = ctypes.create_string_buffer(64), ctypes.create_string_buffer(64)
        assert self.call("ecdsa_sign", signature, digest, secret, None, None) == 1
        assert self.call("ecdsa_signature_serialize_compact", out, signature) == 1
        return out.raw

    def signed_der(self, secret, digest):
        signature, out, size = ctypes.create_string_buffer(64), ctypes.create_string_buffer(80), ctypes.c_size_t(80)
        assert self.call("ecdsa_sign", signature, digest, secret, None, None) == 1
        assert self.call("ecdsa_signature_serialize_der", out, ctypes.byref(size), signature) == 1
        return out.raw[: size.value]

    def signed_recoverable(self, secret, digest):
        signature, out, which = ctypes.create_string_buffer(65), ctypes.create_string_buffer(64), ctypes.c_int()
        assert self.call("ecdsa_sign_recoverable", signature, digest, secret, None, None) == 1
        assert self.call("ecdsa_recoverable_signature_serialize_compact", out, ctypes.byref(which), signature) == 1
        return out.raw, which.value

    def recovered(self, digest, compact, which):
        """The point of who signed."""
        signature, public = ctypes.create_string_buffer(65), ctypes.create_string_buffer(64)
        assert self.call("ecdsa_recoverable_signature_parse_compact", signature, compact, ctypes.c_int(which)) == 1
        assert self.call("ecdsa_recover", public, signature, digest) == 1
        return self.shown(public)
