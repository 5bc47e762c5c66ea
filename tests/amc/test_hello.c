/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/hello.h"

#include "crypto/crypto.h"
#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

static void
hellos_are_read_and_written_as_they_are_known(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(AMC_HELLO_MAX);
    struct amc_b1 b1;
    struct amc_b2 b2;

    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_b1_parse(tsec_span_str(KAT_B1), &b1, NULL)));
    CU_ASSERT_STRING_EQUAL(b1.aud, "tee-secrets/prod");
    CU_ASSERT_TRUE(b1.accept_len == 2 && strcmp(b1.accept[1], "snp") == 0);
    CU_ASSERT_TRUE(b1.id_len == 0 && !b1.has_ticket);
    CU_ASSERT_TRUE(equals_hex(tsec_span(b1.eph, AMC_POINT_LEN), KAT_POINT_I));
    amc_b1_write(&b1, &out);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), KAT_B1));
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_b2_parse(tsec_span_str(KAT_B2), &b2, NULL)));
    CU_ASSERT_TRUE(b2.bind == AMC_RAW48 && b2.exp_s == 30 && b2.accept_len == 0 && !b2.resumed);
    CU_ASSERT_TRUE(equals_hex(tsec_span(b2.id, b2.id_len), KAT_SPKI_ID));
    b2.exp_s = 0;
    amc_b2_write(&b2, &out);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), KAT_B2));
}

static void
every_member_comes_back(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = hex_bytes(KAT_SPKI_ID);
    struct amc_b1 b1;
    struct amc_b1 again;
    struct amc_b2 b2;
    struct amc_b2 b2_again;

    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_b1_parse(tsec_span_str(KAT_B1), &b1, NULL)));
    b1.has_ticket = true;
    b1.ticket[31] = 9;
    b1.id_len = spki.len;
    memcpy(b1.id, spki.ptr, spki.len);
    amc_b1_write(&b1, &out);
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_b1_parse(tsec_buf_span(&out), &again, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(&b1, sizeof(b1)), tsec_span(&again, sizeof(again))));
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_b2_parse(tsec_span_str(KAT_B2), &b2, NULL)));
    b2.bind = AMC_TPM32;
    b2.exp_s = 17;
    b2.resumed = true;
    b2.accept_len = 1;
    memcpy(b2.accept[0], "maa", 4);
    amc_b2_write(&b2, &out);
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_b2_parse(tsec_buf_span(&out), &b2_again, NULL)));
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_span(&b2, sizeof(b2)), tsec_span(&b2_again, sizeof(b2_again))));
}

/* The text with the first `what` replaced. */
static struct tsec_buf
replaced(const char *text, const char *what, const char *with)
{
    struct tsec_buf out = TSEC_BUF_INIT(1 << 20);
    const char *at = strstr(text, what);

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    tsec_buf_put(&out, text, (size_t)(at - text));
    tsec_buf_put_str(&out, with);
    tsec_buf_put_str(&out, at + strlen(what));
    return out;
}

static const struct {
    const char *what;
    const char *with;
} b1_altered[] = {
    { "{\"v\":1,", "{" },
    { "\"v\":1", "\"v\":2" },
    { "\"v\":1", "\"v\":\"1\"" },
    { "\"v\":1", "\"v\":1,\"v\":1" },
    { "P384-A256GCM", "P256-A256GCM" },
    { "\"nonce\":\"AA", "\"nonce\":\"" },
    { "\"nonce\":\"AA", "\"nonce\":\"AAAA" },
    { "\"nonce\"", "\"once\"" },
    { "\"eph\":\"BK", "\"eph\":\"BL" }, /* off the curve */
    { "\"eph\":\"BK", "\"eph\":\"AK" }, /* no uncompressed point */
    { "\"eph\":\"BK", "\"eph\":\"" },
    { "\"eph\"", "\"ephemeral\"" },
    { "[\"nitro\",\"snp\"]", "[]" },
    { "[\"nitro\",\"snp\"]", "\"nitro\"" },
    { "[\"nitro\",\"snp\"]", "[\"nitro\",1]" },
    { "[\"nitro\",\"snp\"]", "[\"a-format-whose-name-is-long\"]" },
    { "[\"nitro\"", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,\"nitro\"" },
    { "\"aud\":\"tee-secrets/prod\"", "\"aud\":\"\"" },
    { "\"aud\":\"tee-secrets/prod\"", "\"aud\":null" },
    { ",\"aud\":\"tee-secrets/prod\"", "" },
    { "}", ",\"id\":\"\"}" },
    { "}", ",\"id\":null}" },
    { "}", ",\"psk\":\"AAAA\"}" },
    { "}", ",\"psk\":true}" },
    { "}", "} {}" },
};

