/* SPDX-License-Identifier: Apache-2.0 */
#include "client/output.h"

#include <stdio.h>

#include "tests/test.h"

struct output_case {
    void (*put)(struct tsec_buf *out, struct tsec_span value);
    const char *json;
    const char *want;
};

static void
put_keys(struct tsec_buf *out, struct tsec_span value)
{
    cli_output_keys(out, "Keys", value);
}

static const struct output_case outputs[] = {
    { cli_output_json, "{}", "{}\n" },
    { cli_output_json, "[ ]", "[]\n" },
    { cli_output_json, " {\"a\":1,\"b\":[1,{\"c\":null}]} ",
      "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    {\n      \"c\": null\n    }\n  ]\n}\n" },
    { cli_output_json, "{\"n\":12345678901234567890.10}",
      "{\n  \"n\": 12345678901234567890.10\n}\n" },
    { cli_output_json, "\"\\u00e9\"", "\"\\u00e9\"\n" },
    { cli_output_table, "{\"a\":\"x\",\"longer\":12}",
      "Key       Value\n---       -----\na         x\nlonger    12\n" },
    { cli_output_table, "{}", "Key    Value\n---    -----\n" },
    { cli_output_table, "{\"a\":[\"x\"],\"b\":null}",
      "Key    Value\n---    -----\na      [\"x\"]\nb      null\n" },
    { cli_output_table, "{\"a\":\"\\u001b[2J\\u009b\\u007f\\tb\\nc\"}",
      "Key    Value\n---    -----\na      \\x1b[2J\\u009b\\x7f\tb\nc\n" },
    { cli_output_table, "{\"\\u001b\":\"x\"}", "Key       Value\n---       -----\n\\x1b      x\n" },
    { cli_output_table, "{\"\xc3\xa9\":\"\xc3\xa9\xc2\xa0\"}",
      "Key    Value\n---    -----\n\xc3\xa9     \xc3\xa9\xc2\xa0\n" },
    { put_keys, "[\"a\",\"b/\"]", "Keys\n----\na\nb/\n" },
    { put_keys, "[]", "Keys\n----\n" },
    { cli_output_raw, "\"a\\u001b\\n\"", "a\x1b\n" },
    { cli_output_raw, "{\"a\": 1}", "{\"a\": 1}" },
};

static void
values_are_shown_as_the_table_says(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(outputs); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(65536);

        outputs[i].put(&out, tsec_span_str(outputs[i].json));
        if (!tsec_span_is(tsec_buf_span(&out), outputs[i].want)) {
            (void)fprintf(stderr, "  %s gives\n%.*s", outputs[i].json, (int)out.len,
                          (const char *)out.ptr);
            CU_FAIL("another text");
        }
    }
}

static const struct test_case cases[] = {
    { "values are shown as the table says", values_are_shown_as_the_table_says },
};

TEST_MAIN("client/output", cases)
