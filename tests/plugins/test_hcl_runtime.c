/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl_runtime.h"

#include "appraisal/claims.h"
#include "base/base64.h"
#include "crypto/crypto.h"
#include "tests/mint/mint_hcl.h"
#include "tests/test.h"

enum { JSON_MAX = 32 * 1024 };

static void
what_the_paravisor_writes_is_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(JSON_MAX);
    const struct mint_key *ak = mint_rsa(2048, 3);
    static struct tsec_claims claims;
    uint8_t user_data[HCL_USER_DATA_LEN];

    memset(user_data, 0xab, sizeof(user_data));
    CU_ASSERT_EQUAL_FATAL(tsec_crypto_setup(NULL).code, 0);
    mint_hcl_runtime(ak, tsec_span(user_data, sizeof(user_data)), &json);
    HCL_AUTO_RUNTIME struct hcl_runtime runtime;
    CU_ASSERT_EQUAL_FATAL(hcl_runtime_parse(tsec_buf_span(&json), &runtime, NULL).code, 0);
    CU_ASSERT_EQUAL(runtime.ak_len, 256);
    CU_ASSERT_TRUE(runtime.has_user_data);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(runtime.user_data, HCL_USER_DATA_LEN),
                                   tsec_span(user_data, sizeof(user_data))));
    tsec_claims_init(&claims, "azure-cvm", "az-snp-vtpm");
    hcl_runtime_claims(&runtime, &claims);
    CU_ASSERT_EQUAL(claims.user_data_len, 64);
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "secure_boot")->number, 1);
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "secure_boot")->kind, TSEC_CLAIM_BOOL);
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "console_enabled")->number, 0);
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "vm_id")->len, 36);
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, "tpm_persisted"));
}

/* The modulus of a key, as a JWK has it. */
static const char *
modulus(void)
{
    static char text[512];
    TSEC_AUTO_BUF struct tsec_buf n = TSEC_BUF_INIT(512);

    mint_key_modulus(mint_rsa(2048, 3), &n);
    tsec_base64_encode(TSEC_BASE64_URL, tsec_buf_span(&n), text);
    return text;
}

#define KEY(kid, kty, rest) "{\"kid\":\"" kid "\",\"kty\":\"" kty "\"" rest "}"
#define GOOD                KEY("HCLAkPub", "RSA", ",\"e\":\"AQAB\",\"n\":\"%s\"")

static const struct {
    const char *json;
    bool good;
} forms[] = {
    { "{\"keys\":[" GOOD "]}", true },
    { "{\"keys\":[" GOOD "],\"more\":{}}", true },
    { "{\"keys\":[" GOOD "],\"vm-configuration\":7}", true },
    /* exactly one key of that name */
    { "{\"keys\":[]}", false },
    { "{\"keys\":[" GOOD "," GOOD "]}", false },
    { "{\"keys\":[" KEY("HCLEkPub", "RSA", ",\"e\":\"AQAB\",\"n\":\"%s\"") "]}", false },
    { "{\"keys\":[" KEY("hclakpub", "RSA", ",\"e\":\"AQAB\",\"n\":\"%s\"") "]}", false },
    { "{\"keys\":{}}", false },
    { "{\"keys\":[7," GOOD "]}", false },
    { "{}", false },
    { "[]", false },
    { "", false },
    /* which is RSA */
    { "{\"keys\":[" KEY("HCLAkPub", "EC", ",\"e\":\"AQAB\",\"n\":\"%s\"") "]}", false },
    { "{\"keys\":[" KEY("HCLAkPub", "RSA", ",\"n\":\"%s\"") "]}", false },
    { "{\"keys\":[" KEY("HCLAkPub", "RSA", ",\"e\":\"AQAB\"") "]}", false },
    { "{\"keys\":[" KEY("HCLAkPub", "RSA", ",\"e\":\"AQAB\",\"n\":\"AQAB\"") "]}", false },
    { "{\"keys\":[" KEY("HCLAkPub", "RSA", ",\"e\":\"AQAB\",\"n\":\"%s=\"") "]}", false },
    { "{\"keys\":[" KEY("HCLAkPub", "RSA", ",\"e\":\"AA\",\"n\":\"%s\"") "]}", false },
    { "{\"keys\":[" KEY("HCLAkPub", "RSA", ",\"e\":65537,\"n\":\"%s\"") "]}", false },
    /* strictly read */
    { "{\"keys\":[" GOOD "],\"keys\":[]}", false },
    { "{\"keys\":[" GOOD "]}{}", false },
    { "{\"keys\":[" GOOD "]", false },
    { "{\"keys\":[" KEY("HCLAkPub", "RSA", ",\"kid\":\"x\",\"e\":\"AQAB\",\"n\":\"%s\"") "]}",
      false },
    { "{\"keys\":[" GOOD "],\"user-data\":\"00\"}", false },
    { "{\"keys\":[" GOOD "],\"user-data\":7}", false },
    { "{\"keys\":[" GOOD "],\"user-data\":\"\"}", false },
};

static void
other_forms_are_refused(void)
{
    CU_ASSERT_EQUAL_FATAL(tsec_crypto_setup(NULL).code, 0);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(JSON_MAX);
        const char *rest = forms[i].json;
        const char *at = NULL;

        while ((at = strstr(rest, "%s")) != NULL) {
            tsec_buf_put(&json, rest, (size_t)(at - rest));
            tsec_buf_put_str(&json, modulus());
            rest = at + 2;
        }
        tsec_buf_put_str(&json, rest);
        HCL_AUTO_RUNTIME struct hcl_runtime runtime;
        const tsec_rc rc = hcl_runtime_parse(tsec_buf_span(&json), &runtime, NULL);

        CU_ASSERT_EQUAL(rc.code, forms[i].good ? 0 : TSEC_E_INVALID);
        if ((rc.code == 0) != forms[i].good) {
            (void)printf("\n    %s\n", forms[i].json);
        }
    }
}

static const struct test_case cases[] = {
    { "what the paravisor writes is read", what_the_paravisor_writes_is_read },
    { "other forms are refused", other_forms_are_refused },
};

TEST_MAIN("hcl_runtime", cases)
