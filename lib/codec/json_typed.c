/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_typed.h"

#include "base/clock.h"
#include "codec/json_scan.h"

static struct tsec_span
string_span(const json_t *value)
{
    return tsec_span(json_string_value(value), json_string_length(value));
}

static tsec_rc
read_string(const json_t *value, const struct tsec_json_field *field, struct tsec_arena *arena,
            struct tsec_err *err)
{
    const struct tsec_span text = string_span(value);
    const bool string = json_is_string(value);

    if (!string || memchr(text.ptr, '\0', text.len) != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" must be a string", field->name);
    }
    if ((int64_t)text.len < field->min || (int64_t)text.len > field->max) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" must be a string of %lld to %lld bytes",
                         field->name, (long long)field->min, (long long)field->max);
    }

    const char *copy = tsec_arena_dup(arena, text);

    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "field \"%s\"", field->name);
    }
    *(const char **)field->out = copy;
    return TSEC_OK;
}

/* What Go's strconv.ParseBool takes. */
static bool
text_to_bool(struct tsec_span text, bool *out)
{
    static const char *const yes[] = { "true", "1", "t", "T", "True", "TRUE" };
    static const char *const no[] = { "false", "0", "f", "F", "False", "FALSE" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(yes); i++) {
        *out = tsec_span_is(text, yes[i]);
        if (*out || tsec_span_is(text, no[i])) {
            return true;
        }
    }
    return false;
}

static tsec_rc
read_bool(const json_t *value, const struct tsec_json_field *field, struct tsec_err *err)
{
    bool out = json_is_true(value);
    bool good = json_is_boolean(value);

    if (json_is_integer(value)) {
        out = json_integer_value(value) == 1;
        good = out || json_integer_value(value) == 0;
    } else if (json_is_string(value)) {
        good = text_to_bool(string_span(value), &out);
    }
    if (!good) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" must be true or false", field->name);
    }
    *(bool *)field->out = out;
    return TSEC_OK;
}

/* Decimal digits with at most a minus in front. */
static bool
text_to_int(struct tsec_span text, int64_t *out)
{
    /* a number of JSON, and nothing around it: no space, no quotes */
    return text.len > 0 && (text.ptr[0] == '-' || (text.ptr[0] >= '0' && text.ptr[0] <= '9'))
           && text.ptr[text.len - 1] >= '0' && text.ptr[text.len - 1] <= '9'
           && tsec_json_to_i64(text, out);
}

static tsec_rc
read_int(const json_t *value, const struct tsec_json_field *field, struct tsec_err *err)
{
    int64_t out = json_integer_value(value);
    const bool good =
        json_is_integer(value) || (json_is_string(value) && text_to_int(string_span(value), &out));

    if (!good) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" must be a whole number", field->name);
    }
    if (out < field->min || out > field->max) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" must be from %lld to %lld", field->name,
                         (long long)field->min, (long long)field->max);
    }
    *(int64_t *)field->out = out;
    return TSEC_OK;
}

/* Seconds, which may have a fraction. */
static bool
real_to_ns(double seconds, int64_t *out)
{
    const double ns = seconds * (double)TSEC_NS_PER_S;

    if (!(ns > -9.2e18 && ns < 9.2e18)) { /* not a number is neither */
        return false;
    }
    *out = (int64_t)ns;
    return true;
}

static bool
value_to_ns(const json_t *value, int64_t *out)
{
    if (json_is_integer(value)) {
        return !__builtin_mul_overflow(json_integer_value(value), TSEC_NS_PER_S, out);
    }
    if (json_is_real(value)) {
        return real_to_ns(json_real_value(value), out);
    }
    if (!json_is_string(value)) {
        return false;
    }
    if (json_string_length(value) == 0) { /* Vault's clients send "" for "not set" */
        *out = 0;
        return true;
    }
    return tsec_duration_parse(string_span(value), out);
}

static tsec_rc
read_duration(const json_t *value, const struct tsec_json_field *field, struct tsec_err *err)
{
    int64_t out = 0;

    if (!value_to_ns(value, &out)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "field \"%s\" must be a duration: seconds, or text like \"1h30m\"",
                         field->name);
    }
    if (out < field->min || out > field->max) {
        TSEC_AUTO_BUF struct tsec_buf range = TSEC_BUF_INIT(100);

        tsec_duration_append(&range, field->min);
        tsec_buf_put_str(&range, " to ");
        tsec_duration_append(&range, field->max);
        return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" must be a duration from %.*s",
                         field->name, (int)range.len, range.len == 0 ? "" : (char *)range.ptr);
    }
    *(int64_t *)field->out = out;
    return TSEC_OK;
}

tsec_rc
tsec_json_typed_text(const json_t *value, const struct tsec_json_field *field, const char *what,
                     struct tsec_arena *arena, const char **out, struct tsec_err *err)
{
    const struct tsec_span text = string_span(value);

    if (json_is_integer(value)) {
        *out = tsec_arena_printf(arena, "%lld", (long long)json_integer_value(value));
    } else if (json_is_string(value) && memchr(text.ptr, '\0', text.len) == NULL) {
        *out = tsec_arena_dup(arena, text);
    } else {
        return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" must be %s", field->name, what);
    }
    return *out != NULL ? TSEC_OK : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "field \"%s\"", field->name);
}

tsec_rc
tsec_json_typed(json_t *value, const struct tsec_json_field *field, struct tsec_arena *arena,
                struct tsec_err *err)
{
    switch (field->kind) {
    case TSEC_FIELD_STRING:
        return read_string(value, field, arena, err);
    case TSEC_FIELD_BOOL:
        return read_bool(value, field, err);
    case TSEC_FIELD_INT:
        return read_int(value, field, err);
    case TSEC_FIELD_DURATION:
        return read_duration(value, field, err);
    case TSEC_FIELD_STRINGS:
        return tsec_json_typed_list(value, field, arena, err);
    case TSEC_FIELD_MAP:
        return tsec_json_typed_map(value, field, arena, err);
    case TSEC_FIELD_JSON:
        *(json_t **)field->out = value;
        return TSEC_OK;
    case TSEC_FIELD_UNSET:
    default:
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "field \"%s\" has no kind", field->name);
    }
}
