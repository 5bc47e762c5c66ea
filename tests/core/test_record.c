/* SPDX-License-Identifier: Apache-2.0 */
#include "core/record.h"

#include "tests/test.h"

struct sample {
    const char *text;
    int64_t number;
    bool flag;
    uint8_t tag[RECORD_TAG_LEN];
    struct tsec_span bytes;
    struct tsec_strings list;
    struct tsec_string_map map;
};

static const struct record_field fields[] = {
    RECORD_FIELD(sample, text, RECORD_STR),    RECORD_FIELD(sample, number, RECORD_I64),
    RECORD_FIELD(sample, flag, RECORD_BOOL),   RECORD_FIELD(sample, tag, RECORD_TAG),
    RECORD_FIELD(sample, bytes, RECORD_BYTES), RECORD_FIELD(sample, list, RECORD_STRINGS),
    RECORD_FIELD(sample, map, RECORD_MAP),
};
static const struct record_type type = { "sample", 3, sizeof(struct sample), fields,
                                         TSEC_ARRAY_LEN(fields) };

static void
pack(struct tsec_buf *out)
{
    static const char *items[] = { "", "b", "cc" };
    static const char *keys[] = { "k" };
    static const char *values[] = { "v" };
    struct sample sample = {
        .text = "hello",
        .number = -5,
        .flag = true,
        .bytes = tsec_span("\0x", 2),
        .list = { items, 3 },
        .map = { keys, values, 1 },
    };

    memset(sample.tag, 7, sizeof(sample.tag));
    record_pack(&type, &sample, out);
    CU_ASSERT_EQUAL_FATAL(tsec_buf_check(out, NULL).code, 0);
}

static void
a_record_comes_back_as_it_went(void)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
    void *object = NULL;
    const struct sample *got;

    pack(&buf);
    CU_ASSERT_EQUAL_FATAL(record_decode(&type, tsec_buf_span(&buf), &object, NULL).code, 0);
    got = object;
    CU_ASSERT_STRING_EQUAL(got->text, "hello");
    CU_ASSERT_EQUAL(got->number, -5);
    CU_ASSERT_TRUE(got->flag);
    CU_ASSERT_EQUAL(got->tag[31], 7);
    CU_ASSERT_EQUAL(got->bytes.len, 2);
    CU_ASSERT_EQUAL_FATAL(got->list.len, 3);
    CU_ASSERT_STRING_EQUAL(got->list.items[0], "");
    CU_ASSERT_STRING_EQUAL(got->list.items[2], "cc");
    CU_ASSERT_STRING_EQUAL(got->map.keys[0], "k");
    CU_ASSERT_STRING_EQUAL(got->map.values[0], "v");
    record_free(object);
    record_free(NULL);
}

static void
a_cut_lengthened_or_foreign_payload_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
    void *object = NULL;

    pack(&buf);
    for (size_t n = 0; n < buf.len; n++) {
        CU_ASSERT_NOT_EQUAL(record_decode(&type, tsec_span(buf.ptr, n), &object, NULL).code, 0);
        CU_ASSERT_PTR_NULL(object);
    }
    tsec_buf_put_byte(&buf, 0);
    CU_ASSERT_NOT_EQUAL(record_decode(&type, tsec_buf_span(&buf), &object, NULL).code, 0);
    buf.len--;
    buf.ptr[0] = 4;
    CU_ASSERT_NOT_EQUAL(record_decode(&type, tsec_buf_span(&buf), &object, NULL).code, 0);
}

/* Every byte of the payload changed in turn: decoded or refused, never out of bounds. */
static void
an_altered_payload_never_reads_past_its_end(void)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);

    pack(&buf);
    for (size_t i = 0; i < buf.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            void *object = NULL;

            buf.ptr[i] ^= (uint8_t)(1U << bit);
            (void)record_decode(&type, tsec_buf_span(&buf), &object, NULL).code;
            record_free(object);
            buf.ptr[i] ^= (uint8_t)(1U << bit);
        }
    }
    CU_PASS("no fault");
}

/* The same noun, two versions on. */
struct later {
    const char *text;
    int64_t number;
    const char *second;           /* since 2 */
    struct tsec_string_map third; /* since 3 */
};

static const struct record_field first_fields[] = {
    RECORD_FIELD(later, text, RECORD_STR),
    RECORD_FIELD(later, number, RECORD_I64),
};
static const struct record_field later_fields[] = {
    RECORD_FIELD(later, text, RECORD_STR),
    RECORD_FIELD(later, number, RECORD_I64),
    RECORD_FIELD_SINCE(2, later, second, RECORD_STR),
    RECORD_FIELD_SINCE(3, later, third, RECORD_MAP),
};

static const struct record_type *
later_type(uint8_t version)
{
    static struct record_type types[4];

    types[version] = (struct record_type){ "later", version, sizeof(struct later), later_fields,
                                           (size_t)version + 1 };
    if (version == 1) {
        types[1].fields = first_fields;
    }
    return &types[version];
}

static void
a_row_of_an_earlier_version_opens_and_lacks_what_came_since(void)
{
    static const char *keys[] = { "k" };
    const struct later was = {
        .text = "old", .number = 7, .second = "two", .third = { keys, keys, 1 }
    };

    for (uint8_t version = 1; version <= 3; version++) {
        TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
        void *object = NULL;
        const struct later *got;

        record_pack(later_type(version), &was, &buf);
        CU_ASSERT_EQUAL_FATAL(record_decode(later_type(3), tsec_buf_span(&buf), &object, NULL).code,
                              0);
        got = object;
        CU_ASSERT_STRING_EQUAL(got->text, "old");
        CU_ASSERT_EQUAL(got->number, 7);
        CU_ASSERT_STRING_EQUAL(got->second, version >= 2 ? "two" : "");
        CU_ASSERT_EQUAL(got->third.len, version >= 3 ? 1 : 0);
        record_free(object);
    }
}

static void
a_version_that_is_too_new_or_none_is_refused(void)
{
    static const uint8_t versions[] = { 0, 3, 4, 255 };
    const struct later was = { .text = "t", .second = "" };
    void *object = NULL;

    for (size_t i = 0; i < sizeof(versions); i++) {
        TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);

        record_pack(later_type(2), &was, &buf);
        buf.ptr[0] = versions[i];
        CU_ASSERT_EQUAL(record_decode(later_type(2), tsec_buf_span(&buf), &object, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(object);
    }
}

static void
a_row_that_calls_itself_older_than_it_is_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
    const struct later was = { .text = "t", .second = "two" };
    void *object = NULL;

    record_pack(later_type(3), &was, &buf);
    for (uint8_t version = 1; version < 3; version++) {
        buf.ptr[0] = version;
        CU_ASSERT_NOT_EQUAL(record_decode(later_type(3), tsec_buf_span(&buf), &object, NULL).code,
                            0);
    }
}

static const struct test_case cases[] = {
    { "a record comes back as it went", a_record_comes_back_as_it_went },
    { "a cut, lengthened or foreign payload", a_cut_lengthened_or_foreign_payload_is_refused },
    { "an altered payload never reads past its end", an_altered_payload_never_reads_past_its_end },
    { "a row of an earlier version opens and lacks what came since",
      a_row_of_an_earlier_version_opens_and_lacks_what_came_since },
    { "a version that is too new or none is refused",
      a_version_that_is_too_new_or_none_is_refused },
    { "a row that calls itself older than it is is refused",
      a_row_that_calls_itself_older_than_it_is_is_refused },
};

TEST_MAIN("core/record", cases)
