/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator signed at one server decides at another within a turn of its background. */
#include "base/base64.h"
#include "boot/boot_internal.h"
#include "core/measurements.h"
#include "tests/double/api_bench.h"
#include "tests/double/attest_script.h"
#include "tests/double/signed_list.h"
#include "tests/test.h"

#define STORE "mem:bootmeasurements"

static struct api_bench s[2];

static void
begin(void)
{
    api_bench_open(&s[0], STORE);
    api_bench_join(&s[1], STORE, &s[0]);
}

static void
end(void)
{
    api_bench_leave(&s[1]);
    api_bench_close(&s[0]);
}

static tsec_rc
store(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *entries[] = { ATTEST_SCRIPT_PCRS };
    const int64_t *sequence = ctx;
    const struct measurements list = { .sequence = *sequence,
                                       .entries = { entries, *sequence % 2 == 0 ? 0 : 1 },
                                       .signer = "" };

    return measurements_store(txn, &list, err);
}

/* Odd ones allow what the script is, even ones nothing. */
static void
sign_at_the_first(int64_t sequence)
{
    tsec_rc rc = TSEC_OK;

    CU_ASSERT_EQUAL_FATAL(node_bench_do(&s[0].node, store, &sequence, &rc, NULL, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);
}

static bool
admits(struct api_bench *server)
{
    static struct appraisal got;
    const struct appraiser_request request = { .format = "script", .evidence = tsec_span_str("e") };

    appraiser_appraise(server->appraiser, &request,
                       tsec_clock_real_ns(&server->node.clock.clock) / TSEC_NS_PER_S, &got);
    return got.genuine;
}

/* Reads at the end of the log, as the server does once a second. */
static void
hear(struct api_bench *server)
{
    CU_ASSERT_EQUAL(api_bench_root(server, API_GET, "/v1/sys/measurements", NULL), 200);
    boot_follow_measurements(server->api);
}

static void
another_server_follows_what_was_signed(void)
{
    begin();
    CU_ASSERT_FALSE(admits(&s[1]));
    sign_at_the_first(1);
    hear(&s[1]);
    CU_ASSERT_TRUE(admits(&s[1]));
    CU_ASSERT_EQUAL(appraiser_generation(s[1].appraiser), 2);
    hear(&s[1]);
    CU_ASSERT_EQUAL(appraiser_generation(s[1].appraiser), 2); /* nothing new, nothing done */
    sign_at_the_first(2);
    hear(&s[1]);
    CU_ASSERT_FALSE(admits(&s[1]));
    end();
}

static void
a_server_that_is_sealed_or_not_there_is_left_alone(void)
{
    begin();
    sign_at_the_first(1);
    CU_ASSERT_EQUAL(node_seal(s[1].node.node, NULL).code, 0);
    boot_follow_measurements(s[1].api);
    boot_follow_measurements(NULL);
    CU_ASSERT_EQUAL(appraiser_generation(s[1].appraiser), 1);
    end();
}

static void
keys_of_the_configuration_are_those_that_may_sign(void)
{
    struct signed_list_key keys[2];
    struct conf_item items[2] = { { .value = NULL } };
    struct tsec_conf conf = { .operators = { items, 2 } };
    struct boot boot = { .conf = &conf };
    char text[2][256];
    char id[OPERATOR_ID_LEN + 1];

    for (size_t i = 0; i < 2; i++) {
        signed_list_key_new(&keys[i], i == 0 ? TSEC_KEY_ED25519 : TSEC_KEY_P384);
        tsec_base64_encode(TSEC_BASE64_STD, tsec_buf_span(&keys[i].spki), text[i]);
        items[i].value = text[i];
    }
    CU_ASSERT_FALSE(tsec_failed(boot_set_operators(&boot, &conf, NULL)));
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(operators_id_at(boot.operators, i, id));
        CU_ASSERT_STRING_EQUAL(id, keys[i].id);
    }
    conf.operators.len = 1; /* a reload without the second */
    CU_ASSERT_FALSE(tsec_failed(boot_set_operators(&boot, &conf, NULL)));
    CU_ASSERT_EQUAL(operators_len(boot.operators), 1);
    operators_free(boot.operators);
    signed_list_key_done(&keys[0]);
    signed_list_key_done(&keys[1]);
}

static const struct test_case cases[] = {
    { "another server follows what was signed", another_server_follows_what_was_signed },
    { "a server that is sealed or not there is left alone",
      a_server_that_is_sealed_or_not_there_is_left_alone },
    { "keys of the configuration are those that may sign",
      keys_of_the_configuration_are_those_that_may_sign },
};

TEST_MAIN("boot/boot_measurements", cases)
