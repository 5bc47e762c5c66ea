/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/api/attest_bench.h
 * @brief A server that appraises simulated evidence, and simulated TEEs to make it: the real plugin
 * at both ends.
 */
#ifndef TSEC_TESTS_ATTEST_BENCH_H
#define TSEC_TESTS_ATTEST_BENCH_H

#include "api/ahead.h"
#include "base/base64.h"
#include "core/challenge.h"
#include "crypto/jwe.h"
#include "tests/double/api_bench.h"
#include "tests/double/fake_host.h"

/** Measurements of two images. */
#define IMAGE_A                                                                                    \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaa"
#define IMAGE_B                                                                                    \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" \
    "bbbb"

/** A TEE whose root the servers of the bench trust. */
struct sim_tee {
    struct fake_host host;
    const char *settings[12];
    struct tsec_attest *attest;
};

struct attest_bench {
    struct api_bench api;
    struct verifiers *verifiers;
    struct appraiser *appraiser;
    struct sim_tee verifier;
};

/** Simulated evidence is allowed, of any measurement, until attest_bench_allow() says more. */
void attest_bench_open(struct attest_bench *bench, const char *uri);
void attest_bench_close(struct attest_bench *bench);
/** A further server over the store of the first, which appraises alike. */
void attest_bench_join(struct api_bench *second, const char *uri, const struct attest_bench *first);
/** The allowlist; `n` 0: none, so that the setting alone admits. */
void attest_bench_allow(struct attest_bench *bench, const char *const *entries, size_t n,
                        bool debug);

void sim_tee_open(struct sim_tee *tee, const char *measurement, bool debug, const char *svn);
void sim_tee_close(struct sim_tee *tee);
/** Evidence for a recipient's key, made now by the server's clock; appends it in base64. */
void sim_tee_prove(struct sim_tee *tee, const struct api_bench *api, struct tsec_span nonce,
                   struct tsec_span spki, struct tsec_buf *out);

/** A fresh nonce, as it came and as bytes. */
struct bench_challenge {
    char text[TSEC_BASE64_LEN(CHALLENGE_LEN) + 1];
    uint8_t nonce[CHALLENGE_LEN];
};
void bench_challenge(struct api_bench *api, struct bench_challenge *out);

/** Runs it as a handler runs, in a transaction that is committed; the result is the run's.
 * `threads` as if there were workers: then work is parked, done, and it runs again. */
struct bench_run {
    tsec_rc (*run)(struct bench_run *bench, struct api_call *call, struct tsec_err *err);
    bool threads;
    /* of the last run */
    struct api_reply reply;
    unsigned runs;
    char reason[64]; /* of call->evidence; "" : none */
};
tsec_rc bench_in_call(struct api_bench *api, struct bench_run *run);

/** The body of a login or release: format, evidence, nonce and recipient, and what `more` adds
 *  ("\"role\":\"r\""), in `out`. */
void bench_proof(const struct tsec_buf *evidence, const struct bench_challenge *challenge,
                 struct tsec_span spki, const char *more, struct tsec_buf *out);

#endif
