/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/entry.h"

#include <stdio.h>

#include "crypto/leaf_seal.h"
#include "tests/test.h"

static struct tsec_hmac_key *
some_key(void)
{
    struct tsec_hmac_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_hmac_key_new(tsec_span_str("a key of pseudonyms"), &key, NULL)));
    return key;
}

static void
an_entry_is_canonical_json(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = some_key();
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    const struct audit_entry entry = { .id = "r1",
                                       .ts_ns = INT64_C(1790000000500000000),
                                       .actor_kind = "token",
                                       .actor_name = "a\"b",
                                       .operation = "kvRead",
                                       .allow = true,
                                       .status = 200,
                                       .dur_us = 12 };

    audit_entry_json(&entry, key, &out);
    tsec_buf_put_byte(&out, 0);
    CU_ASSERT_STRING_EQUAL(
        (const char *)out.ptr,
        "{\"actor\":{\"kind\":\"token\",\"name\":\"a\\\"b\"},\"decision\":{\"result\":\"allow\"},"
        "\"dur_us\":12,\"id\":\"r1\",\"op\":\"kvRead\",\"status\":200,"
        "\"ts\":\"2026-09-21T14:13:20.5Z\",\"v\":1}");
}

static void
a_path_comes_out_as_a_pseudonym_only(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = some_key();
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    const struct audit_entry entry = { .path = tsec_span_str("secret/data/customer") };
    char name[AUDIT_PSEUDONYM_LEN + 1];
    char other[AUDIT_PSEUDONYM_LEN + 1];

    audit_entry_json(&entry, key, &out);
    audit_pseudonym(key, "path", entry.path, name);
    CU_ASSERT_PTR_NULL(memmem(out.ptr, out.len, "customer", 8));
    CU_ASSERT_PTR_NOT_NULL(memmem(out.ptr, out.len, name, AUDIT_PSEUDONYM_LEN));
    audit_pseudonym(key, "name", entry.path, other);
    CU_ASSERT_STRING_NOT_EQUAL(name, other);
}

static void
the_verdict_on_evidence_stands_in_its_place(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = some_key();
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    const struct audit_evidence evidence = {
        .format = "nitro", .verdict = "refused", .reason = "debug", .detail = "debug: PCR0 is zero"
    };
    const struct audit_entry entry = { .id = "r1", .evidence = &evidence, .status = 200 };
    static const char expected[] =
        "\"dur_us\":0,\"evidence\":{\"detail\":\"debug: PCR0 is zero\",\"format\":\"nitro\","
        "\"reason\":\"debug\",\"verdict\":\"refused\"},\"id\":\"r1\",";

    audit_entry_json(&entry, key, &out);
    CU_ASSERT_PTR_NOT_NULL(memmem(out.ptr, out.len, expected, sizeof(expected) - 1));
}

static void
what_was_handed_out_together_stands_in_one_entry(void)
{
    static const char *paths[] = { "secret/data/a", "secret/data/customer" };
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = some_key();
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    const struct audit_entry entry = { .id = "r1", .paths = { paths, 2 } };
    char expected[2 * AUDIT_PSEUDONYM_LEN + 64];
    char one[AUDIT_PSEUDONYM_LEN + 1];
    char two[AUDIT_PSEUDONYM_LEN + 1];

    audit_entry_json(&entry, key, &out);
    audit_pseudonym(key, "path", tsec_span_str(paths[0]), one);
    audit_pseudonym(key, "path", tsec_span_str(paths[1]), two);
    (void)snprintf(expected, sizeof(expected), ",\"paths\":[\"%s\",\"%s\"],\"status\":", one, two);
    CU_ASSERT_PTR_NOT_NULL(memmem(out.ptr, out.len, expected, strlen(expected)));
    CU_ASSERT_PTR_NULL(memmem(out.ptr, out.len, "customer", 8));
}

