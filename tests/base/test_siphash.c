/* SPDX-License-Identifier: Apache-2.0 */
#include "base/siphash.h"

#include "tests/test.h"

/* Key 00..0f, message 00..(n-1): the vectors of the paper's appendix. */
static void
the_published_vectors_hold(void)
{
    static const struct {
        size_t len;
        uint64_t want;
    } cases[] = {
        { 0, UINT64_C(0x726fdb47dd0e0e31) },  { 1, UINT64_C(0x74f839c593dc67fd) },
        { 7, UINT64_C(0xab0200f58b01d137) },  { 8, UINT64_C(0x93f5f5799a932462) },
        { 15, UINT64_C(0xa129ca6149be45e5) }, { 16, UINT64_C(0x3f2acc7f57c29bdb) },
    };
    const uint64_t key[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
    uint8_t message[16];

    for (size_t i = 0; i < sizeof(message); i++) {
        message[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases); i++) {
        CU_ASSERT_EQUAL(tsec_siphash(key, tsec_span(message, cases[i].len)), cases[i].want);
    }
}

static void
another_key_gives_another_hash(void)
{
    const uint64_t a[2] = { 1, 2 };
    const uint64_t b[2] = { 1, 3 };

    CU_ASSERT_NOT_EQUAL(tsec_siphash(a, tsec_span_str("path")),
                        tsec_siphash(b, tsec_span_str("path")));
}

static const struct test_case cases[] = {
    { "the published vectors hold", the_published_vectors_hold },
    { "another key gives another hash", another_key_gives_another_hash },
};

TEST_MAIN("base/siphash", cases)
