/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/base64.h"
#include "codec/json_scan.h"
#include "core/transit_backup_form.h"
#include "tests/core/transit_backup_bench.h"

#define B64_32 "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define B64_16 "MDEyMzQ1Njc4OTAxMjM0NQ=="

static tsec_rc
read_entry(enum transit_type type, const char *json, struct transit_fresh *out)
{
    const struct transit_key key = { .name = "k", .type_name = transit_traits(type)->name };
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;

    OK(tsec_json_check(tsec_span_str(json), &limits, NULL));
    return transit_backup_material(&key, tsec_span_str(json), backups_arena, out, NULL);
}

static void
a_version_without_an_hmac_key_gets_one(void)
{
    struct transit_fresh one;
    struct transit_fresh two;

    backups_begin();
    OK(read_entry(TRANSIT_AES256_GCM96, "{\"key\":\"" B64_32 "\"}", &one));
    OK(read_entry(TRANSIT_AES256_GCM96, "{\"key\":\"" B64_32 "\",\"hmac_key\":null}", &two));
    CU_ASSERT_EQUAL(one.hmac_key.len, TRANSIT_HMAC_KEY_LEN);
    CU_ASSERT_FALSE(tsec_span_equal(one.hmac_key, two.hmac_key));
    CU_ASSERT_TRUE(tsec_span_is(one.material, "01234567890123456789012345678901"));
    CU_ASSERT_TRUE(one.imported);
    OK(read_entry(TRANSIT_AES256_GCM96, "{\"key\":\"" B64_32 "\",\"hmac_key\":\"" B64_32 "\"}",
                  &one));
    CU_ASSERT_TRUE(tsec_span_is(one.hmac_key, "01234567890123456789012345678901"));
    EXPECT_CODE(read_entry(TRANSIT_AES256_GCM96,
                           "{\"key\":\"" B64_32 "\",\"hmac_key\":\"" B64_16 "\"}", &one),
                TSEC_E_INVALID);
    backups_end();
}

static void
what_makes_no_key_is_refused(void)
{
    static const struct {
        enum transit_type type;
        const char *entry;
    } bad[] = {
        { TRANSIT_AES256_GCM96, "{}" },
        { TRANSIT_AES256_GCM96, "{\"key\":\"" B64_16 "\"}" },
        { TRANSIT_AES256_GCM96, "{\"key\":7}" },
        { TRANSIT_ED25519, "{}" },
        { TRANSIT_ED25519, "{\"key\":\"" B64_32 "\"}" },
        { TRANSIT_ED25519, "{\"public_key\":\"" B64_16 "\"}" },
        { TRANSIT_ECDSA_P256, "{}" },
        { TRANSIT_ECDSA_P256, "{\"ec_d\":7}" },
        { TRANSIT_ECDSA_P256, "{\"ec_x\":1,\"ec_y\":2}" },
        { TRANSIT_ECDSA_P256, "{\"ec_x\":1,\"ec_y\":2,\"ec_d\":3}" },
        { TRANSIT_ECDSA_P256, "{\"ec_x\":\"1\",\"ec_y\":2}" },
        { TRANSIT_ECDSA_P256, "{\"ec_x\":-1,\"ec_y\":2}" },
        { TRANSIT_RSA_2048, "{}" },
        { TRANSIT_RSA_2048, "{\"rsa_key\":[]}" },
        { TRANSIT_RSA_2048, "{\"rsa_public_key\":{\"N\":35,\"E\":3}}" },
        { TRANSIT_RSA_2048, "{\"rsa_key\":{\"N\":35,\"E\":3,\"D\":3,\"Primes\":[5,7,11]}}" },
        { TRANSIT_RSA_2048, "{\"rsa_key\":{\"N\":35,\"E\":3,\"D\":3,\"Primes\":[5,7]}}" },
        { TRANSIT_RSA_2048, "{\"rsa_key\":{\"N\":35,\"E\":3,\"D\":3,\"Primes\":[\"5\",7]}}" },
    };
    struct transit_fresh fresh;

    backups_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT_CODE(read_entry(bad[i].type, bad[i].entry, &fresh), TSEC_E_INVALID);
    }
    backups_end();
}

/* The two halves of Ed25519 stand side by side: the second must be the first one's. */
static void
an_ed25519_key_with_anothers_public_half_is_refused(void)
{
    char text[TSEC_BASE64_LEN(64) + 1];
    char entry[256];
    uint8_t both[64] = { 9 };
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(64);
    struct transit_fresh fresh;

    backups_begin();
    OK(tsec_pair_from_seed(both, &pair, NULL));
    OK(tsec_pair_point(pair, &point, NULL));
    memcpy(both + 32, point.ptr, 32);
    tsec_base64_encode(TSEC_BASE64_STD, tsec_span(both, sizeof(both)), text);
    (void)snprintf(entry, sizeof(entry), "{\"key\":\"%s\"}", text);
    OK(read_entry(TRANSIT_ED25519, entry, &fresh));
    both[0] ^= 1;
    tsec_base64_encode(TSEC_BASE64_STD, tsec_span(both, sizeof(both)), text);
    (void)snprintf(entry, sizeof(entry), "{\"key\":\"%s\"}", text);
    EXPECT_CODE(read_entry(TRANSIT_ED25519, entry, &fresh), TSEC_E_INVALID);
    backups_end();
}

/* A digit of a private number that was altered is found. */
static void
numbers_that_were_altered_are_refused(void)
{
    static const enum transit_type types[] = { TRANSIT_ECDSA_P256, TRANSIT_RSA_2048 };
    static const char *const members[] = { "\"ec_d\":", "\"D\":" };

    backups_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(65536);
        const char *name = transit_traits(types[i])->name;
        char *digit;

        backups_create_two(name, types[i]);
        OK(backups_take(name));
        OK(tsec_base64_decode(&json, TSEC_BASE64_STD, tsec_buf_span(&backups_text), NULL));
        tsec_buf_put_byte(&json, 0);
        digit = strstr((char *)json.ptr, members[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(digit);
        digit += strlen(members[i]) + 20;
        *digit = *digit == '1' ? '2' : '1';
        EXPECT_CODE(backups_restore_json("r", (const char *)json.ptr), TSEC_E_INVALID);
    }
    backups_end();
}

static const struct test_case cases[] = {
    { "a version without an HMAC key gets one", a_version_without_an_hmac_key_gets_one },
    { "what makes no key is refused", what_makes_no_key_is_refused },
    { "an Ed25519 key with another's public half is refused",
      an_ed25519_key_with_anothers_public_half_is_refused },
    { "numbers that were altered are refused", numbers_that_were_altered_are_refused },
};

TEST_MAIN("core/transit_backup_material", cases)