static void
a_first_hello_that_is_not_whole_is_refused(void)
{
    struct amc_b1 b1;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(b1_altered); i++) {
        TSEC_AUTO_BUF struct tsec_buf text =
            replaced(KAT_B1, b1_altered[i].what, b1_altered[i].with);

        CU_ASSERT_EQUAL(amc_b1_parse(tsec_buf_span(&text), &b1, NULL).code, TSEC_E_INVALID);
    }
}

static const struct {
    const char *what;
    const char *with;
} b2_altered[] = {
    { "\"v\":1", "\"v\":0" },
    { "\"cid\":\"QE", "\"cid\":\"" },
    { "\"cid\"", "\"sid\"" },
    { "\"nonce\":\"IC", "\"nonce\":\"" },
    { "\"eph\":\"BABl", "\"eph\":\"BAAB" },
    { "\"id\":\"MHYw", "\"id\":\"MHYx" },
    { "\"id\":", "\"ID\":" },
    { "\"policy\":\"00", "\"policy\":\"" },
    { "\"policy\":\"00", "\"policy\":\"0g" },
    { "\"policy\":\"", "\"policy\":1,\"p\":\"" },
    { "\"raw48\"", "\"raw49\"" },
    { "\"raw48\"", "48" },
    { "}", ",\"exp\":0}" },
    { "}", ",\"exp\":\"30\"}" },
    { "}", ",\"exp\":86400}" },
    { "}", ",\"psk\":1}" },
    { "}", ",\"accept\":[]}" },
    { "}", ",\"accept\":\"nitro\"}" },
};

static void
a_second_hello_that_is_not_whole_is_refused(void)
{
    struct amc_b2 b2;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(b2_altered); i++) {
        TSEC_AUTO_BUF struct tsec_buf text =
            replaced(KAT_B2, b2_altered[i].what, b2_altered[i].with);

        CU_ASSERT_EQUAL(amc_b2_parse(tsec_buf_span(&text), &b2, NULL).code, TSEC_E_INVALID);
    }
}

static void
members_that_are_not_known_are_passed_over(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = replaced(KAT_B1, "}", ",\"x\":{\"y\":[1,2]}}");
    TSEC_AUTO_BUF struct tsec_buf spaced = replaced(KAT_B1, "{", " { ");
    struct amc_b1 b1;

    CU_ASSERT_FALSE(tsec_failed(amc_b1_parse(tsec_buf_span(&text), &b1, NULL)));
    CU_ASSERT_FALSE(tsec_failed(amc_b1_parse(tsec_buf_span(&spaced), &b1, NULL)));
}

static void
an_audience_is_a_name_or_one_key(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = hex_bytes(KAT_SPKI_ID);
    TSEC_AUTO(tsec_key_free) struct tsec_key *other = NULL;
    TSEC_AUTO_BUF struct tsec_buf other_spki = TSEC_BUF_INIT(AMC_SPKI_LEN);
    char text[TSEC_BASE64_LEN(AMC_SPKI_LEN) + 1];

    tsec_base64_encode(TSEC_BASE64_URL, tsec_buf_span(&spki), text);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P384, &other, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(other, &other_spki, NULL)));
    CU_ASSERT_TRUE(amc_aud_is(text, tsec_buf_span(&spki)));
    CU_ASSERT_FALSE(amc_aud_is(text, tsec_buf_span(&other_spki)));
    CU_ASSERT_TRUE(amc_aud_is("tee-secrets/prod", tsec_buf_span(&spki)));
    memset(text, 'A', strlen(text)); /* of no key, and so of another */
    CU_ASSERT_FALSE(amc_aud_is(text, tsec_buf_span(&spki)));
    text[0] = '.';
    CU_ASSERT_TRUE(amc_aud_is(text, tsec_buf_span(&spki)));
}

static void
shares_of_a_rekey_are_read_strictly(void)
{
    static const char *const refused[] = { "{}", "{\"nonce\":\"AAAA\"}", "[]", "" };
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf off = replaced(KAT_R1, "\"eph\":\"B", "\"eph\":\"C");
    struct amc_share share;

    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_share_parse(tsec_span_str(KAT_R1), &share, NULL)));
    amc_share_write(&share, &out);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), KAT_R1));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        CU_ASSERT_EQUAL(amc_share_parse(tsec_span_str(refused[i]), &share, NULL).code,
                        TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(amc_share_parse(tsec_buf_span(&off), &share, NULL).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "hellos are read and written as they are known",
      hellos_are_read_and_written_as_they_are_known },
    { "every member comes back", every_member_comes_back },
    { "a first hello that is not whole is refused", a_first_hello_that_is_not_whole_is_refused },
    { "a second hello that is not whole is refused", a_second_hello_that_is_not_whole_is_refused },
    { "members that are not known are passed over", members_that_are_not_known_are_passed_over },
    { "an audience is a name, or one key", an_audience_is_a_name_or_one_key },
    { "shares of a rekey are read strictly", shares_of_a_rekey_are_read_strictly },
};

TEST_MAIN("amc/hello", cases)
