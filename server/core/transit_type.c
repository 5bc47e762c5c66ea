/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_type.h"

#include "base/span.h"

/* The times are rough, of one core of a small server: they decide which thread does the work. */
static const struct transit_traits types[TRANSIT_TYPES] = {
    [TRANSIT_AES256_GCM96] = {
        .name = "aes256-gcm96",
        .public_name = "",
        .aead = TSEC_AES_256_GCM,
        .encrypts = true,
        .derives = true,
        .associates = true,
        .sign_us = 2,
        .make_us = 2,
    },
    [TRANSIT_AES128_GCM96] = {
        .name = "aes128-gcm96",
        .public_name = "",
        .aead = TSEC_AES_128_GCM,
        .encrypts = true,
        .derives = true,
        .associates = true,
        .sign_us = 2,
        .make_us = 2,
    },
    [TRANSIT_CHACHA20_POLY1305] = {
        .name = "chacha20-poly1305",
        .public_name = "",
        .aead = TSEC_CHACHA20_POLY1305,
        .encrypts = true,
        .derives = true,
        .associates = true,
        .sign_us = 2,
        .make_us = 2,
    },
    [TRANSIT_XAES256_GCM] = {
        .name = "xaes256-gcm",
        .public_name = "",
        .aead = TSEC_XAES_256_GCM,
        .encrypts = true,
        .derives = true,
        .associates = true,
        .sign_us = 2,
        .make_us = 2,
    },
    [TRANSIT_ED25519] = {
        .name = "ed25519",
        .public_name = "ed25519",
        .pair = TSEC_PAIR_ED25519,
        .signs = true,
        .derives = true,
        .sign_us = 50,
        .make_us = 60,
    },
    [TRANSIT_ECDSA_P256] = {
        .name = "ecdsa-p256",
        .public_name = "P-256",
        .pair = TSEC_PAIR_P256,
        .signs = true,
        .agrees = true,
        .sign_us = 50,
        .make_us = 60,
    },
    [TRANSIT_ECDSA_P384] = {
        .name = "ecdsa-p384",
        .public_name = "P-384",
        .pair = TSEC_PAIR_P384,
        .signs = true,
        .agrees = true,
        .sign_us = 900,
        .make_us = 900,
    },
    [TRANSIT_ECDSA_P521] = {
        .name = "ecdsa-p521",
        .public_name = "P-521",
        .pair = TSEC_PAIR_P521,
        .signs = true,
        .agrees = true,
        .sign_us = 700,
        .make_us = 700,
    },
    [TRANSIT_ECDSA_SECP256K1] = {
        .name = "ecdsa-secp256k1",
        .public_name = "secp256k1",
        .pair = TSEC_PAIR_SECP256K1,
        .signs = true,
        .agrees = true,
        .sign_us = 60,
        .make_us = 60,
    },
    [TRANSIT_RSA_2048] = {
        .name = "rsa-2048",
        .public_name = "rsa-2048",
        .pair = TSEC_PAIR_RSA2048,
        .encrypts = true,
        .signs = true,
        .sign_us = 800,
        .make_us = 200000,
    },
    [TRANSIT_RSA_3072] = {
        .name = "rsa-3072",
        .public_name = "rsa-3072",
        .pair = TSEC_PAIR_RSA3072,
        .encrypts = true,
        .signs = true,
        .sign_us = 2500,
        .make_us = 700000,
    },
    [TRANSIT_RSA_4096] = {
        .name = "rsa-4096",
        .public_name = "rsa-4096",
        .pair = TSEC_PAIR_RSA4096,
        .encrypts = true,
        .signs = true,
        .sign_us = 5500,
        .make_us = 2000000,
    },
    [TRANSIT_HMAC] = {
        .name = "hmac",
        .public_name = "",
        .sign_us = 2,
        .make_us = 2,
    },
};

const struct transit_traits *
transit_traits(enum transit_type type)
{
    return (int)type > 0 && type < TRANSIT_TYPES ? &types[type] : NULL;
}

enum transit_type
transit_type_named(const char *name)
{
    const struct tsec_span wanted = tsec_span_str(name);

    for (int type = 1; type < TRANSIT_TYPES; type++) {
        if (tsec_span_is(wanted, types[type].name)) {
            return (enum transit_type)type;
        }
    }
    return (enum transit_type)0;
}
