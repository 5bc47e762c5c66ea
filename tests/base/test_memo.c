/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memo.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "tests/test.h"

/* A value knows its key, so that a mix-up is seen; how many there are is counted. */
struct value {
    uint64_t of;
};

static atomic_size_t alive;
static _Atomic bool no_memory;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *
__wrap_calloc(size_t n, size_t size)
{
    return atomic_load(&no_memory) ? NULL : __real_calloc(n, size);
}

static struct value *
value_new(uint64_t of)
{
    struct value *v = malloc(sizeof(*v));

    if (v == NULL) {
        abort();
    }
    v->of = of;
    atomic_fetch_add(&alive, 1);
    return v;
}

static void
value_free(void *value)
{
    memset(value, 0xee, sizeof(struct value));
    atomic_fetch_sub(&alive, 1);
    free(value);
}

static void
key_of(uint64_t n, uint8_t key[TSEC_MEMO_KEY_LEN])
{
    memset(key, 0, TSEC_MEMO_KEY_LEN);
    memcpy(key + 24, &n, sizeof(n)); /* keys that differ at their ends only */
}

static struct tsec_memo *
memo_of(size_t max)
{
    struct tsec_memo *memo = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_memo_new(max, value_free, &memo, NULL)));
    atomic_store(&alive, 0);
    return memo;
}

static const struct value *
get(struct tsec_memo *memo, uint64_t n)
{
    uint8_t key[TSEC_MEMO_KEY_LEN];

    key_of(n, key);
    return tsec_memo_get(memo, key);
}

static const struct value *
put(struct tsec_memo *memo, uint64_t n)
{
    uint8_t key[TSEC_MEMO_KEY_LEN];

    key_of(n, key);
    return tsec_memo_put(memo, key, value_new(n));
}

static void
put_and_release(struct tsec_memo *memo, uint64_t n)
{
    tsec_memo_release(memo, put(memo, n));
}

static bool
remembers(struct tsec_memo *memo, uint64_t n)
{
    const struct value *v = get(memo, n);
    const bool found = v != NULL;

    CU_ASSERT_TRUE(v == NULL || v->of == n);
    tsec_memo_release(memo, v);
    return found;
}

static void
what_was_put_is_got(void)
{
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = memo_of(4);

    CU_ASSERT_PTR_NULL(get(memo, 1));

    const struct value *v = put(memo, 1);

    CU_ASSERT_EQUAL(v->of, 1);
    CU_ASSERT_PTR_EQUAL(get(memo, 1), v);
    CU_ASSERT_PTR_NULL(get(memo, 2));
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 1);
    tsec_memo_release(memo, v);
    tsec_memo_release(memo, v);
    CU_ASSERT_TRUE(remembers(memo, 1));
    CU_ASSERT_EQUAL(atomic_load(&alive), 1);
}

static void
no_memo_remembers_nothing(void)
{
    const struct value v = { 3 };

    CU_ASSERT_PTR_NULL(get(NULL, 1));
    tsec_memo_release(NULL, &v);
    tsec_memo_release(NULL, NULL);
    CU_ASSERT_EQUAL(v.of, 3);
    CU_ASSERT_EQUAL(tsec_memo_len(NULL), 0);
    tsec_memo_free(NULL);
}

static void
the_earlier_value_stands(void)
{
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = memo_of(4);
    const struct value *first = put(memo, 1);
    const struct value *second = put(memo, 1);

    CU_ASSERT_PTR_EQUAL(first, second);
    CU_ASSERT_EQUAL(atomic_load(&alive), 1);
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 1);
    tsec_memo_release(memo, first);
    tsec_memo_release(memo, second);
}

static void
the_one_not_asked_for_longest_makes_room(void)
{
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = memo_of(3);

    put_and_release(memo, 1);
    put_and_release(memo, 2);
    put_and_release(memo, 3);
    CU_ASSERT_TRUE(remembers(memo, 1));
    put_and_release(memo, 4);
    CU_ASSERT_FALSE(remembers(memo, 2));
    put_and_release(memo, 3); /* there already: asked for */
    put_and_release(memo, 5);
    CU_ASSERT_FALSE(remembers(memo, 1));
    CU_ASSERT_TRUE(remembers(memo, 3) && remembers(memo, 4) && remembers(memo, 5));
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 3);
    CU_ASSERT_EQUAL(atomic_load(&alive), 3);
}

