/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/amc/messages.h
 * @brief Two sessions of one channel with the known master secret, and a message between them.
 */
#ifndef TSEC_TESTS_AMC_MESSAGES_H
#define TSEC_TESTS_AMC_MESSAGES_H

#include "amc/session_internal.h"
#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

struct pair {
    struct amc_session *i;
    struct amc_session *r;
    struct tsec_buf sealed;
    struct tsec_buf plain;
    struct tsec_err err;
};

static const uint8_t cid[AMC_CID_LEN] = { 64, 65, 66, 67, 68, 69, 70, 71,
                                          72, 73, 74, 75, 76, 77, 78, 79 };

static inline void
pair_init(struct pair *p)
{
    TSEC_AUTO_BUF struct tsec_buf master = hex_bytes(KAT_MASTER);

    memset(p, 0, sizeof(*p));
    tsec_buf_init(&p->sealed, 1 << 20);
    tsec_buf_init(&p->plain, 1 << 20);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(amc_session_new(AMC_INITIATOR, cid, master.ptr, &p->i, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(amc_session_new(AMC_RESPONDER, cid, master.ptr, &p->r, NULL)));
}

static inline void
pair_done(struct pair *p)
{
    amc_session_free(p->i);
    amc_session_free(p->r);
    tsec_buf_done(&p->sealed);
    tsec_buf_done(&p->plain);
}
#define PAIR __attribute__((cleanup(pair_done))) struct pair

static inline struct amc_envelope
get(void)
{
    return (struct amc_envelope){ .method = "GET", .path = "/v1/secret/data/a" };
}

static inline tsec_rc
seal(struct pair *p, struct amc_envelope *env)
{
    tsec_buf_reset(&p->sealed);
    return amc_seal_request(p->i, env, tsec_span_str("{}"), &p->sealed, &p->err);
}

static inline tsec_rc
open_at(struct pair *p, const struct amc_envelope *env, int64_t now)
{
    tsec_buf_reset(&p->plain);
    return amc_open_request(p->r, env, tsec_buf_span(&p->sealed), now, &p->plain, &p->err);
}

static inline tsec_rc
open_it(struct pair *p, const struct amc_envelope *env)
{
    return open_at(p, env, 0);
}

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define DENIED(expr, why)                            \
    do {                                             \
        CU_ASSERT_EQUAL((expr).code, TSEC_E_DENIED); \
        CU_ASSERT_STRING_EQUAL(p.err.detail, (why)); \
        CU_ASSERT_EQUAL(p.plain.len, 0);             \
    } while (0)

#endif
