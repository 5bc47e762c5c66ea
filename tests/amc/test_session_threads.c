/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads on both ends of one session, over rekeys: each request is taken once, and each
 * reply is its own.  Meant for ThreadSanitizer, too. */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/amc/messages.h"

enum { THREADS = 4, MESSAGES = 300, REKEYS = 5 };

struct shared {
    struct pair *pair;
    atomic_uint taken;
    atomic_uint wrong;
    atomic_uint replayed;
    atomic_bool stop;
};

/* A request, opened by this thread and tried once more, and its reply. */
static bool
message(struct shared *s, unsigned n)
{
    struct amc_envelope env = get();
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(64);
    TSEC_AUTO_BUF struct tsec_buf reply = TSEC_BUF_INIT(64);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(64);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(64);
    const struct tsec_span text = tsec_span(&n, sizeof(n));

    if (tsec_failed(amc_seal_request(s->pair->i, &env, text, &sealed, NULL))
        || tsec_failed(amc_open_request(s->pair->r, &env, tsec_buf_span(&sealed), 0, &plain, NULL))
        || !tsec_span_equal(tsec_buf_span(&plain), text)) {
        return false;
    }
    s->taken++;
    if (amc_open_request(s->pair->r, &env, tsec_buf_span(&sealed), 0, &again, NULL).code
        == TSEC_E_DENIED) {
        s->replayed++;
    }
    tsec_buf_reset(&plain);
    return !tsec_failed(amc_seal_reply(s->pair->r, &env, text, &reply, NULL))
           && !tsec_failed(amc_open_reply(s->pair->i, &env, tsec_buf_span(&reply), &plain, NULL))
           && tsec_span_equal(tsec_buf_span(&plain), text);
}

static void *
talk(void *arg)
{
    struct shared *s = arg;

    for (unsigned n = 0; n < MESSAGES; n++) {
        if (!message(s, n)) {
            s->wrong++;
        }
    }
    return NULL;
}

static void
every_thread_gets_its_own_replies(void)
{
    PAIR p;
    pthread_t threads[THREADS];
    struct shared s = { .pair = &p };

    pair_init(&p);
    for (int n = 0; n < THREADS; n++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[n], NULL, talk, &s), 0);
    }
    for (int n = 0; n < THREADS; n++) {
        (void)pthread_join(threads[n], NULL);
    }
    CU_ASSERT_EQUAL(s.wrong, 0);
    CU_ASSERT_EQUAL(s.taken, THREADS * MESSAGES);
    CU_ASSERT_EQUAL(s.replayed, THREADS * MESSAGES);
}

/* One text for all: whoever is first has it. */
static void *
open_the_same(void *arg)
{
    struct shared *s = arg;

    for (unsigned n = 0; n < MESSAGES; n++) {
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(64);
        struct amc_envelope env = get();

        env.seq = 1;
        if (!tsec_failed(amc_open_request(s->pair->r, &env, tsec_buf_span(&s->pair->sealed), 0,
                                          &plain, NULL))) {
            s->taken++;
        }
    }
    return NULL;
}

static void
of_threads_with_one_request_one_has_it(void)
{
    PAIR p;
    pthread_t threads[THREADS];
    struct shared s = { .pair = &p };
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));
    for (int n = 0; n < THREADS; n++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[n], NULL, open_the_same, &s), 0);
    }
    for (int n = 0; n < THREADS; n++) {
        (void)pthread_join(threads[n], NULL);
    }
    CU_ASSERT_EQUAL(s.taken, 1);
}

static void *
talk_on(void *arg)
{
    struct shared *s = arg;

    for (unsigned n = 0; !s->stop; n++) {
        (void)message(s, n);
    }
    return NULL;
}

static bool
rekey_once(struct pair *p, const struct amc_rekey_fixed *fixed)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *at_i = NULL;
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *at_r = NULL;
    TSEC_AUTO_BUF struct tsec_buf r1 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);

    return !tsec_failed(amc_rekey_begin_with(p->i, fixed, &at_i, &r1, NULL))
           && !tsec_failed(amc_rekey_answer(p->r, tsec_buf_span(&r1), &at_r, &r2, NULL))
           && !tsec_failed(amc_rekey_read(at_i, tsec_buf_span(&r2), NULL))
           && !tsec_failed(amc_rekey_commit(p->r, at_r, 0, NULL))
           && !tsec_failed(amc_rekey_commit(p->i, at_i, 0, NULL));
}

static void
a_rekey_meets_messages_under_way(void)
{
    PAIR p;
    pthread_t threads[THREADS];
    struct shared s = { .pair = &p };

    pair_init(&p);
    for (int n = 0; n < THREADS; n++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[n], NULL, talk_on, &s), 0);
    }
    for (unsigned n = 0; n < REKEYS; n++) {
        CU_ASSERT_TRUE(rekey_once(&p, NULL));
    }
    s.stop = true;
    for (int n = 0; n < THREADS; n++) {
        (void)pthread_join(threads[n], NULL);
    }
    CU_ASSERT_EQUAL(amc_session_epoch(p.i), REKEYS);
    CU_ASSERT_EQUAL(amc_session_epoch(p.r), REKEYS);
    CU_ASSERT_EQUAL(s.replayed, s.taken);
    CU_ASSERT_TRUE(message(&s, 1));
}

/* Rekeys of several threads: each epoch is entered by one of them. */
static void *
rekey_all(void *arg)
{
    struct shared *s = arg;

    for (unsigned n = 0; n < REKEYS; n++) {
        TSEC_AUTO(amc_rekey_free) struct amc_rekey *at_r = NULL;
        TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);

        if (!tsec_failed(amc_rekey_answer(s->pair->r, tsec_span_str(KAT_R1), &at_r, &r2, NULL))) {
            const tsec_rc rc = amc_rekey_commit(s->pair->r, at_r, 0, NULL);

            s->taken += tsec_failed(rc) ? 0U : 1U;
            s->wrong += tsec_failed(rc) && rc.code != TSEC_E_CONFLICT ? 1U : 0U;
        }
    }
    return NULL;
}

static void
rekeys_race_without_skipping_an_epoch(void)
{
    PAIR p;
    pthread_t threads[THREADS];
    struct shared s = { .pair = &p };

    pair_init(&p);
    for (int n = 0; n < THREADS; n++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[n], NULL, rekey_all, &s), 0);
    }
    for (int n = 0; n < THREADS; n++) {
        (void)pthread_join(threads[n], NULL);
    }
    CU_ASSERT_EQUAL(s.wrong, 0);
    CU_ASSERT_TRUE(s.taken >= REKEYS);
    CU_ASSERT_EQUAL(amc_session_epoch(p.r), s.taken);
}

static const struct test_case cases[] = {
    { "every thread gets its own replies", every_thread_gets_its_own_replies },
    { "of threads with one request one has it", of_threads_with_one_request_one_has_it },
    { "a rekey meets messages under way", a_rekey_meets_messages_under_way },
    { "rekeys race without skipping an epoch", rekeys_race_without_skipping_an_epoch },
};

TEST_MAIN("amc/session: threads", cases)
