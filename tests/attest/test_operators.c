/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/operators.h"

#include <string.h>

#include "tests/double/signed_list.h"
#include "tests/test.h"

static struct operators *ops;
static struct signed_list_key keys[3];
static const char message[] = "a document";

static void
start(void)
{
    static const enum tsec_key_kind kinds[] = { TSEC_KEY_ED25519, TSEC_KEY_P256, TSEC_KEY_P384 };
    struct tsec_span spans[3];

    CU_ASSERT_FALSE_FATAL(tsec_failed(operators_new(&ops, NULL)));
    for (size_t i = 0; i < 3; i++) {
        signed_list_key_new(&keys[i], kinds[i]);
        spans[i] = tsec_buf_span(&keys[i].spki);
    }
    CU_ASSERT_FALSE_FATAL(tsec_failed(operators_set(ops, spans, 3, NULL)));
}

static void
stop(void)
{
    for (size_t i = 0; i < 3; i++) {
        signed_list_key_done(&keys[i]);
    }
    operators_free(ops);
}

static int
verify(size_t signer, bool der, const char *id, const char *text, char who[OPERATOR_ID_LEN + 1])
{
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(256);

    signed_list_sign(&keys[signer], tsec_span_str(message), der, &signature);
    return operators_verify(ops, id, tsec_span_str(text), tsec_buf_span(&signature), who, NULL)
        .code;
}

static void
each_kind_of_key_is_taken_in_each_form(void)
{
    char who[OPERATOR_ID_LEN + 1];

    start();
    for (size_t i = 0; i < 3; i++) {
        for (int der = 0; der < (i == 0 ? 1 : 2); der++) {
            CU_ASSERT_EQUAL(verify(i, der != 0, NULL, message, who), 0);
            CU_ASSERT_STRING_EQUAL(who, keys[i].id);
            CU_ASSERT_EQUAL(verify(i, der != 0, keys[i].id, message, who), 0);
        }
    }
    stop();
}

static void
another_message_key_or_name_is_refused(void)
{
    char who[OPERATOR_ID_LEN + 1];

    start();
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(verify(i, false, NULL, "a documenT", who), TSEC_E_DENIED);
        CU_ASSERT_EQUAL(verify(i, false, keys[(i + 1) % 3].id, message, who), TSEC_E_DENIED);
        CU_ASSERT_EQUAL(verify(i, false, "00", message, who), TSEC_E_DENIED);
        CU_ASSERT_EQUAL(verify(i, false, "", message, who), TSEC_E_DENIED);
    }
    CU_ASSERT_EQUAL(
        operators_verify(ops, NULL, tsec_span_str(message), tsec_span(NULL, 0), who, NULL).code,
        TSEC_E_DENIED);
    stop();
}

static void
keys_that_are_exchanged_sign_no_more(void)
{
    char who[OPERATOR_ID_LEN + 1];
    struct tsec_span one;

    start();
    one = tsec_buf_span(&keys[1].spki);
    CU_ASSERT_EQUAL(operators_len(ops), 3);
    CU_ASSERT_FALSE(tsec_failed(operators_set(ops, &one, 1, NULL)));
    CU_ASSERT_EQUAL(operators_len(ops), 1);
    CU_ASSERT_TRUE(operators_id_at(ops, 0, who));
    CU_ASSERT_STRING_EQUAL(who, keys[1].id);
    CU_ASSERT_FALSE(operators_id_at(ops, 1, who));
    CU_ASSERT_EQUAL(verify(1, false, NULL, message, who), 0);
    CU_ASSERT_EQUAL(verify(0, false, NULL, message, who), TSEC_E_DENIED);
    CU_ASSERT_FALSE(tsec_failed(operators_set(ops, NULL, 0, NULL)));
    CU_ASSERT_EQUAL(verify(1, false, NULL, message, who), TSEC_E_DENIED);
    stop();
}

static void
what_is_no_such_key_changes_nothing(void)
{
    struct signed_list_key agreement = { .key = NULL };
    struct tsec_span bad[2];

    start();
    tsec_buf_init(&agreement.spki, 256);
    CU_ASSERT_FALSE(tsec_failed(tsec_key_generate(TSEC_KEY_X25519, &agreement.key, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_key_spki(agreement.key, &agreement.spki, NULL)));
    bad[0] = tsec_buf_span(&keys[0].spki);
    bad[1] = tsec_buf_span(&agreement.spki);
    CU_ASSERT_EQUAL(operators_set(ops, bad, 2, NULL).code, TSEC_E_CONFIG);
    bad[1] = tsec_span_str("no key");
    CU_ASSERT_EQUAL(operators_set(ops, bad, 2, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(operators_set(ops, bad, OPERATORS_MAX + 1, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(operators_len(ops), 3);
    signed_list_key_done(&agreement);
    stop();
}

static const struct test_case cases[] = {
    { "each kind of key is taken in each form", each_kind_of_key_is_taken_in_each_form },
    { "another message, key or name is refused", another_message_key_or_name_is_refused },
    { "keys that are exchanged sign no more", keys_that_are_exchanged_sign_no_more },
    { "what is no such key changes nothing", what_is_no_such_key_changes_nothing },
};

TEST_MAIN("attest/operators", cases)
