/* SPDX-License-Identifier: Apache-2.0 */
/* Many handshakes, of which most come to grief at some step: the other end goes away, a message is
 * altered, memory runs out at any of the allocations.  None ends in a session by mistake, and
 * nothing is left behind.  TSEC_AMC_ROUNDS: how many. */
#include <malloc.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "crypto/crypto.h"
#include "tests/amc/peers.h"

enum { ROUNDS = 240, HEAP = 1 << 16, SLACK = 16 * 1024, ALLOCATIONS = 40 };

/* ---- memory that runs out ---- */

static long countdown = -1; /* allocations until one fails; -1: none does */

static bool
runs_out(void)
{
    return countdown >= 0 && countdown-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *
__wrap_malloc(size_t size)
{
    return runs_out() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return runs_out() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
    return runs_out() ? NULL : __real_realloc(old, size);
}

/* ---- one handshake ---- */

enum grief { NO_GRIEF, GONE, ALTERED, NO_MEMORY, GRIEFS };

static unsigned
next_random(void)
{
    static uint32_t random = 1;

    random = random * 1664525 + 1013904223;
    return random >> 8;
}

/* The message that the step reads; NULL: it reads none. */
static struct tsec_buf *
read_by(struct peers *p, int step)
{
    switch (step) {
    case 1:
        return &p->b1;
    case 3:
        return &p->reply;
    case 5:
        return &p->finish;
    case 7:
        return &p->last;
    default:
        return NULL;
    }
}

static void
alter(struct tsec_buf *message)
{
    if (message != NULL) {
        message->ptr[next_random() % message->len] ^= (uint8_t)(1U << next_random() % 8);
    }
}

/* True when all steps went well. */
static bool
handshake(struct peers *p, enum grief grief, int at)
{
    for (int step = 0; step < PEERS_STEPS; step++) {
        if (grief == GONE && step == at) {
            return false;
        }
        if (grief == ALTERED && step == at) {
            alter(read_by(p, step));
        }
        countdown = grief == NO_MEMORY && step == at ? (long)(next_random() % ALLOCATIONS) : -1;

        const tsec_rc rc = peers_step(p, step);

        countdown = -1;
        if (tsec_failed(rc)) {
            return false;
        }
    }
    return true;
}

static bool
is_of_use(const struct peers *p)
{
    struct amc_envelope env = { .method = "GET", .path = "/v1/secret/data/a" };
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(64);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(64);

    return !tsec_failed(amc_seal_request(p->at_i, &env, tsec_span_str("{}"), &sealed, NULL))
           && !tsec_failed(
               amc_open_request(p->at_r, &env, tsec_buf_span(&sealed), 0, &plain, NULL));
}

static long
rounds(void)
{
    const char *text = getenv("TSEC_AMC_ROUNDS");
    const long n = text == NULL ? 0 : strtol(text, NULL, 10);

    return n > 0 ? n : ROUNDS;
}

static size_t
in_use(void)
{
    return mallinfo2().uordblks;
}

static void
one(long n, struct peers *p, unsigned *done)
{
    const enum grief grief = (enum grief)(n % GRIEFS);
    const int at = (int)(n / GRIEFS % PEERS_STEPS);
    const bool whole = handshake(p, grief, at);

    CU_ASSERT_TRUE(whole || p->at_i == NULL);
    CU_ASSERT_TRUE(!whole || is_of_use(p));
    CU_ASSERT_TRUE(grief != NO_GRIEF || whole);
    CU_ASSERT_TRUE(grief != GONE || !whole);
    CU_ASSERT_TRUE(grief != ALTERED || whole == (read_by(p, at) == NULL));
    *done += whole ? 1U : 0U;
}

static void
handshakes_that_fail_leave_nothing_behind(void)
{
    const long n = rounds();
    const bool locked =
        !tsec_failed(tsec_crypto_setup(NULL)) && !tsec_failed(tsec_crypto_lock_heap(HEAP, NULL));
    size_t before = 0;
    size_t locked_before = 0;
    unsigned done = 0;

    for (long i = 0; i < n; i++) {
        TSEC_AUTO(peers_free) struct peers *p = peers_new(i % 3 == 0);

        if (i == n / 2) {
            peers_free(p);
            p = NULL;
            before = in_use();
            locked_before = CRYPTO_secure_used();
            p = peers_new(false);
        }
        one(i, p, &done);
    }
    CU_ASSERT_TRUE(done >= n / GRIEFS);
    CU_ASSERT_TRUE(in_use() < before + SLACK);
    CU_ASSERT_TRUE(!locked || CRYPTO_secure_used() == locked_before);
    (void)printf("%ld handshakes, %u to the end; %zu bytes in use, %zu half way ... ", n, done,
                 in_use(), before);
}

/* Every allocation of every step in turn. */
static void
no_allocation_that_fails_is_overlooked(void)
{
    for (int step = 0; step < PEERS_STEPS; step++) {
        bool went_on = false;

        for (long n = 0; n < 200 && !went_on; n++) {
            TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

            peers_run(p, step);
            countdown = n;

            const tsec_rc rc = peers_step(p, step);

            went_on = countdown >= 0; /* there were not so many */
            countdown = -1;
            CU_ASSERT_TRUE(tsec_failed(rc) != went_on);
            CU_ASSERT_TRUE(went_on || step < 7 || p->at_i == NULL);
            CU_ASSERT_TRUE(went_on || step != 6 || p->at_r == NULL);
        }
        CU_ASSERT_TRUE(went_on);
    }
}

static const struct test_case cases[] = {
    { "handshakes that fail leave nothing behind", handshakes_that_fail_leave_nothing_behind },
    { "no allocation that fails is overlooked", no_allocation_that_fails_is_overlooked },
};

TEST_MAIN("amc/handshake: stress", cases)
