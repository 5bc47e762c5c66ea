/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_plan.h"

#include <pthread.h>
#include <stdio.h>

#include "crypto/rand.h"
#include "tests/api/data_bench.h"

enum { ITEMS = 900, WORKERS = 2 };

/* What keeps the workers busy until a test lets them go. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    struct worker_job jobs[WORKERS];
} gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, { { 0 } } };

static void
wait_at_gate(struct worker_job *job)
{
    (void)job;
    (void)pthread_mutex_lock(&gate.lock);
    while (!gate.open) {
        (void)pthread_cond_wait(&gate.changed, &gate.lock);
    }
    (void)pthread_mutex_unlock(&gate.lock);
}

static void
close_gate(void)
{
    gate.open = false;
    for (size_t i = 0; i < WORKERS; i++) {
        gate.jobs[i] = (struct worker_job){ .run = wait_at_gate };
        CU_ASSERT_EQUAL_FATAL(workers_push(tb.workers, &gate.jobs[i], NULL).code, 0);
    }
}

static void
open_gate(void)
{
    (void)pthread_mutex_lock(&gate.lock);
    gate.open = true;
    (void)pthread_cond_broadcast(&gate.changed);
    (void)pthread_mutex_unlock(&gate.lock);
}

/* A request whose work waits for a worker. */
static struct {
    struct api_request req;
    struct api_reply reply;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
} slow = { .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER };

static void
finished(void *ctx)
{
    (void)ctx;
    (void)pthread_mutex_lock(&slow.lock);
    slow.done = true;
    (void)pthread_cond_signal(&slow.cond);
    (void)pthread_mutex_unlock(&slow.lock);
}

static void
begin_slowly(const char *path, const char *body)
{
    slow.done = false;
    slow.req = (struct api_request){ .method = API_POST, .path = path };
    CU_ASSERT_EQUAL_FATAL(tsec_arena_new(8 << 20, &slow.req.arena, NULL).code, 0);
    tsec_rand_uuid(slow.req.id);
    slow.req.token = tsec_span_str(tb.root);
    slow.req.body = tsec_span_str(body);
    slow.req.received_ns = tsec_clock_real_ns(&tb.node.clock.clock);
    api_reply_init(&slow.reply);
    close_gate();
    CU_ASSERT_FALSE_FATAL(api_submit(tb.api, &slow.req, &slow.reply, finished, NULL));
}

static void
end_slowly(void)
{
    open_gate();
    (void)pthread_mutex_lock(&slow.lock);
    while (!slow.done) {
        (void)pthread_cond_wait(&slow.cond, &slow.lock);
    }
    (void)pthread_mutex_unlock(&slow.lock);
}

static void
forget_slow(void)
{
    api_reply_done(&slow.reply);
    tsec_arena_free(slow.req.arena);
}

static bool
slow_says(const char *text)
{
    return slow.reply.body.len > 0
           && memmem(slow.reply.body.ptr, slow.reply.body.len, text, strlen(text)) != NULL;
}

/* Long enough for a worker, whatever the key. */
static const char *
many(const char *item)
{
    static char body[65536];
    size_t at = (size_t)snprintf(body, sizeof(body), "{\"batch_input\":[");

    for (size_t i = 0; i < ITEMS; i++) {
        at += (size_t)snprintf(body + at, sizeof(body) - at, "%s%s", i == 0 ? "" : ",", item);
    }
    (void)snprintf(body + at, sizeof(body) - at, "]}");
    return body;
}

static void
long_work_comes_out_the_same_with_workers_and_without(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"rsa-2048\"}");
    for (int i = 0; i < 2; i++) {
        EXPECT(200, tb_post("sign/k", "{\"input\":\"aGk=\"}"));
        EXPECT(200, data_postf("verify/k", "{\"input\":\"aGk=\",\"signature\":\"%s\"}",
                               data_keep(0, "signature")));
        EXPECT_AT("data.valid", "true");
        EXPECT(200, tb_post("encrypt/k", "{\"plaintext\":\"aGk=\"}"));
        CU_ASSERT_STRING_EQUAL(data_decrypted("k", data_keep(0, "ciphertext")), "aGk=");
        tb.api->options.workers = NULL;
    }
    tb_end();
}

