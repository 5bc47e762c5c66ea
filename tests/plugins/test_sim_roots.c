/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-sim/sim_roots.h"

#include <string.h>

#include "crypto/crypto.h"
#include "tests/test.h"

static void
make(enum tsec_key_kind kind, struct tsec_buf *spki)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;

    CU_ASSERT_EQUAL_FATAL(tsec_key_generate(kind, &key, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_key_spki(key, spki, NULL).code, 0);
}

static void
what_is_written_as_pem_is_trusted(void)
{
    TSEC_AUTO_BUF struct tsec_buf one = TSEC_BUF_INIT(SIM_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf two = TSEC_BUF_INIT(SIM_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(SIM_PEM_MAX);
    struct sim_roots roots = { .len = 0 };
    uint8_t id[SIM_ROOT_ID_LEN];

    make(TSEC_KEY_P384, &one);
    make(TSEC_KEY_P384, &two);
    sim_root_pem(tsec_buf_span(&one), &pem);
    tsec_buf_put_str(&pem, "\n");
    sim_root_pem(tsec_buf_span(&two), &pem);
    CU_ASSERT_EQUAL(sim_roots_add_pem(&roots, tsec_buf_span(&pem), NULL).code, 0);
    CU_ASSERT_EQUAL(roots.len, 2);
    CU_ASSERT_EQUAL(sim_roots_add(&roots, tsec_buf_span(&one), NULL).code, 0);
    CU_ASSERT_EQUAL(roots.len, 2);
    sim_root_id(tsec_buf_span(&two), id);
    CU_ASSERT_PTR_EQUAL(sim_roots_find(&roots, id), roots.items[1].key);
    id[31] ^= 1;
    CU_ASSERT_PTR_NULL(sim_roots_find(&roots, id));
    sim_roots_done(&roots);
    CU_ASSERT_PTR_NULL(sim_roots_find(&roots, id));
}

static void
what_is_no_root_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "\n\n",
        "hello\n",
        "-----BEGIN PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    };
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SIM_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(SIM_PEM_MAX);
    struct sim_roots roots = { .len = 0 };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_EQUAL(sim_roots_add_pem(&roots, tsec_span_str(bad[i]), NULL).code, TSEC_E_CONFIG);
    }
    make(TSEC_KEY_P256, &spki);
    CU_ASSERT_EQUAL(sim_roots_add(&roots, tsec_buf_span(&spki), NULL).code, TSEC_E_CONFIG);
    sim_root_pem(tsec_buf_span(&spki), &pem);
    CU_ASSERT_EQUAL(sim_roots_add_pem(&roots, tsec_buf_span(&pem), NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(roots.len, 0);
}

static void
more_than_sixteen_are_refused(void)
{
    struct sim_roots roots = { .len = 0 };

    for (size_t i = 0; i <= SIM_ROOTS_MAX; i++) {
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SIM_SPKI_MAX);

        make(TSEC_KEY_P384, &spki);
        CU_ASSERT_EQUAL(sim_roots_add(&roots, tsec_buf_span(&spki), NULL).code,
                        i < SIM_ROOTS_MAX ? 0 : TSEC_E_CONFIG);
    }
    sim_roots_done(&roots);
}

static const struct test_case cases[] = {
    { "what is written as PEM is trusted", what_is_written_as_pem_is_trusted },
    { "what is no root is refused", what_is_no_root_is_refused },
    { "more than sixteen are refused", more_than_sixteen_are_refused },
};

int
main(void)
{
    return tsec_failed(tsec_crypto_setup(NULL))
               ? TEST_FAIL
               : test_main("attest-sim/roots", cases, sizeof(cases) / sizeof(cases[0]));
}
