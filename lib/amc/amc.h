/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/amc.h
 * @brief Sizes and names of the attested channel, amc-v1 (docs/channel.md).
 *
 * All of lib/amc is the protocol alone, for both ends: it makes and reads bytes, and keeps keys. It
 * appraises nothing, sends nothing, and has no clock of its own.
 */
#ifndef TSEC_AMC_AMC_H
#define TSEC_AMC_AMC_H

#include "base/buf.h"

#define AMC_PROTO      "tee-secrets-amc-v1"
#define AMC_SUITE      "P384-A256GCM-SHA384"
#define AMC_REKEY_PATH "/v1/tee/channel/rekey"

enum {
    AMC_CID_LEN = 16,
    AMC_NONCE_LEN = 32,
    AMC_POINT_LEN = 97, /* uncompressed, P-384 */
    AMC_SPKI_LEN = 120, /* of such a key, DER */
    AMC_HASH_LEN = 48,  /* SHA-384; also of master secrets, binders and MACs */
    AMC_KEY_LEN = 32,
    AMC_IV_LEN = 12,
    AMC_TAG_LEN = 16,
    AMC_SIG_LEN = 96, /* r ‖ s */
    AMC_TICKET_LEN = 32,
    AMC_NAME_MAX = 200,   /* "aud", a role */
    AMC_FORMATS_MAX = 16, /* in "accept" */
    AMC_FORMAT_LEN = 23,
    AMC_HELLO_MAX = 8 * 1024,        /* B1, B2, rekey bodies */
    AMC_EVIDENCE_MAX = 512 * 1024,   /* Er, Ei */
    AMC_SESSION_MAX = 64 * 1024,     /* S */
    AMC_PLAIN_MAX = 9 * 1024 * 1024, /* one message's plaintext */
    AMC_WINDOW = 1024,
};
/** Of one key.  A little before either, only a rekey is taken, by its method and path outside. */
#define AMC_MESSAGES_MAX (UINT64_C(1) << 32)
#define AMC_BYTES_MAX    (UINT64_C(1) << 36)

/** Who a side is; also the direction of what it sends. */
enum amc_role { AMC_INITIATOR = 1, AMC_RESPONDER = 2 };

/** How the binding is laid out in a side's evidence ("bind"). */
enum amc_layout {
    AMC_RAW48 = 1, /* report_data = bind ‖ 16 zeros; Nitro: user_data = bind, nonce, public_key */
    AMC_MAA32,     /* runtime data {"amc":b64u(bind),"nonce":b64u}; report_data its SHA-256 */
    AMC_TPM32,     /* extraData = bind[0..32] */
};
const char *amc_layout_name(enum amc_layout layout);
bool amc_layout_parse(struct tsec_span name, enum amc_layout *out);
/** The layout of a format of evidence: "maa" has maa32, "az-snp-vtpm" and "az-tdx-vtpm" have tpm32,
 *  and all others ("nitro", "snp", "sgx", "tdx", "sim-v1") raw48. */
enum amc_layout amc_layout_of(const char *format);

#endif
