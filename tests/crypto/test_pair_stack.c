/* SPDX-License-Identifier: Apache-2.0 */
/* What operations with private keys leave behind on the stack of their thread: nothing of the key,
 * neither as it is written nor as numbers lie in memory. */
#include <pthread.h>
#include <sys/mman.h>

#include "crypto/pair.h"
#include "tests/crypto/vector.h"

enum { STACK_LEN = 1 << 20, PIECE = 16 };

static struct subject {
    enum tsec_pair_kind kind;
    struct tsec_pair *pair;
    struct tsec_buf pkcs8;
} subject;

struct operation {
    const char *what;
    tsec_rc (*run)(void);
};

static const struct tsec_signing hedged = { .hash = TSEC_SHA256 };
static const struct tsec_signing deterministic = { .hash = TSEC_SHA256,
                                                   .nonce = TSEC_NONCE_RFC6979 };

static tsec_rc
sign_with(const struct tsec_signing *how)
{
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    return tsec_pair_sign(subject.pair, how, tsec_span_str("message"), &sig, NULL, NULL);
}

static tsec_rc
sign(void)
{
    return sign_with(&hedged);
}

static tsec_rc
sign_deterministically(void)
{
    return sign_with(&deterministic);
}

static tsec_rc
agree(void)
{
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    return tsec_pair_agree(subject.pair, subject.pair, &secret, NULL);
}

static tsec_rc
import(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    return tsec_pair_import(subject.kind, tsec_buf_span(&subject.pkcs8), &pair, NULL);
}

static tsec_rc
open_again(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    return tsec_pair_open(subject.kind, tsec_buf_span(&subject.pkcs8), &pair, NULL);
}

static tsec_rc export(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    return tsec_pair_pkcs8(subject.pair, &out, NULL);
}

/* Deeper than the end of a thread reaches, which would cover what is left. */
static void *
on_its_stack(void *arg)
{
    const struct operation *op = arg;
    volatile uint8_t above[16384];

    above[0] = 0;
    above[sizeof(above) - 1] = 0;
    return tsec_failed(op->run()) ? arg : NULL;
}

/* Pieces of the key that a stack holds. */
static size_t
pieces_on(const uint8_t *stack, const uint8_t *key, size_t len)
{
    size_t found = 0;

    for (size_t from = 0; from + PIECE <= len; from += PIECE) {
        uint8_t reversed[PIECE];

        for (size_t i = 0; i < PIECE; i++) {
            reversed[i] = key[from + PIECE - 1 - i];
        }
        found += memmem(stack, STACK_LEN, key + from, PIECE) != NULL;
        found += memmem(stack, STACK_LEN, reversed, PIECE) != NULL;
    }
    return found;
}

/* Runs it on a stack of its own; pieces of the key that are there afterwards.  It has run before:
 * the first call of a function of a shared library may go through the linker, which puts away all
 * registers. */
static size_t
pieces_left(const struct operation *op, const uint8_t *key, size_t len)
{
    uint8_t *stack = mmap(NULL, STACK_LEN, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    pthread_attr_t attributes;
    pthread_t thread;
    void *failed = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(op->run()));
    CU_ASSERT_PTR_NOT_EQUAL_FATAL(stack, MAP_FAILED);
    CU_ASSERT_EQUAL_FATAL(pthread_attr_init(&attributes), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_attr_setstack(&attributes, stack, STACK_LEN), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, &attributes, on_its_stack, (void *)(uintptr_t)op),
                          0);
    CU_ASSERT_EQUAL(pthread_join(thread, &failed), 0);
    CU_ASSERT_PTR_NULL(failed);

    const size_t found = pieces_on(stack, key, len);

    (void)pthread_attr_destroy(&attributes);
    (void)munmap(stack, STACK_LEN);
    return found;
}

static void
leaves_nothing(const struct operation *op, const uint8_t *key, size_t len)
{
    const size_t found = pieces_left(op, key, len);

    if (found != 0) {
        (void)printf("%s left %zu pieces ", op->what, found);
    }
    CU_ASSERT_EQUAL(found, 0);
}

/* `at`: where in its PKCS #8 the private number is. */
static void
all_of_a_kind(enum tsec_pair_kind kind, size_t at, size_t len, bool agrees)
{
    static const struct operation operations[] = {
        { "sign", sign },     { "sign deterministically", sign_deterministically },
        { "import", import }, { "open", open_again },
        { "export", export },
    };
    static const struct operation agreement = { "agree", agree };

    subject = (struct subject){ .kind = kind, .pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX) };
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kind, &subject.pair, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(subject.pair, &subject.pkcs8, NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(operations); i++) {
        leaves_nothing(&operations[i], subject.pkcs8.ptr + at, len);
    }
    if (agrees) {
        leaves_nothing(&agreement, subject.pkcs8.ptr + at, len);
    }
    tsec_pair_free(subject.pair);
    tsec_buf_done(&subject.pkcs8);
}

static void
ed25519(void)
{
    all_of_a_kind(TSEC_PAIR_ED25519, 16, 32, false);
}

static void
p256(void)
{
    all_of_a_kind(TSEC_PAIR_P256, 36, 32, true);
}

static void
p384(void)
{
    all_of_a_kind(TSEC_PAIR_P384, 35, 48, true);
}

static void
p521(void)
{
    all_of_a_kind(TSEC_PAIR_P521, 35, 66, true);
}

static void
secp256k1(void)
{
    all_of_a_kind(TSEC_PAIR_SECP256K1, 33, 32, true);
}

/* That the search finds what is there. */
static tsec_rc
careless(void)
{
    volatile uint8_t copy[32];

    for (size_t i = 0; i < sizeof(copy); i++) {
        copy[i] = (uint8_t)(i + 1);
    }
    return TSEC_OK;
}

static void
the_search_finds_what_is_there(void)
{
    static const uint8_t key[32] = {
        1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
        17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32
    };
    static const struct operation op = { "careless", careless };

    CU_ASSERT_EQUAL(pieces_left(&op, key, sizeof(key)), 2);
}

static const struct test_case cases[] = {
    { "the search finds what is there", the_search_finds_what_is_there },
    { "Ed25519", ed25519 },
    { "P-256", p256 },
    { "P-384", p384 },
    { "P-521", p521 },
    { "secp256k1", secp256k1 },
};

TEST_MAIN("crypto/pair_stack", cases)
