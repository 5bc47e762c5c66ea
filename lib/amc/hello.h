/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/hello.h
 * @brief The two hellos, B1 and B2, and the bodies of a rekey: read strictly, written once.
 *
 * Hashes run over the bytes as sent, so that a reader keeps those beside what it read.  Members
 * that are not known are passed over (they are hashed all the same); a member twice is refused.
 */
#ifndef TSEC_AMC_HELLO_H
#define TSEC_AMC_HELLO_H

#include "amc/amc.h"

struct amc_b1 {
    uint8_t nonce[AMC_NONCE_LEN];
    uint8_t eph[AMC_POINT_LEN];
    char accept[AMC_FORMATS_MAX][AMC_FORMAT_LEN + 1]; /* formats taken from the responder; "none" in
                                                         it: the initiator has no evidence itself */
    size_t accept_len;
    char aud[AMC_NAME_MAX + 1]; /* b64u SPKI, or a name */
    uint8_t id[AMC_SPKI_LEN];   /* the initiator's identity key */
    size_t id_len;              /* 0: none */
    uint8_t ticket[AMC_TICKET_LEN];
    bool has_ticket;
};

struct amc_b2 {
    uint8_t cid[AMC_CID_LEN];
    uint8_t nonce[AMC_NONCE_LEN];
    uint8_t eph[AMC_POINT_LEN];
    uint8_t id[AMC_SPKI_LEN];
    size_t id_len;
    uint8_t policy[AMC_HASH_LEN];
    enum amc_layout bind;
    char accept[AMC_FORMATS_MAX][AMC_FORMAT_LEN + 1]; /* formats taken from the initiator */
    size_t accept_len;
    unsigned exp_s;
    bool resumed; /* "psk":true: the ticket was taken, and prk has its key in it */
};

/** The point is on the curve; that is all that is known of it.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc amc_b1_parse(struct tsec_span text, struct amc_b1 *out,
                                     struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc amc_b2_parse(struct tsec_span text, struct amc_b2 *out,
                                     struct tsec_err *err);
void amc_b1_write(const struct amc_b1 *b1, struct tsec_buf *out);
/** Without "accept" and "exp" when those are empty or 0: a reader takes 30 s then. */
void amc_b2_write(const struct amc_b2 *b2, struct tsec_buf *out);

/** False when `aud` is the SPKI of another key than `id` (SPKI DER), or when there is no memory to
 *  see that it is not.  What is base64url of 120 bytes is a key; anything else is a name, which
 * says nothing of keys: whoever has names looks at those. */
bool amc_aud_is(const char *aud, struct tsec_span id);

/** {"eph":…,"nonce":…}, of a rekey. */
struct amc_share {
    uint8_t eph[AMC_POINT_LEN];
    uint8_t nonce[AMC_NONCE_LEN];
};
TSEC_MUST_CHECK tsec_rc amc_share_parse(struct tsec_span text, struct amc_share *out,
                                        struct tsec_err *err);
void amc_share_write(const struct amc_share *share, struct tsec_buf *out);

#endif
