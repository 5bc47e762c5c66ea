/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/metrics.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/double/attest_script.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

/* The value of a metric, -1 when it is not there. */
static long
value_of(struct tsec_buf *text, const char *name)
{
    char line[128];
    const char *at;

    tsec_buf_put_byte(text, 0);
    (void)snprintf(line, sizeof(line), "\n%s ", name);
    at = strstr((const char *)text->ptr, line);
    text->len--;
    return at == NULL ? -1 : strtol(at + strlen(line), NULL, 10);
}

static void
collect(struct node_bench *b, struct tsec_buf *text)
{
    const struct metrics_sources sources = {
        .node = b->node, .store_watch = b->watch, .clock = &b->clock.clock, .version = "1.2.3"
    };

    tsec_buf_reset(text);
    metrics_text(&sources, text);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_buf_check(text, NULL)));
}

static void
what_happens_is_counted(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT((size_t)1 << 20);
    struct node_bench b = { .node = NULL };
    long leaves;

    CU_ASSERT_FALSE_FATAL(tsec_failed(node_bench_open(&b, "mem:metrics", true, NULL)));
    collect(&b, &text);
    leaves = value_of(&text, "tee_secrets_ledger_leaves");
    CU_ASSERT_TRUE(leaves > 0);
    CU_ASSERT_EQUAL(value_of(&text, "vault_core_unsealed"), 1);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_simulated"), 1);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_rows"), 0);
    CU_ASSERT_TRUE(value_of(&text, "process_resident_memory_bytes") > 1000000);
    CU_ASSERT_FALSE(tsec_failed(node_bench_put(&b, "sys/a", "one")));
    collect(&b, &text);
    CU_ASSERT_TRUE(value_of(&text, "tee_secrets_ledger_leaves") > leaves);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_rows"), 1);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_ledger_failing_seconds"), 0);
    store_fault_down(b.store, TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(tsec_failed(node_bench_put(&b, "sys/a", "two")));
    tsec_clock_fake_advance(&b.clock, 7 * TSEC_NS_PER_S);
    collect(&b, &text);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_ledger_failing_seconds"), 7);
    CU_ASSERT_EQUAL(value_of(&text, "vault_audit_log_request_failure"), 1);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_store_up"), 0);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_store_failing_seconds"), 7);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_store_outages_total"), 1);
    CU_ASSERT_TRUE(value_of(&text, "tee_secrets_store_failures_total") >= 1);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_ledger_rollback"), 0);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_ledger_conflicts_total"), 0);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_ledger_follows_total"), 0);
    store_fault_clear(b.store);
    CU_ASSERT_FALSE(tsec_failed(node_bench_put(&b, "sys/a", "two")));
    collect(&b, &text);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_store_failing_seconds"), 0);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_store_up"), 1);
    node_bench_close(&b);
    store_mem_forget();
}

static void
verdicts_are_counted_by_format_and_reason(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT((size_t)1 << 20);
    TSEC_AUTO(verifiers_free) struct verifiers *set = NULL;
    TSEC_AUTO(appraiser_free) struct appraiser *appraiser = NULL;
    const struct verifier item = { "attest-script", &attest_script_ops, NULL };
    const struct appraiser_request request = { .format = "sgx", .evidence = { NULL, 0 } };
    struct appraisal *out = calloc(1, sizeof(*out));
    struct node_bench b = { .node = NULL };

    CU_ASSERT_FALSE_FATAL(tsec_failed(node_bench_open(&b, "mem:metrics", true, NULL)));
    attest_script_genuine(0);
    CU_ASSERT_FALSE_FATAL(tsec_failed(verifiers_new(&item, 1, &set, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(appraiser_new(
        set, &(const struct admission_policy){ .max_age_s = 0 }, NULL, &appraiser, NULL)));
    appraiser_appraise(appraiser, &request, 0, out);
    appraiser_appraise(appraiser, &request, 0, out);

    const struct metrics_sources sources = {
        .node = b.node, .clock = &b.clock.clock, .version = "1", .appraiser = appraiser
    };

    metrics_text(&sources, &text);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_verifications_total{format=\"sgx\","
                                    "verdict=\"genuine\",reason=\"\"}"),
                    0);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_verifications_total{format=\"sgx\","
                                    "verdict=\"refused\",reason=\"measurement\"}"),
                    2);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_verifications_total{format=\"sgx\","
                                    "verdict=\"refused\",reason=\"debug\"}"),
                    -1);
    free(out);
    node_bench_close(&b);
    store_mem_forget();
}

