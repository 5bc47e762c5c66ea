/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of several servers in one ledger, sealed by the servers' own code. */
#include "client/audit_keys.h"

#include "audit/epoch.h"
#include "crypto/age.h"
#include "tests/ledger/bench.h"

enum { SERVERS = 2 };

struct fixture {
    struct tsec_clock_fake clock;
    struct ledger_bench bench;
    struct ledger_batch batch;
    struct audit *servers[SERVERS];
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];
    struct audit_keys keys;
    size_t read; /* of the batch's segment */
    size_t replayed;
};

static void
add_server(struct fixture *f, size_t i, const char *recipient)
{
    struct audit_options options = { .origin = BENCH_ORIGIN,
                                     .recipients_len = 1,
                                     .clock = &f->clock.clock };

    OK(tsec_age_recipient_parse(tsec_span_str(recipient), options.recipients[0], NULL));
    OK(audit_new(&options, &f->servers[i], NULL));
}

static void
start(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    tsec_clock_fake_init(&f->clock, INT64_C(1790000000) * TSEC_NS_PER_S);
    OK(tsec_age_identity_new(f->identity, f->recipient, NULL));
    for (size_t i = 0; i < SERVERS; i++) {
        add_server(f, i, f->recipient);
    }
    OK(audit_keys_read(tsec_span_str(f->identity), &f->keys, NULL));
    memcpy(f->keys.origin, BENCH_ORIGIN, sizeof(BENCH_ORIGIN));
    bench_init(&f->bench);
    OK(bench_open(&f->bench, "mem:audit-keys", NULL));
    ledger_batch_begin(f->bench.ledger, &f->batch);
    f->read = f->replayed = 8;
}

static void
end(struct fixture *f)
{
    audit_keys_done(&f->keys);
    ledger_batch_done(&f->batch);
    for (size_t i = 0; i < SERVERS; i++) {
        audit_free(f->servers[i]);
    }
    bench_done(&f->bench);
}

static struct tsec_span
next_leaf(const struct fixture *f, size_t *at)
{
    const uint8_t *p = f->batch.segment.ptr + *at;
    const struct tsec_span leaf = tsec_span(p + 2, (size_t)p[0] << 8 | p[1]);

    *at += 2 + leaf.len;
    return leaf;
}

/* What one server wrote, the others follow. */
static void
writes(struct fixture *f, size_t server, const char *json)
{
    uint64_t index = 0;

    OK(audit_begin(f->servers[server], &f->batch, NULL));
    OK(audit_add(f->servers[server], &f->batch, tsec_span_str(json), &index, NULL));
    audit_publish(f->servers[server]);
    while (f->replayed < f->batch.segment.len) {
        const struct tsec_span leaf = next_leaf(f, &f->replayed);

        for (size_t i = 0; i < SERVERS; i++) {
            if (i != server) {
                audit_replay(f->servers[i], leaf);
            }
        }
    }
}

/* Reads on to the end; the entries, one after the other. */
static tsec_rc
reads(struct fixture *f, struct tsec_buf *out, struct tsec_err *err)
{
    struct tsec_leaf leaf;
    bool open;

    while (f->read < f->batch.segment.len) {
        const struct tsec_span bytes = next_leaf(f, &f->read);

        TSEC_TRY(tsec_leaf_parse(bytes, &leaf, err));
        TSEC_TRY(leaf.kind == TSEC_LEAF_EPOCH ? audit_keys_epoch(&f->keys, &leaf, err)
                                              : audit_keys_open(&f->keys, bytes, out, &open, err));
    }
    return TSEC_OK;
}

static void
entries_of_two_servers_open_in_the_order_of_the_ledger(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    struct fixture f;

    start(&f);
    writes(&f, 0, "a1 ");
    writes(&f, 1, "b1 ");
    writes(&f, 0, "a2 ");
    writes(&f, 0, "a3 ");
    writes(&f, 1, "b2 ");
    OK(reads(&f, &out, NULL));
    f.clock.mono += 400 * TSEC_NS_PER_S;
    writes(&f, 1, "b3 ");
    f.clock.mono += 200 * TSEC_NS_PER_S;
    writes(&f, 0, "a4 ");
    writes(&f, 1, "b4 ");
    writes(&f, 0, "a5");
    OK(reads(&f, &out, NULL));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), "a1 b1 a2 a3 b2 b3 a4 b4 a5"));
    CU_ASSERT_EQUAL(audit_epoch(f.servers[0]), 4);
    CU_ASSERT_EQUAL(audit_epoch(f.servers[1]), 4);
    CU_ASSERT_EQUAL(f.keys.opened, 9);
    CU_ASSERT_EQUAL(f.keys.closed + f.keys.lost, 0);
    end(&f);
}

static void
a_server_may_write_on_while_another_begins_epoch_after_epoch(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    struct fixture f;

    start(&f);
    writes(&f, 0, "a");
    for (int starts = 0; starts < 100; starts++) {
        const uint32_t seen = audit_epoch(f.servers[0]);

        audit_free(f.servers[1]);
        add_server(&f, 1, f.recipient);
        audit_restore(f.servers[1], seen);
        writes(&f, 1, "b");
    }
    writes(&f, 0, "a");
    OK(reads(&f, &out, NULL));
    CU_ASSERT_EQUAL(out.len, 102);
    CU_ASSERT_EQUAL(out.ptr[101], 'a');
    CU_ASSERT_EQUAL(f.keys.closed + f.keys.lost, 0);
    end(&f);
}

static void
entries_for_others_and_entries_without_an_epoch_are_counted_apart(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];
    struct fixture f;

    start(&f);
    OK(tsec_age_identity_new(identity, recipient, NULL));
    audit_free(f.servers[1]);
    add_server(&f, 1, recipient);
    writes(&f, 0, "a");
    (void)next_leaf(&f, &f.read); /* the epoch's leaf is kept from the reader */
    writes(&f, 1, "b");
    writes(&f, 1, "b");
    OK(reads(&f, &out, NULL));
    CU_ASSERT_EQUAL(out.len, 0);
    CU_ASSERT_EQUAL(f.keys.lost, 1);
    CU_ASSERT_EQUAL(f.keys.closed, 2);
    end(&f);
}

static void
an_entry_that_names_another_servers_epoch_is_tampered_with(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    struct fixture f;
    size_t at = 8;

    start(&f);
    writes(&f, 0, "a");
    writes(&f, 1, "b");
    for (int i = 0; i < 3; i++) {
        (void)next_leaf(&f, &at);
    }
    CU_ASSERT_EQUAL(f.batch.segment.ptr[at + 2 + TSEC_LEAF_HEADER_LEN + 3], 2);
    f.batch.segment.ptr[at + 2 + TSEC_LEAF_HEADER_LEN + 3] = 1;
    FAILS(reads(&f, &out, NULL), TSEC_E_TAMPERED);
    end(&f);
}

static const struct test_case cases[] = {
    { "entries of two servers open in the order of the ledger",
      entries_of_two_servers_open_in_the_order_of_the_ledger },
    { "a server may write on while another begins epoch after epoch",
      a_server_may_write_on_while_another_begins_epoch_after_epoch },
    { "entries for others and entries without an epoch are counted apart",
      entries_for_others_and_entries_without_an_epoch_are_counted_apart },
    { "an entry that names another server's epoch is tampered with",
      an_entry_that_names_another_servers_epoch_is_tampered_with },
};

TEST_MAIN("client/audit_keys", cases)