static void
a_key_that_is_rotated_meanwhile_is_used_as_it_is_then(void)
{
    tb_begin();
    data_key("k", NULL);
    begin_slowly("/v1/transit/encrypt/k", many("{\"plaintext\":\"aGk=\"}"));
    data_rotate("k");
    end_slowly();
    CU_ASSERT_EQUAL(slow.reply.status, 200);
    CU_ASSERT_TRUE(slow_says("vault:v2:"));
    CU_ASSERT_FALSE(slow_says("vault:v1:"));
    forget_slow();
    tb_end();
}

static void
what_is_forbidden_meanwhile_is_not_given_out(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"ed25519\"}");
    begin_slowly("/v1/transit/sign/k", many("{\"input\":\"aGk=\"}"));
    data_config("k", "{\"attested_only\":true}");
    end_slowly();
    CU_ASSERT_EQUAL(slow.reply.status, 403);
    CU_ASSERT_FALSE(slow_says("vault:v"));
    forget_slow();
    tb_end();
}

static void
a_key_that_is_deleted_meanwhile_is_gone(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"ed25519\"}");
    data_config("k", "{\"deletion_allowed\":true}");
    begin_slowly("/v1/transit/sign/k", many("{\"input\":\"aGk=\"}"));
    EXPECT(204, api_bench_root(&tb, API_DELETE, "/v1/transit/keys/k", NULL));
    end_slowly();
    CU_ASSERT_EQUAL(slow.reply.status, 400);
    CU_ASSERT_TRUE(slow_says("signing key not found"));
    CU_ASSERT_FALSE(slow_says("vault:v"));
    forget_slow();
    tb_end();
}

static void
a_key_that_somebody_else_makes_meanwhile_is_the_one(void)
{
    const char *first;

    tb_begin();
    begin_slowly("/v1/transit/encrypt/k", many("{\"plaintext\":\"aGk=\"}"));
    data_key("k", "{\"type\":\"chacha20-poly1305\"}");
    end_slowly();
    CU_ASSERT_EQUAL_FATAL(slow.reply.status, 200);

    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(API_REPLY_BODY_MAX);
    char ciphertext[128];

    tsec_buf_put_span(&text, tsec_buf_span(&slow.reply.body));
    tsec_buf_put_byte(&text, 0);
    first = strstr((const char *)text.ptr, "vault:v1:");
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    (void)snprintf(ciphertext, sizeof(ciphertext), "%.*s", (int)strcspn(first, "\""), first);
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", ciphertext), "aGk=");
    EXPECT(200, api_bench_root(&tb, API_GET, "/v1/transit/keys/k", NULL));
    EXPECT_AT("data.type", "\"chacha20-poly1305\"");
    forget_slow();
    tb_end();
}

static void
without_memory_nothing_is_given_out(void)
{
    const char *body = many("{\"plaintext\":\"aGk=\"}");

    tb_begin();
    data_key("k", NULL);
    for (size_t max = 1000; max < 256 * 1024; max = max * 3 / 2) {
        tb.arena_max = max;

        const int status = tb_post("encrypt/k", body);

        CU_ASSERT_TRUE(status == 200 || status == 503);
        CU_ASSERT_EQUAL(status == 200, tb_says("vault:v1:"));
    }
    tb_end();
}

static const struct test_case cases[] = {
    { "long work comes out the same with workers and without",
      long_work_comes_out_the_same_with_workers_and_without },
    { "a key that is rotated meanwhile is used as it is then",
      a_key_that_is_rotated_meanwhile_is_used_as_it_is_then },
    { "what is forbidden meanwhile is not given out",
      what_is_forbidden_meanwhile_is_not_given_out },
    { "a key that is deleted meanwhile is gone", a_key_that_is_deleted_meanwhile_is_gone },
    { "a key that somebody else makes meanwhile is the one",
      a_key_that_somebody_else_makes_meanwhile_is_the_one },
    { "without memory nothing is given out", without_memory_nothing_is_given_out },
};

TEST_MAIN("api/transit_plan", cases)
