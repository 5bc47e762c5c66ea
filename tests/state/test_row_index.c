/* SPDX-License-Identifier: Apache-2.0 */
#include "state/row_index.h"

#include "tests/test.h"

enum { ROWS = 600 };

static struct row *rows[ROWS];

/* Few different homes, so that the rows stand in each other's way, also around the end. */
static void
make_rows(void)
{
    for (unsigned i = 0; i < ROWS; i++) {
        CU_ASSERT_FALSE_FATAL(tsec_failed(row_new(tsec_span("k", 1), 0, &rows[i], NULL)));
        memset(rows[i]->rk, i % 3 == 0 ? 0xff : (int)(i % 7), 4);
        rows[i]->rk[4] = (uint8_t)(i >> 8);
        rows[i]->rk[5] = (uint8_t)i;
    }
}

static void
free_rows(void)
{
    for (unsigned i = 0; i < ROWS; i++) {
        row_unref(rows[i]);
    }
}

static void
check(const struct row_index *index, const bool *in)
{
    size_t n = 0;

    for (unsigned i = 0; i < ROWS; i++) {
        CU_ASSERT_PTR_EQUAL(row_index_find(index, rows[i]->rk), in[i] ? rows[i] : NULL);
        n += in[i] ? 1 : 0;
    }
    CU_ASSERT_EQUAL(index->len, n);
}

static void
rows_are_found_while_others_come_and_go(void)
{
    struct row_index index = { .slots = NULL };
    bool in[ROWS] = { false };
    uint32_t dice = 1;

    make_rows();
    check(&index, in);
    for (unsigned step = 0; step < 6000; step++) {
        dice = dice * 1664525 + 1013904223;

        const unsigned i = (dice >> 12) % ROWS;

        /* It fills, and empties, in turns. */
        if ((dice >> 28) % 4 < (step / 1000 % 2 == 0 ? 3U : 1U)) {
            CU_ASSERT_FALSE_FATAL(tsec_failed(row_index_reserve(&index, 1, NULL)));
            row_index_put(&index, rows[i]);
            in[i] = true;
        } else {
            row_index_remove(&index, rows[i]->rk);
            in[i] = false;
        }
        if (step % 100 == 0) {
            check(&index, in);
        }
    }
    check(&index, in);
    row_index_done(&index);
    free_rows();
}

static void
a_row_takes_the_place_of_the_one_with_its_key(void)
{
    struct row_index index = { .slots = NULL };
    struct row *other = NULL;

    make_rows();
    CU_ASSERT_FALSE_FATAL(tsec_failed(row_new(tsec_span("k", 1), 0, &other, NULL)));
    memcpy(other->rk, rows[0]->rk, sizeof(other->rk));
    CU_ASSERT_FALSE_FATAL(tsec_failed(row_index_reserve(&index, 3, NULL)));
    row_index_put(&index, rows[0]);
    row_index_put(&index, rows[3]);
    row_index_put(&index, other);
    CU_ASSERT_EQUAL(index.len, 2);
    CU_ASSERT_PTR_EQUAL(row_index_find(&index, rows[0]->rk), other);
    CU_ASSERT_PTR_EQUAL(row_index_find(&index, rows[3]->rk), rows[3]);
    row_index_done(&index);
    row_unref(other);
    free_rows();
}

static void
what_is_not_there_is_not_removed(void)
{
    struct row_index index = { .slots = NULL };

    make_rows();
    row_index_remove(&index, rows[0]->rk);
    CU_ASSERT_FALSE_FATAL(tsec_failed(row_index_reserve(&index, 1, NULL)));
    row_index_put(&index, rows[0]);
    row_index_remove(&index, rows[3]->rk);
    CU_ASSERT_EQUAL(index.len, 1);
    CU_ASSERT_PTR_NULL(row_index_find(&index, rows[3]->rk));
    row_index_done(&index);
    free_rows();
}

static void
what_was_reserved_is_compact(void)
{
    struct row_index index = { .slots = NULL };

    CU_ASSERT_FALSE_FATAL(tsec_failed(row_index_reserve(&index, 100000, NULL)));
    CU_ASSERT_TRUE(index.cap < 160000);
    CU_ASSERT_TRUE(tsec_failed(row_index_reserve(&index, (size_t)1 << 33, NULL)));
    CU_ASSERT_TRUE(index.cap < 160000);
    row_index_done(&index);
}

static const struct test_case cases[] = {
    { "rows are found while others come and go", rows_are_found_while_others_come_and_go },
    { "a row takes the place of the one with its key",
      a_row_takes_the_place_of_the_one_with_its_key },
    { "what is not there is not removed", what_is_not_there_is_not_removed },
    { "what was reserved is compact", what_was_reserved_is_compact },
};

TEST_MAIN("state/row_index", cases)
