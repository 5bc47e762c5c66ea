/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/leaf.h"
#include "tests/state/bench.h"

static void
fill(struct mutation *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct mutation){ .op = i % 3 == 0 ? MUTATION_DELETE : MUTATION_PUT,
                                     .version = i * 1000,
                                     .class = (uint8_t)(8 + i % 12) };
        memset(list[i].rk, (int)i, sizeof(list[i].rk));
        memset(list[i].hash, (int)i + 1, sizeof(list[i].hash));
    }
}

static void
what_was_sealed_opens_as_it_was(void)
{
    static struct mutation list[MUTATIONS_PER_LEAF];
    TSEC_AUTO(keyring_free) struct keyring *k = NULL;
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    struct tsec_leaf parsed;

    OK(keyring_new(BENCH_ORIGIN, 1, &k, NULL));
    fill(list, MUTATIONS_PER_LEAF);
    OK(mutation_leaf(k, 77, list, MUTATIONS_PER_LEAF, &leaf, NULL));
    OK(tsec_leaf_parse(tsec_buf_span(&leaf), &parsed, NULL));
    CU_ASSERT_EQUAL(parsed.kind, TSEC_LEAF_MUTATION);
    CU_ASSERT_EQUAL(parsed.index, 77);
    OK(mutation_open(k, tsec_buf_span(&leaf), &plain, NULL));
    CU_ASSERT_EQUAL_FATAL(plain.len, (size_t)MUTATIONS_PER_LEAF * MUTATION_LEN);
    for (size_t i = 0; i < MUTATIONS_PER_LEAF; i++) {
        struct mutation m;

        mutation_at(tsec_buf_span(&plain), i, &m);
        CU_ASSERT_EQUAL(m.op, list[i].op);
        CU_ASSERT_EQUAL(m.version, list[i].version);
        CU_ASSERT_EQUAL(m.class, list[i].class);
        CU_ASSERT_NSTRING_EQUAL(m.rk, list[i].rk, sizeof(m.rk));
        CU_ASSERT_NSTRING_EQUAL(m.hash, list[i].hash, sizeof(m.hash));
    }
}

static void
what_is_altered_moved_or_anothers_does_not_open(void)
{
    struct mutation list[3];
    TSEC_AUTO(keyring_free) struct keyring *k = NULL;
    TSEC_AUTO(keyring_free) struct keyring *other = NULL;
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(TSEC_LEAF_MAX);

    OK(keyring_new(BENCH_ORIGIN, 1, &k, NULL));
    OK(keyring_new(BENCH_ORIGIN, 1, &other, NULL));
    fill(list, 3);
    OK(mutation_leaf(k, 1, list, 3, &leaf, NULL));
    for (size_t i = 0; i < leaf.len; i++) { /* the header, which says the place, is bound too */
        leaf.ptr[i] ^= 1;
        FAILS(mutation_open(k, tsec_buf_span(&leaf), &plain, NULL), TSEC_E_TAMPERED);
        leaf.ptr[i] ^= 1;
        tsec_buf_reset(&plain);
    }
    for (size_t len = 0; len < leaf.len; len++) {
        FAILS(mutation_open(k, tsec_span(leaf.ptr, len), &plain, NULL), TSEC_E_TAMPERED);
        tsec_buf_reset(&plain);
    }
    FAILS(mutation_open(other, tsec_buf_span(&leaf), &plain, NULL), TSEC_E_TAMPERED);
    tsec_buf_reset(&plain);
    OK(mutation_open(k, tsec_buf_span(&leaf), &plain, NULL));
}

static const struct test_case cases[] = {
    { "what was sealed opens as it was", what_was_sealed_opens_as_it_was },
    { "what is altered, moved or another's does not open",
      what_is_altered_moved_or_anothers_does_not_open },
};

TEST_MAIN("state/mutation", cases)
