/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "crypto/crypto.h"
#include "tests/crypto/pair_key.h"

/* Which private numbers lie in the locked heap, and what happens when it is full. */

enum { HEAP = 64 * 1024, MANY = 4096 };

static const struct tsec_signing how = { .hash = TSEC_SHA256, .salt_len = TSEC_SALT_AUTO };

/* Runs first: there can be one heap in a process. */
static void
a_heap_of_no_power_of_two_is_refused(void)
{
    static const size_t sizes[] = { 0, 1, 1024, 3000, 65537, HEAP + 32 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        CU_ASSERT_EQUAL(tsec_crypto_lock_heap(sizes[i], NULL).code, TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(CRYPTO_secure_malloc_initialized(), 0);
}

static int
lock_without_permission(void)
{
    const struct rlimit none = { 0, 0 };

    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0)) {
        return 2;
    }

    const tsec_rc rc = tsec_crypto_lock_heap(HEAP, NULL);

    return rc.code == TSEC_E_NO_MEMORY && CRYPTO_secure_malloc_initialized() == 0 ? 0 : 1;
}

static void
memory_that_cannot_be_locked_is_no_heap(void)
{
    int status = 0;
    const pid_t child = fork();

    if (child == 0) {
        _exit(lock_without_permission());
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
there_is_one_heap(void)
{
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_lock_heap(HEAP, NULL)));
    CU_ASSERT_EQUAL(CRYPTO_secure_malloc_initialized(), 1);
    CU_ASSERT_EQUAL(tsec_crypto_lock_heap(HEAP, NULL).code, TSEC_E_CONFLICT);
}

static size_t
grown_by_opening(enum tsec_pair_kind kind)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *first = NULL;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *second = NULL;
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kind, &first, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(first, &pkcs8, NULL)));

    const size_t before = CRYPTO_secure_used();

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_open(kind, tsec_buf_span(&pkcs8), &second, NULL)));
    return CRYPTO_secure_used() - before;
}

static void
numbers_of_curves_and_seeds_lie_in_it_and_leave_it(void)
{
    static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_ED25519, TSEC_PAIR_P256, TSEC_PAIR_P384,
                                                 TSEC_PAIR_P521, TSEC_PAIR_SECP256K1 };
    static const size_t least[] = { 32, 32, 48, 66, 32 };

    (void)grown_by_opening(TSEC_PAIR_P256); /* the generators have taken theirs */
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        const size_t before = CRYPTO_secure_used();
        const size_t grown = grown_by_opening(kinds[i]);

        CU_ASSERT_TRUE(grown >= least[i]);
        CU_ASSERT_TRUE(grown <= 256);
        CU_ASSERT_EQUAL(CRYPTO_secure_used(), before);
    }
}

/* As crypto/pair.h says: were this to change, so must that. */
static void
numbers_of_an_rsa_key_that_is_opened_do_not(void)
{
    CU_ASSERT_EQUAL(grown_by_opening(TSEC_PAIR_RSA2048), 0);
}

static struct tsec_pair *many[MANY];

static size_t
fill(enum tsec_pair_kind kind, struct tsec_err *err)
{
    size_t n = 0;

    while (n < MANY) {
        const tsec_rc rc = tsec_pair_generate(kind, &many[n], err);

        if (tsec_failed(rc)) {
            CU_ASSERT_EQUAL(rc.code, TSEC_E_NO_MEMORY);
            return n;
        }
        n++;
    }
    return n;
}

static void
a_full_heap_takes_no_more_keys_and_those_it_has_work(void)
{
    const size_t before = CRYPTO_secure_used();
    struct tsec_err err = { .code = 0 };
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    const size_t n = fill(TSEC_PAIR_P521, &err);

    CU_ASSERT_TRUE(n > 50 && n < MANY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "locked memory"));
    for (size_t i = 0; i < n; i += n - 1) {
        tsec_buf_reset(&sig);
        CU_ASSERT_FALSE(
            tsec_failed(tsec_pair_sign(many[i], &how, tsec_span_str("text"), &sig, NULL, NULL)));
        CU_ASSERT_FALSE(tsec_failed(
            tsec_pair_verify(many[i], &how, tsec_span_str("text"), tsec_buf_span(&sig), NULL)));
    }
    for (size_t i = 0; i < n; i++) {
        tsec_pair_free(many[i]);
    }
    CU_ASSERT_EQUAL(CRYPTO_secure_used(), before);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_P521, &many[0], NULL)));
    tsec_pair_free(many[0]);
}

/* A quarter stays free of keys; when even that is gone, whoever signs is told why. */
static void
an_operation_without_memory_says_so(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    struct tsec_err err = { .code = 0 };
    void *block[HEAP / 32] = { NULL };
    size_t n = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_P256, &pair, NULL)));
    while (n < HEAP / 32 && (block[n] = OPENSSL_secure_malloc(32)) != NULL) {
        n++;
    }
    CU_ASSERT_EQUAL(tsec_pair_sign(pair, &how, tsec_span_str("text"), &sig, NULL, &err).code,
                    TSEC_E_NO_MEMORY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "memory"));
    CU_ASSERT_EQUAL(sig.len, 0);
    while (n > 0) {
        OPENSSL_secure_free(block[--n]);
    }
    CU_ASSERT_FALSE(
        tsec_failed(tsec_pair_sign(pair, &how, tsec_span_str("text"), &sig, NULL, NULL)));
}

static const struct test_case cases[] = {
    { "a heap of no power of two is refused", a_heap_of_no_power_of_two_is_refused },
    { "memory that cannot be locked is no heap", memory_that_cannot_be_locked_is_no_heap },
    { "there is one heap", there_is_one_heap },
    { "numbers of curves and seeds lie in it, and leave it",
      numbers_of_curves_and_seeds_lie_in_it_and_leave_it },
    { "numbers of an RSA key that is opened do not", numbers_of_an_rsa_key_that_is_opened_do_not },
    { "a full heap takes no more keys, and those it has work",
      a_full_heap_takes_no_more_keys_and_those_it_has_work },
    { "an operation without memory says so", an_operation_without_memory_says_so },
};

TEST_MAIN("crypto/pair_context", cases)
