/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_object.h"

#include "tests/test.h"

static const unsigned long class_private = CKO_PRIVATE_KEY;
static const unsigned char yes = 1;

static struct p11_object
secret_key(void)
{
    return (struct p11_object){
        .kind = CKO_PRIVATE_KEY,
        .name = "k",
        .version = 1,
        .len = 4,
        .attributes = { { CKA_CLASS, { (const uint8_t *)&class_private, sizeof(class_private) } },
                        { CKA_LABEL, { (const uint8_t *)"k", 1 } },
                        { CKA_SIGN, { &yes, 1 } },
                        { CKA_SUBJECT, { (const uint8_t *)"", 0 } } },
    };
}

static void
a_template_matches_when_all_of_it_does(void)
{
    const struct p11_object object = secret_key();
    unsigned long kind = CKO_PRIVATE_KEY;
    unsigned long other = CKO_PUBLIC_KEY;
    unsigned char no = 0;
    char label[] = "kk";
    const struct {
        struct ck_attribute templ[3];
        unsigned long count;
        bool matches;
    } table[] = {
        { { { 0, NULL, 0 } }, 0, true },
        { { { CKA_CLASS, &kind, sizeof(kind) } }, 1, true },
        { { { CKA_CLASS, &kind, sizeof(kind) }, { CKA_LABEL, label, 1 } }, 2, true },
        { { { CKA_SUBJECT, NULL, 0 } }, 1, true },
        { { { CKA_CLASS, &other, sizeof(other) } }, 1, false },
        { { { CKA_CLASS, &kind, 4 } }, 1, false },
        { { { CKA_LABEL, label, 2 } }, 1, false },
        { { { CKA_LABEL, label, 0 } }, 1, false },
        { { { CKA_CLASS, &kind, sizeof(kind) }, { CKA_SIGN, &no, 1 } }, 2, false },
        { { { CKA_ID, label, 1 } }, 1, false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        CU_ASSERT_EQUAL(p11_object_matches(&object, table[i].templ, table[i].count),
                        table[i].matches);
    }
}

static void
attributes_are_measured_copied_and_refused_one_by_one(void)
{
    const struct p11_object object = secret_key();
    unsigned long kind = 0;
    char label[4] = { 'x', 'x', 'x', 'x' };
    char small[1];
    struct ck_attribute templ[] = {
        { CKA_LABEL, NULL, 0 },
        { CKA_CLASS, &kind, sizeof(kind) },
        { CKA_LABEL, label, sizeof(label) },
        { CKA_CLASS, small, sizeof(small) },
        { CKA_VALUE, small, 1 },
        { CKA_PRIME_1, NULL, 0 },
        { CKA_MODULUS, small, 1 },
        { CKA_SUBJECT, small, 1 },
    };

    CU_ASSERT_EQUAL(p11_object_get(&object, templ, 3), CKR_OK);
    CU_ASSERT_EQUAL(templ[0].value_len, 1);
    CU_ASSERT_EQUAL(kind, CKO_PRIVATE_KEY);
    CU_ASSERT_TRUE(templ[2].value_len == 1 && label[0] == 'k' && label[1] == 'x');
    CU_ASSERT_EQUAL(p11_object_get(&object, templ + 3, 1), CKR_BUFFER_TOO_SMALL);
    CU_ASSERT_EQUAL(templ[3].value_len, CK_UNAVAILABLE_INFORMATION);
    CU_ASSERT_EQUAL(p11_object_get(&object, templ + 4, 4), CKR_ATTRIBUTE_SENSITIVE);
    CU_ASSERT_EQUAL(templ[4].value_len, CK_UNAVAILABLE_INFORMATION);
    CU_ASSERT_EQUAL(templ[5].value_len, CK_UNAVAILABLE_INFORMATION);
    CU_ASSERT_EQUAL(templ[6].value_len, CK_UNAVAILABLE_INFORMATION);
    CU_ASSERT_EQUAL(templ[7].value_len, 0);
    CU_ASSERT_EQUAL(p11_object_get(&object, templ + 6, 1), CKR_ATTRIBUTE_TYPE_INVALID);
}

static void
objects_are_equal_when_everything_is(void)
{
    const struct p11_object a = secret_key();
    struct p11_object b = secret_key();

    CU_ASSERT_TRUE(p11_object_equal(&a, &b));
    b.handle = 7;
    CU_ASSERT_TRUE(p11_object_equal(&a, &b));
    b.version = 2;
    CU_ASSERT_FALSE(p11_object_equal(&a, &b));
    b = secret_key();
    b.len = 3;
    CU_ASSERT_FALSE(p11_object_equal(&a, &b));
    b = secret_key();
    b.attributes[1].value = tsec_span_str("l");
    CU_ASSERT_FALSE(p11_object_equal(&a, &b));
    b = secret_key();
    b.name = "other";
    CU_ASSERT_FALSE(p11_object_equal(&a, &b));
}

static const struct test_case cases[] = {
    { "a template matches when all of it does", a_template_matches_when_all_of_it_does },
    { "attributes are measured, copied and refused one by one",
      attributes_are_measured_copied_and_refused_one_by_one },
    { "objects are equal when everything is", objects_are_equal_when_everything_is },
};
TEST_MAIN("PKCS #11: objects", cases)
