/* SPDX-License-Identifier: Apache-2.0 */
#include "client/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/test.h"

static char file[64];

struct value_case {
    const char *items[4];
    const char *input;
    const char *want; /* NULL: refused */
    bool in_argv;
};

/* FILE stands for a file that holds "from\nfile\n", BAD for one that is not UTF-8. */
static const struct value_case values[] = {
    { { "a=b" }, "", "{\"a\":\"b\"}", true },
    { { "a=" }, "", "{\"a\":\"\"}", false },
    { { "a=b=c" }, "", "{\"a\":\"b=c\"}", true },
    { { "a=b", "c=1" }, "", "{\"a\":\"b\",\"c\":\"1\"}", true },
    { { "a=\"\\" }, "", "{\"a\":\"\\\"\\\\\"}", true },
    { { "a=-" }, "typed\n", "{\"a\":\"typed\\n\"}", false },
    { { "a=-" }, "", "{\"a\":\"\"}", false },
    { { "a=@FILE" }, "", "{\"a\":\"from\\nfile\\n\"}", false },
    { { "a=@FILE", "b=-" }, "x", "{\"a\":\"from\\nfile\\n\",\"b\":\"x\"}", false },
    { { "a=\\@x" }, "", "{\"a\":\"@x\"}", true },
    { { "-" }, " {\"n\": 12345678901234567890} \n", "{\"n\": 12345678901234567890}", false },
    { { "-" }, "{}", "{}", false },
    { { NULL }, "", "{}", false },
    { { "-" }, "[1]", NULL, false },
    { { "-" }, "\"x\"", NULL, false },
    { { "-" }, "{\"a\":1", NULL, false },
    { { "-" }, "{\"a\":1,\"a\":2}", NULL, false },
    { { "-" }, "", NULL, false },
    { { "@FILE" }, "", NULL, false },
    { { "@/nowhere/at/all" }, "", NULL, false },
    { { "a" }, "", NULL, false },
    { { "=b" }, "", NULL, false },
    { { "a=1", "a=2" }, "", NULL, false },
    { { "a=1", "-" }, "{}", NULL, false },
    { { "a=-", "b=-" }, "x", NULL, false },
    { { "a=@/nowhere/at/all" }, "", NULL, false },
    { { "a=@BAD" }, "", NULL, false },
    { { "a=-" }, "\xff", NULL, false },
    { { "a=\xff" }, "", NULL, false },
    { { "\xff=a" }, "", NULL, false },
};

static void
write_file(const char *path, const char *bytes, size_t len)
{
    FILE *f = fopen(path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, len, f), len);
    (void)fclose(f);
}

static const char *
with_file(const char *item, char *out, size_t cap)
{
    const char *mark = strstr(item, "@FILE");

    if (mark == NULL && strstr(item, "@BAD") == NULL) {
        return item;
    }
    if (mark != NULL) {
        (void)snprintf(out, cap, "%.*s@%s", (int)(mark - item), item, file);
    } else {
        (void)snprintf(out, cap, "a=@%s.bad", file);
    }
    return out;
}

static void
operands_become_one_object(void)
{
    char bad[80];

    (void)snprintf(file, sizeof(file), "/tmp/tee-secrets-values.XXXXXX");
    (void)close(mkstemp(file));
    (void)snprintf(bad, sizeof(bad), "%s.bad", file);
    write_file(file, "from\nfile\n", 10);
    write_file(bad, "a\0b", 3);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(values); i++) {
        const struct value_case *c = &values[i];
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(65536);
        struct tsec_err err = { 0 };
        const char *items[4] = { NULL };
        char room[4][128];
        size_t n = 0;
        bool in_argv = false;
        const int in = memfd_create("in", MFD_CLOEXEC);

        CU_ASSERT_EQUAL(write(in, c->input, strlen(c->input)), (ssize_t)strlen(c->input));
        (void)lseek(in, 0, SEEK_SET);
        while (n < 4 && c->items[n] != NULL) {
            items[n] = with_file(c->items[n], room[n], sizeof(room[n]));
            n++;
        }
        const struct cli_values given = { items, n, in, -1, true };
        const tsec_rc rc = cli_values_read(&given, &out, &in_argv, &err);

        if (tsec_failed(rc) != (c->want == NULL)
            || (c->want != NULL && !tsec_span_is(tsec_buf_span(&out), c->want))) {
            (void)fprintf(stderr, "  case %zu gives %.*s %s\n", i, (int)out.len,
                          out.ptr == NULL ? "" : (const char *)out.ptr, err.detail);
            CU_FAIL("another object");
        }
        CU_ASSERT_TRUE(c->want == NULL || in_argv == c->in_argv);
        (void)close(in);
    }
    (void)unlink(file);
    (void)unlink(bad);
}

static void
an_error_never_quotes_a_value(void)
{
    static const char *const items[] = { "a=1", "s3cr3t-without-a-key" };
    const struct cli_values given = { items, 2, -1, -1, false };
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(65536);
    struct tsec_err err = { 0 };
    bool in_argv = false;

    CU_ASSERT_TRUE(tsec_failed(cli_values_read(&given, &out, &in_argv, &err)));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "s3cr3t"));
}

static void
what_is_a_secret_is_known_by_its_key(void)
{
    static const struct {
        const char *item;
        bool secret;
    } items[] = {
        { "ttl=1h", false },          { "role_id=x", false },  { "policies=a,b", false },
        { "password=x", true },       { "secret_id=x", true }, { "token=x", true },
        { "secret_id=@FILE", false }, { "password=", false },  { "password=\\@x", true },
        { "passwords=x", false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(items); i++) {
        const struct cli_values given = { &items[i].item, 1, -1, -1, false };
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(65536);
        bool in_argv = false;

        if (!tsec_failed(cli_values_read(&given, &out, &in_argv, NULL))) {
            CU_ASSERT_EQUAL(in_argv, items[i].secret);
        } else {
            CU_ASSERT_PTR_NOT_NULL(strstr(items[i].item, "=@"));
        }
    }
}

static const struct test_case cases[] = {
    { "what is a secret is known by its key", what_is_a_secret_is_known_by_its_key },
    { "operands become one object", operands_become_one_object },
    { "an error never quotes a value", an_error_never_quotes_a_value },
};

TEST_MAIN("client/values", cases)
