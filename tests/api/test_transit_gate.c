/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

static const char HELLO[] = "{\"plaintext\":\"aGVsbG8=\"}";

static void
a_rate_is_kept_and_says_when_to_come_again(void)
{
    tb_begin();
    data_key("k", "{\"rate\":2}");
    EXPECT(200, tb_post("encrypt/k", HELLO));
    EXPECT(200, tb_post("encrypt/k", HELLO));
    EXPECT(429, tb_post("encrypt/k", HELLO));
    EXPECT_ERROR("request path \"transit/encrypt/k\": rate limit quota exceeded");
    CU_ASSERT_EQUAL(tb.reply.retry_after_s, 1);
    EXPECT(429, tb_post("hmac/k", "{\"input\":\"\"}"));
    tsec_clock_fake_advance(&tb.node.clock, TSEC_NS_PER_S / 2);
    EXPECT(200, tb_post("encrypt/k", HELLO));
    EXPECT(429, tb_post("encrypt/k", HELLO));
    tb_end();
}

static void
a_batch_counts_its_items(void)
{
    tb_begin();
    data_key("k", "{\"rate\":1}");
    EXPECT(200, tb_post("encrypt/k", "{\"batch_input\":[{\"plaintext\":\"\"},"
                                     "{\"plaintext\":\"\"},{\"plaintext\":\"\"},"
                                     "{\"plaintext\":\"\"}]}"));
    EXPECT(429, tb_post("encrypt/k", HELLO));
    CU_ASSERT_EQUAL(tb.reply.retry_after_s, 4);
    tsec_clock_fake_advance(&tb.node.clock, 4 * TSEC_NS_PER_S);
    EXPECT(200, tb_post("encrypt/k", HELLO));
    tb_end();
}

/* Its handler runs twice. */
static void
long_work_is_charged_once(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"rsa-2048\",\"rate\":3}");
    for (int i = 0; i < 3; i++) {
        EXPECT(200, tb_post("sign/k", "{\"input\":\"\"}"));
    }
    EXPECT(429, tb_post("sign/k", "{\"input\":\"\"}"));
    tb_end();
}

static void
uses_are_counted_and_come_to_an_end(void)
{
    const char *sealed;

    tb_begin();
    data_key("k", "{\"max_uses\":4}");
    EXPECT(200, tb_post("encrypt/k", HELLO));
    sealed = data_keep(0, "ciphertext");
    EXPECT(200, data_postf("decrypt/k", "{\"ciphertext\":\"%s\"}", sealed));
    EXPECT(400, tb_post("decrypt/k", "{\"ciphertext\":\"vault:v1:AAAA\"}")); /* no use */
    EXPECT(403, tb_post("encrypt/k", "{\"batch_input\":[{\"plaintext\":\"\"},"
                                     "{\"plaintext\":\"\"},{\"plaintext\":\"\"}]}"));
    EXPECT_ERROR("key k may be used 2 more times, not 3");
    EXPECT(200, tb_post("encrypt/k", "{\"batch_input\":[{\"plaintext\":\"\"},"
                                     "{\"plaintext\":\"\"}]}"));
    EXPECT(403, data_postf("decrypt/k", "{\"ciphertext\":\"%s\"}", sealed));
    EXPECT(403, tb_post("datakey/plaintext/k", NULL));
    EXPECT(403, tb_post("hmac/k", "{\"input\":\"\"}"));
    EXPECT(403, data_postf("rewrap/k", "{\"ciphertext\":\"%s\"}", sealed));
    tb_end();
}

/* Its handler runs twice, and what the first run counted is forgotten with it. */
static void
long_work_is_one_use(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"rsa-2048\",\"max_uses\":2}");
    EXPECT(200, tb_post("sign/k", "{\"input\":\"\"}"));
    EXPECT(200, tb_post("sign/k", "{\"input\":\"\"}"));
    EXPECT(403, tb_post("sign/k", "{\"input\":\"\"}"));
    tb_end();
}

/* What a batch gave out was used, whatever became of its other items. */
static void
a_batch_that_failed_in_part_was_used(void)
{
    tb_begin();
    data_key("k", "{\"max_uses\":2}");
    EXPECT(400, tb_post("encrypt/k", "{\"batch_input\":[{\"plaintext\":\"\"},"
                                     "{\"plaintext\":\"?\"}]}"));
    EXPECT_AT("data.batch_results.0.key_version", "1");
    EXPECT(403, tb_post("encrypt/k", HELLO));
    tb_end();
}

static void
verifying_uses_nothing_up(void)
{
    const char *sig;

    tb_begin();
    data_key("k", "{\"type\":\"ed25519\",\"max_uses\":1}");
    EXPECT(200, tb_post("sign/k", "{\"input\":\"\"}"));
    sig = data_keep(0, "signature");
    EXPECT(403, tb_post("sign/k", "{\"input\":\"\"}"));
    for (int i = 0; i < 3; i++) {
        EXPECT(200, data_postf("verify/k", "{\"input\":\"\",\"signature\":\"%s\"}", sig));
        EXPECT_AT("data.valid", "true");
    }
    tb_end();
}

static void
a_key_for_attested_callers_serves_nobody_yet(void)
{
    tb_begin();
    data_key("k", "{\"attested_only\":true}");
    EXPECT(403, tb_post("encrypt/k", HELLO));
    EXPECT_ERROR("this key serves only callers whose login proved what they run");
    EXPECT(403, tb_post("hmac/k", "{\"input\":\"\"}"));
    EXPECT(403, tb_post("datakey/wrapped/k", NULL));
    tb_end();
}

static const struct test_case cases[] = {
    { "a rate is kept and says when to come again", a_rate_is_kept_and_says_when_to_come_again },
    { "a batch counts its items", a_batch_counts_its_items },
    { "long work is charged once", long_work_is_charged_once },
    { "uses are counted and come to an end", uses_are_counted_and_come_to_an_end },
    { "long work is one use", long_work_is_one_use },
    { "a batch that failed in part was used", a_batch_that_failed_in_part_was_used },
    { "verifying uses nothing up", verifying_uses_nothing_up },
    { "a key for attested callers serves nobody yet",
      a_key_for_attested_callers_serves_nobody_yet },
};

TEST_MAIN("api/transit_gate", cases)