/* What a release says besides: nothing that callers choose, but for the role. */
static void
as_many_paths_as_there_may_be_fit(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = some_key();
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_AUDIT_ENTRY_MAX);
    const char *paths[AUDIT_PATHS_MAX + 1];
    char role[129] = "";
    char uuid[37] = "";
    const struct audit_evidence evidence = { .format = "az-snp-vtpm",
                                             .tee = "azure-cvm",
                                             .verdict = "genuine" };
    const struct audit_entry entry = { .id = uuid,
                                       .ts_ns = INT64_MAX,
                                       .evidence = &evidence,
                                       .actor_kind = "anyone",
                                       .actor_name = "attest",
                                       .actor_role = role,
                                       .actor_measurement = role,
                                       .operation = "teeRelease",
                                       .path = tsec_span_str("tee/release"),
                                       .paths = { paths, AUDIT_PATHS_MAX + 1 },
                                       .status = INT32_MIN,
                                       .dur_us = INT64_MIN,
                                       .remote = role };

    memset(role, 'x', sizeof(role) - 1);
    memset(uuid, 'x', sizeof(uuid) - 1);
    for (size_t i = 0; i <= AUDIT_PATHS_MAX; i++) {
        paths[i] = "secret/data/a";
    }
    audit_entry_json(&entry, key, &out);
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&out, NULL)));
    CU_ASSERT_EQUAL(out.ptr[out.len - 1], '}');
}

static void
an_update_of_measurements_says_what_it_changed(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = some_key();
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    const struct audit_measurements update = {
        .sequence = 5, .added = 1, .removed = 2, .revoked = 7, .signer = "9b1c"
    };
    const struct audit_entry entry = { .id = "r1", .measurements = &update, .status = 200 };
    static const char expected[] = "\"id\":\"r1\",\"measurements\":{\"added\":1,\"removed\":2,"
                                   "\"revoked\":7,\"sequence\":5,\"signer\":\"9b1c\"},";

    audit_entry_json(&entry, key, &out);
    CU_ASSERT_PTR_NOT_NULL(memmem(out.ptr, out.len, expected, sizeof(expected) - 1));
}

static void
whatever_callers_are_called_it_fits(void)
{
    static const char fills[] = { 'x', '"', '\n', 0x01, 0x7f, (char)0xff, (char)0xc3 };
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = some_key();

    for (size_t i = 0; i < sizeof(fills); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_AUDIT_ENTRY_MAX);
        char t[5000];

        memset(t, fills[i], sizeof(t) - 1);
        t[sizeof(t) - 1] = '\0';

        const struct audit_evidence evidence = {
            .format = t, .tee = t, .verdict = t, .reason = t, .detail = t
        };
        const struct audit_entry entry = { .id = t,
                                           .ts_ns = INT64_MAX,
                                           .evidence = &evidence,
                                           .actor_kind = t,
                                           .actor_accessor = t,
                                           .actor_name = t,
                                           .actor_role = t,
                                           .actor_measurement = t,
                                           .operation = t,
                                           .path = tsec_span_str(t),
                                           .policy = t,
                                           .reason = t,
                                           .status = INT32_MIN,
                                           .count = INT64_MAX,
                                           .dur_us = INT64_MIN,
                                           .remote = t };

        audit_entry_json(&entry, key, &out);
        CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&out, NULL)));
        CU_ASSERT_EQUAL(out.ptr[out.len - 1], '}');
    }
}

static const struct test_case cases[] = {
    { "an entry is canonical JSON", an_entry_is_canonical_json },
    { "a path comes out as a pseudonym only", a_path_comes_out_as_a_pseudonym_only },
    { "the verdict on evidence stands in its place", the_verdict_on_evidence_stands_in_its_place },
    { "what was handed out together stands in one entry",
      what_was_handed_out_together_stands_in_one_entry },
    { "as many paths as there may be fit", as_many_paths_as_there_may_be_fit },
    { "an update of measurements says what it changed",
      an_update_of_measurements_says_what_it_changed },
    { "whatever callers are called, it fits", whatever_callers_are_called_it_fits },
};

TEST_MAIN("audit/entry", cases)
