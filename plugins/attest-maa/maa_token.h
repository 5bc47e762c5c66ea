/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_token.h
 * @brief A token of Microsoft Azure Attestation taken apart: its header, and its claims by name.
 * Verifies nothing.
 *
 * A token about a virtual machine on Azure ("azurevm") carries the claims of the TEE below it in
 * "x-ms-isolation-tee"; in all others they stand in the token itself.
 */
#ifndef ATTEST_MAA_MAA_TOKEN_H
#define ATTEST_MAA_MAA_TOKEN_H

#include "codec/jose.h"

enum { MAA_TOKEN_MAX = 64 * 1024 };

enum maa_head { MAA_ALG, MAA_TYP, MAA_KID, MAA_JKU, MAA_CRIT, MAA_HEADS };

/** MAA_FIELD(symbol, name): the claims that mean something here. */
enum maa_field {
#define MAA_FIELD(symbol, name) MAA_##symbol,
#include "maa_fields.def"
#undef MAA_FIELD
    MAA_FIELDS
};

struct maa_token {
    struct tsec_jws jws;
    struct tsec_span head[MAA_HEADS]; /* raw values; empty: not there */
    struct tsec_span outer[MAA_FIELDS];
    bool nested; /* `inner` are the members of x-ms-isolation-tee */
    struct tsec_span inner[MAA_FIELDS];
};

/** maa_token_done() afterwards, also when it failed.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc maa_token_parse(struct tsec_span text, struct maa_token *out,
                                        struct tsec_err *err);
void maa_token_done(struct maa_token *token);

/** The claims of the TEE: `inner` when it is nested, else `outer`. */
const struct tsec_span *maa_token_tee(const struct maa_token *token);
/** The claim's name. */
const char *maa_field_name(enum maa_field field);

#endif