static void
no_name_and_no_value_is_in_it(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT((size_t)1 << 20);
    struct node_bench b = { .node = NULL };

    CU_ASSERT_FALSE_FATAL(tsec_failed(node_bench_open(&b, "mem:metrics", true, NULL)));
    CU_ASSERT_FALSE(tsec_failed(node_bench_put(&b, "sys/canary-name", "canary-value")));
    collect(&b, &text);
    CU_ASSERT_PTR_NULL(memmem(text.ptr, text.len, "canary", 6));
    node_bench_close(&b);
    store_mem_forget();
}

static void
what_was_granted_is_counted_by_role(void)
{
    static struct grants grants;
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT((size_t)1 << 20);
    struct node_bench b = { .node = NULL };
    struct metrics_sources sources = { .version = "1.2.3", .grants = &grants };

    CU_ASSERT_FALSE_FATAL(tsec_failed(node_bench_open(&b, "mem:metrics", true, NULL)));
    sources.node = b.node;
    sources.clock = &b.clock.clock;
    grants_init(&grants);
    grants_count(&grants, GRANT_RELEASE, "pay\"ments\\");
    grants_refuse(&grants, GRANT_CHANNEL, "measurement");
    metrics_text(&sources, &text);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_attested_grants_total{kind=\"release\","
                                    "role=\"pay\\\"ments\\\\\"}"),
                    1);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_attested_refusals_total{kind=\"channel\","
                                    "reason=\"measurement\"}"),
                    1);
    grants_done(&grants);
    node_bench_close(&b);
    store_mem_forget();
}

static void
channels_and_their_handshakes_are_counted(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT((size_t)1 << 20);
    struct node_bench b = { .node = NULL };
    struct metrics_sources sources = { .version = "1.2.3" };
    struct channels_options options = { .clock = NULL };

    CU_ASSERT_FALSE_FATAL(tsec_failed(node_bench_open(&b, "mem:metrics", true, NULL)));
    options.clock = &b.clock.clock;
    CU_ASSERT_EQUAL_FATAL(channels_new(&options, &sources.channels, NULL).code, 0);
    sources.node = b.node;
    sources.clock = &b.clock.clock;
    channels_refused(sources.channels);
    channels_took(sources.channels, 7 * TSEC_NS_PER_MS);
    channels_took(sources.channels, 20 * TSEC_NS_PER_S);
    metrics_text(&sources, &text);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_channels_open"), 0);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_channels_refused_total"), 1);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_channel_handshake_seconds_bucket{le=\"0.005\"}"),
                    0);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_channel_handshake_seconds_bucket{le=\"0.010\"}"),
                    1);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_channel_handshake_seconds_bucket{le=\"+Inf\"}"),
                    2);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_channel_handshake_seconds_count"), 2);
    CU_ASSERT_EQUAL(value_of(&text, "tee_secrets_channel_handshake_seconds_sum"), 20);
    channels_free(sources.channels);
    node_bench_close(&b);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "channels and their handshakes are counted", channels_and_their_handshakes_are_counted },
    { "what was granted is counted by role", what_was_granted_is_counted_by_role },
    { "verdicts are counted by format and reason", verdicts_are_counted_by_format_and_reason },
    { "what happens is counted", what_happens_is_counted },
    { "no name and no value is in it", no_name_and_no_value_is_in_it },
};

TEST_MAIN("monitor/metrics", cases)
