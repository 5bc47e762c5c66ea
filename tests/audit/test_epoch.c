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
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 0);
    CU_ASSERT_EQUAL(begun(&f), 1);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 0); /* not yet in the log */
    CU_ASSERT_EQUAL(add(&f, "{}"), 1);
    CU_ASSERT_EQUAL(add(&f, "{}"), 2);
    f.clock.mono += 600 * TSEC_NS_PER_S;
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 1);
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
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 3);
    end(&f);
}

/* Every seal uses the key, also those of a batch that another server was faster than. */
static void
entries_of_dropped_batches_count_towards_the_end_of_an_epoch(void)
{
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(begun(&f), 1);
    audit_publish(f.audit);
    for (int i = 0; i < AUDIT_EPOCH_ENTRIES / 1000; i++) {
        ledger_batch_done(&f.batch);
        ledger_batch_begin(f.bench.ledger, &f.batch);
        CU_ASSERT_EQUAL(begun(&f), 0);
        for (int n = 0; n < 1000; n++) {
            (void)add(&f, "{}");
        }
        audit_drop(f.audit);
    }
    CU_ASSERT_EQUAL(begun(&f), 1);
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

/* ---- beside another server ---- */

/* The epoch leaf of another server. */
static void
other_begins(struct fixture *f, uint32_t number)
{
    static const uint8_t wrapped[] = "not for us";
    const struct tsec_leaf_epoch epoch = { number, 8, tsec_span(wrapped, sizeof(wrapped)) };
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(128);

    tsec_leaf_header(&leaf, TSEC_LEAF_EPOCH, 7);
    OK(tsec_leaf_epoch_pack(&epoch, &leaf, NULL));
    audit_replay(f->audit, tsec_buf_span(&leaf));
}

/* The number by which the last leaf of the batch names its epoch. */
static uint32_t
named_epoch(const struct fixture *f)
{
    struct tsec_span leaf = tsec_span(NULL, 0);
    struct tsec_leaf_epoch epoch = { 0 };
    struct tsec_leaf parsed;
    uint32_t number = 0;

    for (size_t at = 8; at < f->batch.segment.len; at += 2 + leaf.len) {
        const uint8_t *p = f->batch.segment.ptr + at;

        leaf = tsec_span(p + 2, (size_t)p[0] << 8 | p[1]);
    }
    OK(tsec_leaf_parse(leaf, &parsed, NULL));
    if (parsed.kind == TSEC_LEAF_EPOCH) {
        OK(tsec_leaf_epoch_parse(parsed.body, &epoch, NULL));
        return epoch.epoch;
    }
    OK(tsec_leaf_audit_epoch(leaf, &number, NULL));
    return number;
}

static void
the_own_epoch_goes_on_while_others_begin_theirs(void)
{
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(begun(&f), 1);
    audit_publish(f.audit);
    other_begins(&f, 2);
    other_begins(&f, 3);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 3);
    CU_ASSERT_EQUAL(begun(&f), 0);
    (void)add(&f, "{}");
    CU_ASSERT_EQUAL(named_epoch(&f), 1);
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 3);
    f.clock.mono += 600 * TSEC_NS_PER_S;
    CU_ASSERT_EQUAL(begun(&f), 1);
    CU_ASSERT_EQUAL(named_epoch(&f), 4);
    (void)add(&f, "{}");
    CU_ASSERT_EQUAL(named_epoch(&f), 4);
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 4);
    end(&f);
}

static void
a_number_that_another_server_took_first_is_not_taken_again(void)
{
    struct fixture f;

    for (int followed_first = 0; followed_first < 2; followed_first++) {
        start(&f);
        CU_ASSERT_EQUAL(begun(&f), 1);
        CU_ASSERT_EQUAL(named_epoch(&f), 1);
        if (followed_first) {
            other_begins(&f, 1);
            audit_drop(f.audit);
        } else {
            audit_drop(f.audit);
            CU_ASSERT_EQUAL(audit_epoch(f.audit), 0);
            other_begins(&f, 1);
        }
        CU_ASSERT_EQUAL(audit_epoch(f.audit), 1);
        CU_ASSERT_EQUAL(begun(&f), 1);
        CU_ASSERT_EQUAL(named_epoch(&f), 2);
        audit_publish(f.audit);
        CU_ASSERT_EQUAL(audit_epoch(f.audit), 2);
        end(&f);
    }
}

static void
a_dropped_batch_does_not_end_an_epoch_that_is_in_the_log(void)
{
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(begun(&f), 1);
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(begun(&f), 0);
    (void)add(&f, "{}");
    audit_drop(f.audit);
    other_begins(&f, 2);
    CU_ASSERT_EQUAL(begun(&f), 0);
    (void)add(&f, "{}");
    CU_ASSERT_EQUAL(named_epoch(&f), 1);
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 2);
    end(&f);
}

static void
what_is_known_of_the_log_is_never_lowered(void)
{
    struct fixture f;

    start(&f);
    audit_restore(f.audit, 9);
    other_begins(&f, 4);
    audit_restore(f.audit, 3);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 9);
    CU_ASSERT_EQUAL(begun(&f), 1);
    CU_ASSERT_EQUAL(named_epoch(&f), 10);
    audit_publish(f.audit);
    CU_ASSERT_EQUAL(audit_epoch(f.audit), 10);
    end(&f);
}

static void
numbers_are_not_used_twice_when_they_run_out(void)
{
    struct fixture f;

    start(&f);
    audit_restore(f.audit, UINT32_MAX);
    FAILS(audit_begin(f.audit, &f.batch, NULL), TSEC_E_INTERNAL);
    end(&f);
}

static const struct test_case cases[] = {
    { "the auditor opens every entry", the_auditor_opens_every_entry },
    { "an epoch ends by time or by number", an_epoch_ends_by_time_or_by_number },
    { "entries of dropped batches count towards the end of an epoch",
      entries_of_dropped_batches_count_towards_the_end_of_an_epoch },
    { "an epoch that did not get into the log is begun again",
      an_epoch_that_did_not_get_into_the_log_is_begun_again },
    { "the own epoch goes on while others begin theirs",
      the_own_epoch_goes_on_while_others_begin_theirs },
    { "a number that another server took first is not taken again",
      a_number_that_another_server_took_first_is_not_taken_again },
    { "a dropped batch does not end an epoch that is in the log",
      a_dropped_batch_does_not_end_an_epoch_that_is_in_the_log },
    { "what is known of the log is never lowered", what_is_known_of_the_log_is_never_lowered },
    { "numbers are not used twice when they run out",
      numbers_are_not_used_twice_when_they_run_out },
};

TEST_MAIN("audit/epoch", cases)
