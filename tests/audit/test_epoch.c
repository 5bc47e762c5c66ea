/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/epoch.h"

#include "crypto/age.h"
#include "crypto/leaf_seal.h"
#include "tests/ledger/bench.h"

struct fixture {
    struct tsec_clock_fake clock;
    struct audit_options options;
    struct audit *audit;
    struct ledger_bench bench;
    struct ledger_batch batch;
    uint8_t identity[32];
};

static void
start(struct fixture *f)
{
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];

    memset(f, 0, sizeof(*f));
    tsec_clock_fake_init(&f->clock, INT64_C(1790000000) * TSEC_NS_PER_S);
    OK(tsec_age_identity_new(identity, recipient, NULL));
    OK(tsec_age_identity_parse(tsec_span_str(identity), f->identity, NULL));
    OK(tsec_age_recipient_parse(tsec_span_str(recipient), f->options.recipients[0], NULL));
    f->options.origin = BENCH_ORIGIN;
    f->options.clock = &f->clock.clock;
    FAILS(audit_new(&f->options, &f->audit, NULL), TSEC_E_CONFIG);
    f->options.recipients_len = 1;
    OK(audit_new(&f->options, &f->audit, NULL));
    bench_init(&f->bench);
    OK(bench_open(&f->bench, "mem:epoch", NULL));
    ledger_batch_begin(f->bench.ledger, &f->batch);
}

static void
end(struct fixture *f)
{
    ledger_batch_done(&f->batch);
    audit_free(f->audit);
    bench_done(&f->bench);
}

/* Leaves that audit_begin() added. */
static uint64_t
begun(struct fixture *f)
{
    const uint64_t before = f->batch.count;

    OK(audit_begin(f->audit, &f->batch, NULL));
    return f->batch.count - before;
}

static uint64_t
add(struct fixture *f, const char *json)
{
    uint64_t index = 0;

    OK(audit_add(f->audit, &f->batch, tsec_span_str(json), &index, NULL));
    return index;
}

struct opened {
    struct fixture *f;
    struct tsec_aead_key *key;
    unsigned entries;
};

static tsec_rc
open_leaf(struct opened *o, struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(8192);
    struct tsec_leaf leaf;
    struct tsec_leaf_epoch epoch;

    OK(tsec_leaf_parse(bytes, &leaf, NULL));
    if (leaf.kind == TSEC_LEAF_EPOCH) {
        OK(tsec_leaf_epoch_parse(leaf.body, &epoch, NULL));
        CU_ASSERT_EQUAL(epoch.first_index, leaf.index + 1);
        OK(tsec_age_decrypt(o->f->identity, epoch.wrapped, &plain, NULL));
        CU_ASSERT_EQUAL_FATAL(plain.len, 32);
        tsec_aead_key_free(o->key);
        OK(tsec_aead_key_new(TSEC_AES_256_GCM, plain.ptr, &o->key, NULL));
        return TSEC_OK;
    }
    OK(tsec_leaf_audit_open(o->key, BENCH_ORIGIN, bytes, &plain, NULL));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&plain), "{}"));
    o->entries++;
    return TSEC_OK;
}

static void
the_auditor_opens_every_entry(void)
{
    struct fixture f;
    struct opened o = { .f = &f };

    start(&f);
    CU_ASSERT_EQUAL(begun(&f), 1);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 1);
    CU_ASSERT_EQUAL(add(&f, "{}"), 1);
    CU_ASSERT_EQUAL(add(&f, "{}"), 2);
    f.clock.mono += 600 * TSEC_NS_PER_S;
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(begun(&f), 1);
    CU_ASSERT_EQUAL(add(&f, "{}"), 4);
    for (size_t at = 8; at < f.batch.segment.len;) {
        const uint8_t *p = f.batch.segment.ptr + at;
        const size_t len = (size_t)p[0] << 8 | p[1];

        OK(open_leaf(&o, tsec_span(p + 2, len)));
        at += 2 + len;
    }
    CU_ASSERT_EQUAL(o.entries, 3);
    tsec_aead_key_free(o.key);
    end(&f);
}

static void
an_epoch_ends_by_time_or_by_number(void)
{
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(begun(&f), 1);
    audit_publish(f.audit);
    f.clock.mono += 600 * TSEC_NS_PER_S - 1;
    CU_ASSERT_EQUAL(begun(&f), 0);
    f.clock.mono += 1;
    CU_ASSERT_EQUAL(begun(&f), 1);
    audit_publish(f.audit);
    for (int i = 0; i < AUDIT_EPOCH_ENTRIES / 1000; i++) {
        ledger_batch_done(&f.batch);
        ledger_batch_begin(f.bench.ledger, &f.batch);

        const uint64_t fresh = begun(&f);

        CU_ASSERT_EQUAL(fresh, i == AUDIT_EPOCH_ENTRIES / 1000 ? 1 : 0);
        for (int n = 0; n < 1000; n++) {
            (void)add(&f, "{}");
        }
        audit_publish(f.audit);
    }
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 2);
    ledger_batch_done(&f.batch);
    ledger_batch_begin(f.bench.ledger, &f.batch);
    CU_ASSERT_EQUAL(begun(&f), 1);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 3);
    end(&f);
}

static void
an_epoch_that_did_not_get_into_the_log_is_begun_again(void)
{
    struct fixture f;
    uint64_t index = 0;

    start(&f);
    CU_ASSERT_EQUAL(begun(&f), 1);
    audit_drop(f.audit);
    FAILS(audit_add(f.audit, &f.batch, tsec_span_str("{}"), &index, NULL), TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(begun(&f), 1);
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(begun(&f), 0);
    audit_drop(f.audit); /* of a batch that began none */
    CU_ASSERT_EQUAL(begun(&f), 0);
    end(&f);
}

static const struct test_case cases[] = {
    { "the auditor opens every entry", the_auditor_opens_every_entry },
    { "an epoch ends by time or by number", an_epoch_ends_by_time_or_by_number },
    { "an epoch that did not get into the log is begun again",
      an_epoch_that_did_not_get_into_the_log_is_begun_again },
};

TEST_MAIN("audit/epoch", cases)
