/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/api/login_bench.h
 * @brief Logins of simulated TEEs at the server of an attest bench, for programs that test them.
 */
#ifndef TSEC_TESTS_LOGIN_BENCH_H
#define TSEC_TESTS_LOGIN_BENCH_H

#include <stdio.h>

#include "tests/api/attest_bench.h"
#include "tests/test.h"

#define LOGIN   "/v1/auth/attest/login"
#define WORKER  "\"role\":\"worker\""
#define MATCH_A "\"match\":[\"sim:measurement=" IMAGE_A "\"]"
#define REFUSED "the evidence was not accepted"

static struct attest_bench b;
static struct sim_tee tee; /* of image A */
static struct tsec_recipient *key;
static struct tsec_buf spki;
static struct tsec_buf evidence;
static struct tsec_buf body;
static struct tsec_buf plain;
static json_t *opened; /* the plaintext of the last wrapped answer */

static inline void
write_role(const char *name, const char *json)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "/v1/auth/attest/role/%s", name);
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_POST, path, json), 204);
}

static inline void
begin_as(enum tsec_recipient_kind kind)
{
    attest_bench_open(&b, "mem:login");
    sim_tee_open(&tee, IMAGE_A, false, "3");
    tsec_buf_init(&spki, 4096);
    tsec_buf_init(&evidence, 2 * TSEC_EVIDENCE_MAX);
    tsec_buf_init(&body, 4 * TSEC_EVIDENCE_MAX);
    tsec_buf_init(&plain, TSEC_JWE_MAX);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_generate(kind, &key, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_spki(key, &spki, NULL).code, 0);
    write_role("worker", "{" MATCH_A ",\"token_policies\":[\"app\"],\"token_ttl\":\"20m\"}");
}

static inline void
begin(void)
{
    begin_as(TSEC_RECIPIENT_P384);
}

static inline void
end(void)
{
    json_decref(opened);
    opened = NULL;
    tsec_recipient_free(key);
    tsec_buf_done(&spki);
    tsec_buf_done(&evidence);
    tsec_buf_done(&body);
    tsec_buf_done(&plain);
    sim_tee_close(&tee);
    attest_bench_close(&b);
}

static inline void
prove(struct sim_tee *by, const struct bench_challenge *challenge)
{
    tsec_buf_reset(&evidence);
    sim_tee_prove(by, &b.api, tsec_span(challenge->nonce, CHALLENGE_LEN), tsec_buf_span(&spki),
                  &evidence);
}

static inline int
login_on(struct api_bench *server, const struct bench_challenge *challenge, const char *more)
{
    bench_proof(&evidence, challenge, tsec_buf_span(&spki), more, &body);
    return api_bench_call(server, API_POST, LOGIN, NULL, (const char *)body.ptr);
}

/* A fresh challenge, evidence of that TEE, a login. */
static inline int
login(struct sim_tee *by, const char *more)
{
    struct bench_challenge challenge;

    bench_challenge(&b.api, &challenge);
    prove(by, &challenge);
    return login_on(&b.api, &challenge, more);
}

/* Opens the wrapped answer with the recipient's key. */
static inline const char *
opened_str(const char *member)
{
    const char *text;

    json_decref(opened);
    opened = NULL;
    tsec_buf_reset(&plain);
    CU_ASSERT_EQUAL_FATAL(
        tsec_jwe_decrypt(key, tsec_span_str(api_bench_str(&b.api, "data.wrapped")), &plain, NULL)
            .code,
        0);
    opened = json_loadb((const char *)plain.ptr, plain.len, 0, NULL);
    text = json_string_value(json_object_get(json_object_get(opened, "auth"), member));
    return text == NULL ? "" : text;
}

static inline bool
refused(int status)
{
    const bool alike = status == 403 && strcmp(api_bench_error(&b.api), REFUSED) == 0
                       && strcmp(api_bench_str(&b.api, "code"), "denied") == 0
                       && json_object_size(b.api.json) == 3 && !b.api.reply.has_audit_index;

    if (!alike) {
        (void)printf("\n%d: %.*s\n", status, (int)b.api.reply.body.len,
                     (const char *)b.api.reply.body.ptr);
    }
    return alike;
}

static inline bool
body_has(const char *text)
{
    return memmem(b.api.reply.body.ptr, b.api.reply.body.len, text, strlen(text)) != NULL;
}

#endif
