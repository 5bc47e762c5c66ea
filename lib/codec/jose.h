/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/jose.h
 * @brief Compact JWS (RFC 7515): three parts taken apart or put together; verifies nothing.
 *
 * base64url without padding and with no stray bits; header and payload must be JSON objects that
 * pass tsec_json_check() (no duplicate members).
 */
#ifndef TSEC_CODEC_JOSE_H
#define TSEC_CODEC_JOSE_H

#include "base/buf.h"
#include "codec/json_scan.h"

enum { TSEC_JWS_HEADER_MAX = 16 * 1024 };

struct tsec_jws {
    struct tsec_span signed_part; /* borrowed: header '.' payload as received */
    struct tsec_buf header;       /* JSON */
    struct tsec_buf payload;      /* JSON */
    struct tsec_buf signature;
};

/** White space around the token is passed over.  At most `max` bytes.  tsec_jws_done() afterwards,
 *  also when it failed.  TSEC_E_INVALID: not three such parts. */
TSEC_MUST_CHECK tsec_rc tsec_jws_parse(struct tsec_span token, size_t max, struct tsec_jws *out,
                                       struct tsec_err *err);
void tsec_jws_done(struct tsec_jws *jws);

/** Appends header '.' payload, encoded: what is to be signed. */
void tsec_jws_signed_part(struct tsec_span header, struct tsec_span payload, struct tsec_buf *out);
/** Appends '.' and the signature. */
void tsec_jws_add_signature(struct tsec_span signature, struct tsec_buf *out);

#endif
