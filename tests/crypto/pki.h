/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/crypto/pki.h
 * @brief Minted certificates, read back.
 */
#ifndef TSEC_TESTS_CRYPTO_PKI_H
#define TSEC_TESTS_CRYPTO_PKI_H

#include "crypto/x509.h"
#include "tests/mint/mint_cert.h"
#include "tests/test.h"

#define PKI_NOT_BEFORE INT64_C(1700000000)
#define PKI_NOT_AFTER  INT64_C(1800000000)
#define PKI_NOW        INT64_C(1750000000)

/** A CA as it should be; tests change what they are about. */
static inline struct mint_cert_spec
pki_ca(const char *cn, const char *issuer)
{
    return (struct mint_cert_spec){
        .cn = cn,
        .issuer_cn = issuer,
        .not_before = PKI_NOT_BEFORE,
        .not_after = PKI_NOT_AFTER,
        .serial = 1,
        .basic_constraints = true,
        .ca = true,
        .path_len = -1,
        .key_usage = MINT_KU_CERT_SIGN | MINT_KU_CRL_SIGN,
        .md = "SHA256",
    };
}

static inline struct mint_cert_spec
pki_leaf(const char *cn, const char *issuer)
{
    struct mint_cert_spec spec = pki_ca(cn, issuer);

    spec.serial = 0x1234;
    spec.ca = false;
    spec.key_usage = MINT_KU_DIGITAL_SIGNATURE;
    return spec;
}

static inline struct tsec_cert *
pki_mint(const struct mint_cert_spec *spec, const struct mint_key *subject,
         const struct mint_key *issuer)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CERT_MAX);
    struct tsec_cert *cert = NULL;

    mint_cert(spec, subject, issuer, &der);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_cert_parse(tsec_buf_span(&der), &cert, NULL)));
    return cert;
}

#endif
