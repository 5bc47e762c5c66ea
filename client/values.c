/* SPDX-License-Identifier: Apache-2.0 */
#include "client/values.h"

#include <unistd.h>

#include "client/input.h"
#include "codec/json_out.h"
#include "codec/json_scan.h"

struct reading {
    const struct cli_values *values;
    bool stdin_taken;
    bool in_argv;
};

static tsec_rc
read_whole(const struct cli_values *values, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(CLI_INPUT_MAX);
    const char *item = values->items[0];

    if (item[0] == '@') {
        TSEC_TRY(cli_input_file(item + 1, &text, err));
    } else {
        TSEC_TRY(cli_input_fd(values->stdin_fd, &text, err));
    }
    TSEC_TRY(tsec_json_check(tsec_buf_span(&text), &TSEC_JSON_LIMITS_DEFAULT, err));
    const struct tsec_span whole = tsec_json_trim(tsec_buf_span(&text));

    if (tsec_json_type_of(whole) != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the input is JSON, but not an object");
    }
    tsec_buf_put_span(out, whole);
    return tsec_buf_check(out, err);
}

static bool
stands_in_argv(const char *value)
{
    return value[0] != '\0' && value[0] != '@' && strcmp(value, "-") != 0;
}

static bool
is_secret(const struct cli_values *values, const char *key, size_t key_len)
{
    static const char *const names[] = {
        "password", "passphrase", "secret", "secret_id", "token", "jwt", "plaintext", "private_key",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        if (tsec_span_is(tsec_span(key, key_len), names[i])) {
            return true;
        }
    }
    return values->all_secret;
}

static tsec_rc
read_stdin(const struct cli_values *values, struct tsec_buf *out, struct tsec_err *err)
{
    if (isatty(values->stdin_fd)) {
        return cli_input_line(values->stdin_fd, values->prompt_fd, "Value (will be hidden): ", out,
                              err);
    }
    return cli_input_fd(values->stdin_fd, out, err);
}

static tsec_rc
read_value(struct reading *r, const char *text, struct tsec_buf *out, struct tsec_err *err)
{
    if (strcmp(text, "-") == 0) {
        if (r->stdin_taken) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "standard input can only be read once");
        }
        r->stdin_taken = true;
        return read_stdin(r->values, out, err);
    }
    if (text[0] == '@') {
        return cli_input_file(text + 1, out, err);
    }
    tsec_buf_put_str(out, text[0] == '\\' && text[1] == '@' ? text + 1 : text);
    return tsec_buf_check(out, err);
}

static bool
is_repeated(const struct cli_values *values, size_t i, size_t key_len)
{
    for (size_t j = 0; j < i; j++) {
        if (strncmp(values->items[j], values->items[i], key_len + 1) == 0) {
            return true;
        }
    }
    return false;
}

static tsec_rc
read_pair(struct reading *r, size_t i, struct tsec_json_out *json, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(CLI_INPUT_MAX);
    const char *item = r->values->items[i];
    const size_t key_len = strcspn(item, "=");
    const int shown = (int)(key_len < 60 ? key_len : 60);

    if (item[key_len] != '=' || key_len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "argument %zu is not KEY=VALUE", i + 1);
    }
    if (!tsec_utf8_valid(tsec_span(item, key_len))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the key of argument %zu is not UTF-8", i + 1);
    }
    if (is_repeated(r->values, i, key_len)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%.*s is given twice", shown, item);
    }
    TSEC_TRY(read_value(r, item + key_len + 1, &text, err));
    r->in_argv =
        r->in_argv || (stands_in_argv(item + key_len + 1) && is_secret(r->values, item, key_len));
    if (!tsec_utf8_valid(tsec_buf_span(&text))
        || (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the value of %.*s is not UTF-8 text; encode it, for example with base64",
                         shown, item);
    }
    tsec_json_key_span(json, tsec_span(item, key_len));
    tsec_json_span(json, tsec_buf_span(&text));
    return TSEC_OK;
}

tsec_rc
cli_values_read(const struct cli_values *values, struct tsec_buf *out, bool *in_argv,
                struct tsec_err *err)
{
    struct reading r = { .values = values };
    struct tsec_json_out json = tsec_json_out(out);

    *in_argv = false;
    if (values->len == 1 && (strcmp(values->items[0], "-") == 0 || values->items[0][0] == '@')) {
        return read_whole(values, out, err);
    }
    tsec_json_object(&json);
    for (size_t i = 0; i < values->len; i++) {
        TSEC_TRY(read_pair(&r, i, &json, err));
    }
    tsec_json_object_end(&json);
    *in_argv = r.in_argv;
    return tsec_buf_check(out, err);
}
