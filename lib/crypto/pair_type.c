/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/obj_mac.h>

#include "crypto/pair_internal.h"

/* AlgorithmIdentifiers: RFC 8410 section 3, RFC 5480 section 2.1.1 (a named curve, nothing else),
 * RFC 3279 section 2.3.1 (rsaEncryption with NULL). */
static const uint8_t ed25519[] = { 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70 };
static const uint8_t p256[] = { 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const uint8_t p384[] = { 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                                0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const uint8_t p521[] = { 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                                0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 };
static const uint8_t secp256k1[] = { 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                                     0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a };
static const uint8_t rsa[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                               0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

/* A curve's OID stands behind id-ecPublicKey: 30 len, 06 07 and seven bytes. */
enum { CURVE_OID_AT = 11 };

#define ALGORITHM(bytes)       \
    {                          \
        (bytes), sizeof(bytes) \
    }
#define CURVE_OID(bytes)                                     \
    {                                                        \
        (bytes) + CURVE_OID_AT, sizeof(bytes) - CURVE_OID_AT \
    }

#define CURVE(curve_kind, text, ops, curve_nid, n_bits, n_len, der)                          \
    {                                                                                        \
        .kind = (curve_kind), .name = (text), .family = &tsec_family_curve, .curve = (ops),  \
        .nid = (curve_nid), .bits = (n_bits), .half = (n_len), .point_len = 2 * (n_len) + 1, \
        .algorithm = ALGORITHM(der), .oid = CURVE_OID(der)                                   \
    }
#define RSA_OF(rsa_kind, text, n_bits)                                                    \
    {                                                                                     \
        .kind = (rsa_kind), .name = (text), .family = &tsec_family_rsa, .bits = (n_bits), \
        .half = (n_bits) / 8, .algorithm = ALGORITHM(rsa)                                 \
    }

static const struct tsec_pair_type types[] = {
    { .kind = TSEC_PAIR_ED25519,
      .name = "Ed25519",
      .family = &tsec_family_ed25519,
      .bits = 253,
      .half = 32,
      .point_len = 32,
      .algorithm = ALGORITHM(ed25519) },
    CURVE(TSEC_PAIR_P256, "P-256", &tsec_curve_openssl, NID_X9_62_prime256v1, 256, 32, p256),
    CURVE(TSEC_PAIR_P384, "P-384", &tsec_curve_openssl, NID_secp384r1, 384, 48, p384),
    CURVE(TSEC_PAIR_P521, "P-521", &tsec_curve_openssl, NID_secp521r1, 521, 66, p521),
    CURVE(TSEC_PAIR_SECP256K1, "secp256k1", &tsec_curve_secp256k1, NID_secp256k1, 256, 32,
          secp256k1),
    RSA_OF(TSEC_PAIR_RSA2048, "RSA-2048", 2048),
    RSA_OF(TSEC_PAIR_RSA3072, "RSA-3072", 3072),
    RSA_OF(TSEC_PAIR_RSA4096, "RSA-4096", 4096),
};

const struct tsec_pair_type *
tsec_pair_type(enum tsec_pair_kind kind)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        if (types[i].kind == kind) {
            return &types[i];
        }
    }
    return NULL;
}