static void
what_is_held_outlives_being_forgotten(void)
{
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = memo_of(1);
    const struct value *held = put(memo, 1);

    put_and_release(memo, 2);
    CU_ASSERT_PTR_NULL(get(memo, 1));
    CU_ASSERT_EQUAL(held->of, 1);
    CU_ASSERT_EQUAL(atomic_load(&alive), 2);

    const struct value *again = put(memo, 1); /* another under the same key */

    CU_ASSERT_PTR_NOT_EQUAL(again, held);
    CU_ASSERT_EQUAL(held->of, 1);
    tsec_memo_release(memo, held);
    CU_ASSERT_EQUAL(atomic_load(&alive), 1);
    CU_ASSERT_EQUAL(again->of, 1);
    tsec_memo_release(memo, again);
    CU_ASSERT_EQUAL(atomic_load(&alive), 1);
    CU_ASSERT_TRUE(remembers(memo, 1));
}

static void
all_is_freed_in_the_end(void)
{
    struct tsec_memo *memo = memo_of(100);

    for (uint64_t n = 0; n < 250; n++) {
        put_and_release(memo, n);
    }
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 100);
    CU_ASSERT_EQUAL(atomic_load(&alive), 100);
    for (uint64_t n = 0; n < 250; n++) {
        CU_ASSERT_EQUAL(remembers(memo, n), n >= 150);
    }
    tsec_memo_free(memo);
    CU_ASSERT_EQUAL(atomic_load(&alive), 0);
}

static void
without_memory_the_value_is_held_and_not_remembered(void)
{
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = memo_of(4);

    put_and_release(memo, 1);
    atomic_store(&no_memory, true);

    const struct value *v = put(memo, 2);

    atomic_store(&no_memory, false);
    CU_ASSERT_EQUAL(v->of, 2);
    CU_ASSERT_PTR_NULL(get(memo, 2));
    CU_ASSERT_EQUAL(atomic_load(&alive), 2);
    tsec_memo_release(memo, v);
    CU_ASSERT_EQUAL(atomic_load(&alive), 1);
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 1);
}

static void
a_memo_without_memory_is_not_made(void)
{
    struct tsec_memo *memo = NULL;

    atomic_store(&no_memory, true);
    CU_ASSERT_EQUAL(tsec_memo_new(4, value_free, &memo, NULL).code, TSEC_E_NO_MEMORY);
    atomic_store(&no_memory, false);
    CU_ASSERT_PTR_NULL(memo);
}

enum { THREADS = 8, KEYS = 7, ROOM = 3, TURNS = 4000, HELD = 4 };

struct worker {
    pthread_t thread;
    struct tsec_memo *memo;
    uint64_t state;
    size_t wrong;
};

static uint64_t
next(struct worker *w)
{
    w->state = w->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return w->state >> 33;
}

/* Gets or puts few keys in little room, and keeps the last few held, so that most are forgotten
 * while somebody reads them. */
static void *
work(void *arg)
{
    struct worker *w = arg;
    const struct value *held[HELD] = { NULL };
    uint64_t of[HELD] = { 0 };

    for (unsigned turn = 0; turn < TURNS; turn++) {
        const unsigned at = turn % HELD;
        const uint64_t n = next(w) % KEYS;

        w->wrong += held[at] != NULL && held[at]->of != of[at];
        tsec_memo_release(w->memo, held[at]);
        held[at] = get(w->memo, n);
        if (held[at] == NULL) {
            held[at] = put(w->memo, n);
        }
        of[at] = n;
        w->wrong += held[at]->of != n;
    }
    for (unsigned at = 0; at < HELD; at++) {
        w->wrong += held[at]->of != of[at];
        tsec_memo_release(w->memo, held[at]);
    }
    return NULL;
}

static void
many_threads_share_few_keys(void)
{
    struct tsec_memo *memo = memo_of(ROOM);
    struct worker workers[THREADS] = { 0 };

    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].memo = memo;
        workers[i].state = i;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(workers[i].thread, NULL), 0);
        CU_ASSERT_EQUAL(workers[i].wrong, 0);
    }
    CU_ASSERT_EQUAL(tsec_memo_len(memo), ROOM);
    CU_ASSERT_EQUAL(atomic_load(&alive), ROOM);
    tsec_memo_free(memo);
    CU_ASSERT_EQUAL(atomic_load(&alive), 0);
}

static const struct test_case cases[] = {
    { "what was put is got", what_was_put_is_got },
    { "no memo remembers nothing", no_memo_remembers_nothing },
    { "the earlier value stands", the_earlier_value_stands },
    { "the one not asked for longest makes room", the_one_not_asked_for_longest_makes_room },
    { "what is held outlives being forgotten", what_is_held_outlives_being_forgotten },
    { "all is freed in the end", all_is_freed_in_the_end },
    { "without memory the value is held and not remembered",
      without_memory_the_value_is_held_and_not_remembered },
    { "a memo without memory is not made", a_memo_without_memory_is_not_made },
    { "many threads share few keys", many_threads_share_few_keys },
};

TEST_MAIN("base/memo", cases)
