/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nitro_doc.h
 * @brief The payload of an AWS Nitro attestation document, read strictly; it verifies nothing.
 *
 * AWS (Nitro Enclaves User Guide, "Verifying the root of trust"; EC2 User Guide, "NitroTPM"): one
 * CBOR map with these keys, of which the last three may be null or absent.
 *
 *     module_id      text, "i-0123456789abcdef0-enc0123456789abcdef" or "...-tpm..."
 *     digest         "SHA384"
 *     timestamp      milliseconds since 1970
 *     pcrs           map 0..31 -> 48 bytes; of a NitroTPM nitrotpm_pcrs, never both
 *     certificate    the key that signed, DER, at most 1024 bytes
 *     cabundle       from the root to the issuer of certificate, each at most 1024 bytes
 *     public_key, user_data, nonce   at most 1024 bytes each
 *
 * A key that is not in this list is refused: no genuine document has one, and what a verifier does
 * not understand may be what changes the meaning of the rest.  The order of keys is free.
 */
#ifndef ATTEST_NITRO_DOC_H
#define ATTEST_NITRO_DOC_H

#include "base/err.h"
#include "base/span.h"

enum {
    NITRO_EVIDENCE_MAX =
        16 * 1024, /* genuine ones are below 5 KiB, and 8 KiB with all fields full */
    NITRO_PCRS = 32,
    NITRO_PCR_LEN = 48, /* as digest says */
    NITRO_CABUNDLE_MAX = 6,
    NITRO_CERT_MAX = 1024,
    NITRO_FIELD_MAX = 1024,
    NITRO_MODULE_ID_MAX = 128,
};

/** Borrows from the payload. */
struct nitro_doc {
    bool tpm;                   /* has nitrotpm_pcrs: an instance, not an enclave */
    struct tsec_span module_id; /* letters, digits, '-', '_' and '.' */
    uint64_t timestamp_ms;
    struct tsec_span pcrs[NITRO_PCRS]; /* .ptr is NULL when absent */
    struct tsec_span certificate;
    struct tsec_span cabundle[NITRO_CABUNDLE_MAX];
    size_t cabundle_len;
    /* Null, absent and of no bytes are one: empty. */
    struct tsec_span public_key;
    struct tsec_span user_data;
    struct tsec_span nonce;
};

/** TSEC_E_INVALID names the field.  There are the PCRs that AWS says to look at: of an enclave
 * PCR0, PCR1 and PCR2, of a NitroTPM PCR4, PCR7 and PCR12. */
TSEC_MUST_CHECK tsec_rc nitro_doc_parse(struct tsec_span payload, struct nitro_doc *out,
                                        struct tsec_err *err);

#endif
