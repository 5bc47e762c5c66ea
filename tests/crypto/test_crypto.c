/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <pthread.h>

#include <openssl/err.h>

#include "crypto/hash.h"
#include "tests/crypto/vector.h"

static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void *
hash_first(void *arg)
{
    bool *ok = arg;
    uint8_t out[TSEC_SHA256_LEN];

    tsec_sha256(tsec_span_str("abc"), out);
    *ok = vector_is(tsec_span(out, sizeof(out)), abc);
    return NULL;
}

/* Runs first: nobody has set up yet. */
static void
threads_that_come_before_the_set_up_do_it(void)
{
    pthread_t thread[4];
    bool ok[4] = { false };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(thread); i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, hash_first, &ok[i]), 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(thread); i++) {
        CU_ASSERT_EQUAL(pthread_join(thread[i], NULL), 0);
        CU_ASSERT_TRUE(ok[i]);
    }
}

static void
setting_up_again_is_harmless(void)
{
    bool ok = false;

    CU_ASSERT_FALSE(tsec_failed(tsec_crypto_setup(NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_crypto_setup(NULL)));
    (void)hash_first(&ok);
    CU_ASSERT_TRUE(ok);
}

/* In the host's queue is what the host put there, and nothing of ours. */
static void
a_guest_leaves_its_hosts_errors_as_they_were(void)
{
    bool ok = false;

    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 7);
    CU_ASSERT_FALSE(tsec_failed(tsec_crypto_setup_guest(NULL)));
    tsec_crypto_enter();
    ERR_raise(ERR_LIB_USER, 8);
    tsec_crypto_leave();
    CU_ASSERT_EQUAL(ERR_GET_REASON(ERR_peek_last_error()), 7);
    CU_ASSERT_EQUAL(ERR_GET_REASON(ERR_get_error()), 7);
    CU_ASSERT_EQUAL(ERR_get_error(), 0);
    (void)hash_first(&ok);
    CU_ASSERT_TRUE(ok);
}

static const struct test_case cases[] = {
    { "threads that come before the set-up do it", threads_that_come_before_the_set_up_do_it },
    { "setting up again is harmless", setting_up_again_is_harmless },
    { "a guest leaves its host's errors as they were",
      a_guest_leaves_its_hosts_errors_as_they_were },
};

TEST_MAIN("crypto/crypto", cases)
