/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/channel_bench.h
 * @brief The other end of a channel over the API bench: handshakes and messages without a socket.
 *
 * The server's evidence is that of attest_fixed.h, the initiator's that of attest_script.h.
 */
#ifndef TSEC_TESTS_CHANNEL_BENCH_H
#define TSEC_TESTS_CHANNEL_BENCH_H

#include "amc/handshake.h"
#include "amc/inner.h"
#include "base/base64.h"
#include "tests/double/api_bench.h"

struct channel_bench {
    struct api_bench *api;
    const char *remote;              /* where it calls from; NULL: as the API bench */
    const struct tsec_key *id;       /* NULL: it has no identity key */
    const uint8_t *ticket;           /* NULL: none */
    struct tsec_span psk;            /* of the ticket */
    struct amc_initiator *initiator; /* after hello */
    struct amc_session *session;     /* after finish */
    char cid[TSEC_BASE64_LEN(AMC_CID_LEN) + 1];
    struct tsec_buf er;
    struct tsec_buf s;
    /* of the last message */
    struct tsec_buf sent; /* its body outside, to be sent again */
    struct tsec_buf plain;
    struct tsec_buf bytes;
    struct amc_inner_reply reply;
    json_t *json;
};

void channel_bench_init(struct channel_bench *bench, struct api_bench *api);
void channel_bench_done(struct channel_bench *bench);

/** The one entry of the allowlist from now on; NULL: there is none. */
void channel_bench_allow(struct channel_bench *bench, const char *entry);
/** The role "shop" for that expression, whose policy lets it read and write below
 * secret/data/shop/. */
void channel_bench_role(struct channel_bench *bench, const char *match);

/** The outer status; 200: B2 and Er were read, and the signature holds. */
int channel_bench_hello(struct channel_bench *bench);
/** `ei` NULL: an operator's.  200: the session is open. */
int channel_bench_finish(struct channel_bench *bench, const struct amc_evidence *ei);
/** Both, which must succeed. */
void channel_bench_open(struct channel_bench *bench, const struct amc_evidence *ei);
/** What the scripted verifier takes, for a role ("": none). */
struct amc_evidence channel_bench_evidence(const char *role);

/** The inner status, or minus the outer one where that is not 200.  token and body (JSON) may be
 *  NULL. */
int channel_bench_call(struct channel_bench *bench, const char *method, const char *path,
                       const char *token, const char *body);
/** The same, method and path hidden. */
int channel_bench_hidden(struct channel_bench *bench, const char *method, const char *path,
                         const char *token, const char *body);
/** Any inner request. */
int channel_bench_send(struct channel_bench *bench, const char *method, const char *path,
                       const struct amc_inner_request *inner);
/** Posts a body to .../msg as it stands; the outer status. */
int channel_bench_post(struct channel_bench *bench, const char *body);
/** A member of the last inner reply by a dotted path; "" when there is none. */
const char *channel_bench_str(const struct channel_bench *bench, const char *path);
/** Rekeys up to and without the evidence; the inner status. */
int channel_bench_rekey(struct channel_bench *bench, struct amc_rekey **rekey);

#endif
