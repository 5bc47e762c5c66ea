/* SPDX-License-Identifier: Apache-2.0 */
#include "state/table.h"

#include "tests/state/bench.h"

enum { KEYS = 300, ROUNDS = 20000 };

/* The model: every possible key in order, and what it has. */
struct model {
    struct row *row[KEYS];
    bool known[KEYS];
};

static struct tsec_span
key_of(size_t i, char room[16])
{
    (void)snprintf(room, 16, "k%03zu", i);
    return tsec_span_str(room);
}

static uint64_t
draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void
check_next(const struct table *table, const struct model *m, size_t from, bool or_equal)
{
    struct slot_entry at = { .row = NULL };
    char room[16];
    size_t i = or_equal ? from : from + 1;

    while (i < KEYS && !m->known[i]) {
        i++;
    }
    CU_ASSERT_EQUAL(table_next(table, key_of(from, room), or_equal, &at), i < KEYS);
    if (i < KEYS) {
        CU_ASSERT_TRUE(tsec_span_equal(at.key, key_of(i, room)));
        CU_ASSERT_PTR_EQUAL(at.row, m->row[i]);
    }
}

static void
a_table_is_what_a_list_would_be(void)
{
    TSEC_AUTO(table_free) struct table *table = NULL;
    struct model m = { .known = { false } };
    uint64_t state = 88172645463325252u;
    size_t len = 0;

    OK(table_new(&table, NULL));
    for (int round = 0; round < ROUNDS; round++) {
        const size_t i = draw(&state) % KEYS;
        struct slot_entry at = { .row = NULL };
        char room[16];
        const struct tsec_span key = key_of(i, room);

        switch (draw(&state) % 5) {
        case 0:
        case 1:
            len += m.known[i] ? 0 : 1;
            row_unref(m.row[i]);
            OK(row_new(key, 8, &m.row[i], NULL));
            m.known[i] = true;
            OK(table_set(table, key, m.row[i], NULL));
            break;
        case 2: /* gone, and remembered as gone */
            len += m.known[i] ? 0 : 1;
            row_unref(m.row[i]);
            m.row[i] = NULL;
            m.known[i] = true;
            OK(table_set(table, key, NULL, NULL));
            break;
        case 3:
            len -= m.known[i] ? 1 : 0;
            row_unref(m.row[i]);
            m.row[i] = NULL;
            m.known[i] = false;
            table_remove(table, key);
            break;
        default:
            check_next(table, &m, i, (draw(&state) & 1) != 0);
            break;
        }
        CU_ASSERT_EQUAL(table_find(table, key, &at), m.known[i]);
        CU_ASSERT_PTR_EQUAL(at.row, m.row[i]);
        CU_ASSERT_EQUAL(table_len(table), len);
    }
    table_clear(table);
    CU_ASSERT_EQUAL(table_len(table), 0);
    for (size_t i = 0; i < KEYS; i++) {
        CU_ASSERT_TRUE(m.row[i] == NULL || atomic_load(&m.row[i]->refs) == 1);
        row_unref(m.row[i]);
    }
}

static void
keys_of_any_bytes_have_their_order(void)
{
    static const struct tsec_span keys[] = {
        { (const uint8_t *)"", 0 },     { (const uint8_t *)"\0", 1 },
        { (const uint8_t *)"\0\0", 2 }, { (const uint8_t *)"a", 1 },
        { (const uint8_t *)"a\0", 2 },  { (const uint8_t *)"a/", 2 },
        { (const uint8_t *)"\xff", 1 }, { (const uint8_t *)"\xff\xff", 2 }
    };
    TSEC_AUTO(table_free) struct table *table = NULL;
    struct slot_entry at = { .key = tsec_span("", 0) };
    size_t n = 0;

    OK(table_new(&table, NULL));
    for (size_t i = TSEC_ARRAY_LEN(keys); i > 0; i--) {
        OK(table_set(table, keys[i - 1], NULL, NULL));
    }
    for (bool more = table_next(table, at.key, true, &at); more;
         more = table_next(table, at.key, false, &at)) {
        CU_ASSERT_TRUE(tsec_span_equal(at.key, keys[n]));
        n++;
    }
    CU_ASSERT_EQUAL(n, TSEC_ARRAY_LEN(keys));
}

static unsigned freed;

static void
count_free(void *object)
{
    (void)object;
    freed++;
}

static void
a_row_goes_with_its_last_reference_and_its_object_with_it(void)
{
    static const struct txn_object_type type = { .name = "test", .free = count_free };
    struct row *row = NULL;

    freed = 0;
    OK(row_new(tsec_span_str("k"), 4, &row, NULL));
    atomic_store(&row->type, &type);
    atomic_store(&row->object, &freed);
    CU_ASSERT_PTR_EQUAL(row_ref(row), row);
    row_unref(row);
    CU_ASSERT_EQUAL(freed, 0);
    row_unref(row);
    CU_ASSERT_EQUAL(freed, 1);
    row_unref(NULL);
    CU_ASSERT_PTR_NULL(row_ref(NULL));
}

static const struct test_case cases[] = {
    { "a table is what a list would be", a_table_is_what_a_list_would_be },
    { "keys of any bytes have their order", keys_of_any_bytes_have_their_order },
    { "a row goes with its last reference, and its object with it",
      a_row_goes_with_its_last_reference_and_its_object_with_it },
};

TEST_MAIN("state/table", cases)
