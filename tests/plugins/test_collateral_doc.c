/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral_doc.h"

#include <stdio.h>

#include "tests/plugins/collateral_rig.h"
#include "tests/test.h"

#define DATES "\"issueDate\":\"2026-01-01T00:00:00Z\",\"nextUpdate\":\"2026-02-01T00:00:01Z\""

static tsec_rc
read_doc(const char *text, struct collateral_doc *out, bool *ours)
{
    return collateral_doc_read(tsec_span_str(text), out, ours, NULL);
}

static void
tcb_info_says_what_it_is_for_and_when(void)
{
    struct collateral_doc doc;
    bool ours = false;

    CU_ASSERT_FALSE(tsec_failed(read_doc(rig_tcb_info, &doc, &ours)));
    CU_ASSERT_TRUE(ours);
    CU_ASSERT_EQUAL(doc.kind, COLLATERAL_TCB_INFO);
    CU_ASSERT_FALSE(doc.tdx);
    CU_ASSERT_EQUAL(memcmp(doc.fmspc, "\x00\x90\x6e\xd5\x00\x00", 6), 0);
    CU_ASSERT_EQUAL(memcmp(doc.pce_id, "\x00\x01", 2), 0);
    CU_ASSERT_EQUAL(doc.evaluation, 17);
    CU_ASSERT_EQUAL(doc.issued_at, 1767225600);
    CU_ASSERT_EQUAL(doc.next_update, 1769904000);
}

static void
an_identity_says_of_which_quoting_enclave(void)
{
    struct collateral_doc doc;
    bool ours = false;

    CU_ASSERT_FALSE(tsec_failed(read_doc(rig_identity, &doc, &ours)));
    CU_ASSERT_TRUE(ours && doc.tdx);
    CU_ASSERT_EQUAL(doc.kind, COLLATERAL_QE_IDENTITY);
    CU_ASSERT_FALSE(tsec_failed(read_doc("{\"id\":\"QE\",\"version\":2," DATES "}", &doc, &ours)));
    CU_ASSERT_TRUE(ours && !doc.tdx);
    CU_ASSERT_FALSE(tsec_failed(read_doc("{\"id\":\"QVE\",\"version\":2," DATES "}", &doc, &ours)));
    CU_ASSERT_FALSE(ours);
}

static void
tcb_info_of_version_2_is_of_sgx(void)
{
    struct collateral_doc doc;
    bool ours = false;

    CU_ASSERT_FALSE(tsec_failed(read_doc(
        "{\"version\":2," DATES ",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}", &doc, &ours)));
    CU_ASSERT_FALSE(doc.tdx);
    CU_ASSERT_EQUAL(doc.evaluation, 0);
}

static void
what_lacks_a_member_or_is_of_an_unknown_version_is_refused(void)
{
    static const char *const texts[] = {
        "{" DATES ",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}",
        "{\"version\":\"3\",\"id\":\"SGX\"," DATES
        ",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}",
        "{\"version\":3," DATES ",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}",
        "{\"version\":3,\"id\":\"SEV\"," DATES ",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}",
        "{\"version\":2,\"id\":\"SGX\"," DATES ",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}",
        "{\"version\":4,\"id\":\"SGX\"," DATES ",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}",
        "{\"version\":3,\"id\":\"SGX\"," DATES ",\"fmspc\":\"00906ed5000\",\"pceId\":\"0000\"}",
        "{\"version\":3,\"id\":\"SGX\"," DATES ",\"fmspc\":\"00906ed500zz\",\"pceId\":\"0000\"}",
        "{\"version\":3,\"id\":\"SGX\"," DATES ",\"fmspc\":\"00906ed50000\"}",
        "{\"version\":3,\"id\":\"SGX\",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}",
        "{\"version\":3,\"id\":\"SGX\",\"issueDate\":\"yesterday\","
        "\"nextUpdate\":\"2026-02-01T00:00:00Z\",\"fmspc\":\"00906ed50000\",\"pceId\":\"0000\"}",
        "{\"id\":\"QE\",\"version\":1," DATES "}",
        "{\"id\":\"TD_QE\",\"version\":3," DATES "}",
    };
    struct collateral_doc doc;
    bool ours;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        CU_ASSERT_EQUAL(read_doc(texts[i], &doc, &ours).code, TSEC_E_INVALID);
    }
}

static void
numbers_and_hex_are_read_exactly(void)
{
    const struct tsec_span object =
        tsec_span_str("{\"n\":65535,\"minus\":-1,\"half\":1.5,\"text\":\"7\",\"hex\":\"0aFF\","
                      "\"escaped\":\"0a\\u0030f\"}");
    uint8_t bytes[2];
    uint64_t n = 0;

    CU_ASSERT_TRUE(collateral_doc_number(object, "n", 65535, &n));
    CU_ASSERT_EQUAL(n, 65535);
    CU_ASSERT_FALSE(collateral_doc_number(object, "n", 65534, &n));
    CU_ASSERT_FALSE(collateral_doc_number(object, "minus", 65535, &n));
    CU_ASSERT_FALSE(collateral_doc_number(object, "half", 65535, &n));
    CU_ASSERT_FALSE(collateral_doc_number(object, "text", 65535, &n));
    CU_ASSERT_FALSE(collateral_doc_number(object, "none", 65535, &n));
    CU_ASSERT_TRUE(collateral_doc_hex(object, "hex", bytes, 2));
    CU_ASSERT_EQUAL(bytes[1], 0xff);
    CU_ASSERT_FALSE(collateral_doc_hex(object, "hex", bytes, 1));
    CU_ASSERT_FALSE(collateral_doc_hex(object, "n", bytes, 2));
    CU_ASSERT_FALSE(collateral_doc_hex(object, "escaped", bytes, 2));
    CU_ASSERT_PTR_NULL(collateral_doc_text(object, "escaped").ptr);
    CU_ASSERT_TRUE(tsec_span_is(collateral_doc_text(object, "text"), "7"));
}

static void
only_an_object_with_levels_and_a_date_is_a_document(void)
{
    CU_ASSERT_TRUE(collateral_doc_is(tsec_span_str(rig_tcb_info)));
    CU_ASSERT_FALSE(collateral_doc_is(tsec_span_str("{}")));
    CU_ASSERT_FALSE(collateral_doc_is(tsec_span_str("{\"tcbLevels\":[]}")));
    CU_ASSERT_FALSE(collateral_doc_is(tsec_span_str("{\"tcbLevels\":{},\"issueDate\":\"\"}")));
}

static const struct test_case cases[] = {
    { "TCB info says what it is for and when", tcb_info_says_what_it_is_for_and_when },
    { "an identity says of which quoting enclave", an_identity_says_of_which_quoting_enclave },
    { "TCB info of version 2 is of SGX", tcb_info_of_version_2_is_of_sgx },
    { "what lacks a member or is of an unknown version is refused",
      what_lacks_a_member_or_is_of_an_unknown_version_is_refused },
    { "numbers and hex are read exactly", numbers_and_hex_are_read_exactly },
    { "only an object with levels and a date is a document",
      only_an_object_with_levels_and_a_date_is_a_document },
};

TEST_MAIN("plugins/collateral_doc", cases)
