/* SPDX-License-Identifier: Apache-2.0 */
/* What the two health pages say while something fails, and after. */
#include "api/health.h"

#include <time.h>

#include "tests/double/api_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

static struct api_bench b;

static void
store_down(enum tsec_code code)
{
    store_fault_down(b.node.store, code);
    b.node.clock.real += 7 * TSEC_NS_PER_S;
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 503);
    CU_ASSERT_EQUAL(b.reply.retry_after_s, 1);
}

static void
store_back(void)
{
    store_fault_clear(b.node.store);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
}

static void
the_part_that_fails_is_named_with_since_why_and_what_to_do(void)
{
    api_bench_open(&b, "mem:health");
    store_down(TSEC_E_UNAVAILABLE);
    b.node.clock.real += TSEC_NS_PER_S;
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 503);
    CU_ASSERT_EQUAL(b.reply.retry_after_s, 1);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "state"), "failed");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.0.state"), "ok");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.1.name"), "ledger");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.1.state"), "failed");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.1.reason"), "unavailable");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.2.name"), "store");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.2.state"), "failed");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.2.reason"), "unavailable");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.2.since"), "2026-09-21T14:13:27Z");
    CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_str(&b, "parts.2.advice"), "does not answer"));
    CU_ASSERT_FALSE(api_bench_has(&b, "parts.2.detail")); /* strangers read this */
    store_back();
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 200);
    CU_ASSERT_EQUAL(b.reply.retry_after_s, 0);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "state"), "ok");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.2.since"), "2026-09-21T14:13:28Z");
    CU_ASSERT_FALSE(api_bench_has(&b, "parts.2.reason"));
    CU_ASSERT_FALSE(api_bench_has(&b, "parts.2.advice"));
    api_bench_close(&b);
}

static void
a_server_that_cannot_serve_says_so_to_load_balancers(void)
{
    api_bench_open(&b, "mem:health");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health", NULL, NULL), 200);
    CU_ASSERT_FALSE(api_bench_has(&b, "parts"));
    store_down(TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health", NULL, NULL), 503);
    CU_ASSERT_EQUAL(b.reply.retry_after_s, 1);
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "sealed")));
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "initialized")));
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "parts")), 2);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.1.name"), "store");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?haunhealthy=299", NULL, NULL), 299);
    CU_ASSERT_EQUAL(b.reply.retry_after_s, 0);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?haunhealthycode=474", NULL, NULL),
                    474);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?haunhealthycode=", NULL, NULL),
                    400);
    store_back();
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health?haunhealthy=299", NULL, NULL), 200);
    CU_ASSERT_FALSE(api_bench_has(&b, "parts"));
    api_bench_close(&b);
}

static void
a_store_that_refuses_writes_is_shown_with_its_reason(void)
{
    api_bench_open(&b, "mem:health");
    store_down(TSEC_E_READ_ONLY);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 503);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.2.reason"), "read_only");
    store_back();
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 200);
    api_bench_close(&b);
}

/* Asks until it is so, for as long as another thread may need to notice. */
static bool
comes(int status, const char *state)
{
    const struct timespec step = { .tv_nsec = 20 * 1000000L };

    for (int i = 0; i < 150; i++) {
        if (api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL) == status
            && strcmp(api_bench_str(&b, "state"), state) == 0) {
            return true;
        }
        (void)nanosleep(&step, NULL);
    }
    return false;
}

static void
an_older_database_is_shown_as_a_rollback_while_it_lasts(void)
{
    json_int_t leaves;

    api_bench_open(&b, "mem:health");
    CU_ASSERT_TRUE(store_mem_copy("health", "older"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/tee/health", NULL, NULL), 200);
    leaves = api_bench_int(&b, "leaves");
    CU_ASSERT_TRUE(store_mem_copy("health", "newest"));
    CU_ASSERT_TRUE(store_mem_copy("older", "health"));
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 503);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "code"), "rollback");
    CU_ASSERT_EQUAL(b.reply.retry_after_s, 1);
    CU_ASSERT_TRUE(comes(503, "rollback"));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.1.state"), "rollback");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.1.reason"), "rollback");
    CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_str(&b, "parts.1.detail"), "leaves"));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.2.state"), "ok"); /* it answers */
    CU_ASSERT_EQUAL(api_bench_int(&b, "leaves"), leaves);             /* what was seen */
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/health", NULL, NULL), 503);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "parts.0.state"), "rollback");
    /* The head that was seen is what shows it, and it is still told. */
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/audit/checkpoint", NULL, NULL), 200);
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    CU_ASSERT_TRUE(store_mem_copy("newest", "health"));
    CU_ASSERT_TRUE(comes(200, "ok")); /* though nobody asks for anything */
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
    api_bench_close(&b);
}

/* ---- what has no place in the benches: a node's figures are given ---- */

static void
put(const struct health *health, bool bad_only, struct tsec_buf *text)
{
    struct tsec_json_out out = tsec_json_out(text);

    tsec_buf_reset(text);
    health_put_parts(health, bad_only, &out);
    tsec_buf_put_byte(text, 0);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_buf_check(text, NULL)));
}

static bool
says(const struct tsec_buf *text, const char *what)
{
    return strstr((const char *)text->ptr, what) != NULL;
}

static void
a_rollback_is_a_state_of_its_own_with_its_numbers(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(8192);
    struct node_health now = { .status = NODE_ACTIVE };
    struct health health = { .parts_len = HEALTH_VERIFIERS };

    now.ledger.failing_since_ns = INT64_C(1790000000) * TSEC_NS_PER_S;
    now.ledger.last_error.code = TSEC_E_ROLLBACK;
    (void)snprintf(now.ledger.last_error.detail, sizeof(now.ledger.last_error.detail),
                   "have 3, saw 5");
    health_judge(&now, NULL, &health);
    CU_ASSERT_EQUAL(health.worst, HEALTH_ROLLBACK);
    CU_ASSERT_FALSE(health.serves);
    put(&health, true, &text);
    CU_ASSERT_TRUE(says(&text, "\"state\":\"rollback\""));
    CU_ASSERT_TRUE(says(&text, "\"detail\":\"have 3, saw 5\""));
    CU_ASSERT_TRUE(says(&text, "\"since\":\"2026-09-21T14:13:20Z\""));
    now.ledger.failing_since_ns = 0; /* what was last wrong is not wrong now */
    health = (struct health){ .parts_len = HEALTH_VERIFIERS };
    health_judge(&now, NULL, &health);
    CU_ASSERT_EQUAL(health.worst, HEALTH_OK);
    CU_ASSERT_TRUE(health.serves);
}

static void
the_words_of_other_failures_are_not_for_strangers(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(8192);
    struct node_health now = { .status = NODE_ACTIVE };
    struct health health = { .parts_len = HEALTH_VERIFIERS };

    now.ledger.failing_since_ns = 1;
    now.ledger.last_error.code = TSEC_E_UNAVAILABLE;
    (void)snprintf(now.ledger.last_error.detail, sizeof(now.ledger.last_error.detail),
                   "db.internal:5432 refused");
    now.store_err = now.ledger.last_error;
    now.store = (tsec_rc){ TSEC_E_UNAVAILABLE };
    health_judge(&now, NULL, &health);
    put(&health, false, &text);
    CU_ASSERT_FALSE(says(&text, "db.internal"));
    CU_ASSERT_EQUAL(health.worst, HEALTH_FAILED);
}

static void
what_a_store_cannot_promise_is_shown(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(8192);
    struct node_health now = { .status = NODE_ACTIVE };
    struct health health = { .parts_len = HEALTH_VERIFIERS };

    (void)snprintf(now.store_err.detail, sizeof(now.store_err.detail), "it may lose what it has");
    health_judge(&now, NULL, &health);
    put(&health, true, &text);
    CU_ASSERT_EQUAL(health.worst, HEALTH_DEGRADED);
    CU_ASSERT_TRUE(health.serves);
    CU_ASSERT_TRUE(says(&text, "\"name\":\"store\""));
    CU_ASSERT_TRUE(says(&text, "\"detail\":\"it may lose what it has\""));
}

static const struct test_case cases[] = {
    { "the part that fails is named, with since, why and what to do",
      the_part_that_fails_is_named_with_since_why_and_what_to_do },
    { "a server that cannot serve says so to load balancers",
      a_server_that_cannot_serve_says_so_to_load_balancers },
    { "a store that refuses writes is shown with its reason",
      a_store_that_refuses_writes_is_shown_with_its_reason },
    { "an older database is shown as a rollback while it lasts",
      an_older_database_is_shown_as_a_rollback_while_it_lasts },
    { "a rollback is a state of its own, with its numbers",
      a_rollback_is_a_state_of_its_own_with_its_numbers },
    { "the words of other failures are not for strangers",
      the_words_of_other_failures_are_not_for_strangers },
    { "what a store cannot promise is shown", what_a_store_cannot_promise_is_shown },
};

TEST_MAIN("api/health", cases)
