/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

static const struct {
    const char *name;
    uint64_t ns;
} units[] = {
    /* a unit stands before any other that is a prefix of it */
    { "ns", 1 },
    { "us", 1000 },
    { "\xc2\xb5s", 1000 }, /* U+00B5 micro sign */
    { "\xce\xbcs", 1000 }, /* U+03BC Greek mu */
    { "ms", 1000000 },
    { "s", 1000000000 },
    { "m", UINT64_C(60) * 1000000000 },
    { "h", UINT64_C(3600) * 1000000000 },
    { "d", UINT64_C(86400) * 1000000000 },
};

static void
skip(struct tsec_span *in, size_t n)
{
    *in = tsec_span(in->ptr + n, in->len - n);
}

static bool
take_digit(struct tsec_span *in, uint64_t *digit)
{
    if (in->len == 0 || in->ptr[0] < '0' || in->ptr[0] > '9') {
        return false;
    }
    *digit = (uint64_t)in->ptr[0] - '0';
    skip(in, 1);
    return true;
}

static uint64_t
take_unit(struct tsec_span *in)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(units); i++) {
        const struct tsec_span name = tsec_span_str(units[i].name);

        if (tsec_span_starts(*in, name)) {
            skip(in, name.len);
            return units[i].ns;
        }
    }
    return 0;
}

/* Adds "12.5h".  Without a unit it must be the whole of it, and is seconds. */
static bool
take_part(struct tsec_span *in, bool only, uint64_t *sum)
{
    struct tsec_span fraction = { NULL, 0 };
    uint64_t whole = 0;
    uint64_t digit = 0;
    size_t digits = 0;

    for (; take_digit(in, &digit); digits++) {
        if (__builtin_mul_overflow(whole, 10, &whole)
            || __builtin_add_overflow(whole, digit, &whole)) {
            return false;
        }
    }
    if (in->len > 0 && in->ptr[0] == '.') {
        skip(in, 1);
        fraction = *in;
        for (; take_digit(in, &digit); digits++) {
        }
    }

    uint64_t unit = take_unit(in);

    if (unit == 0 && only && in->len == 0) {
        unit = (uint64_t)TSEC_NS_PER_S;
    }
    if (digits == 0 || unit == 0 || __builtin_mul_overflow(whole, unit, &whole)
        || __builtin_add_overflow(*sum, whole, sum) || *sum > INT64_MAX) {
        return false;
    }
    while (take_digit(&fraction, &digit)) {
        unit /= 10; /* what is below a nanosecond is cut off */
        *sum += digit * unit;
    }
    return true;
}

bool
tsec_duration_parse(struct tsec_span text, int64_t *ns)
{
    const bool sign = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    const bool minus = sign && text.ptr[0] == '-';
    uint64_t sum = 0;

    if (sign) {
        skip(&text, 1);
    }
    if (text.len == 0) {
        return false;
    }
    for (bool first = true; text.len > 0; first = false) {
        if (!take_part(&text, first, &sum) || sum > INT64_MAX) {
            return false;
        }
    }
    *ns = minus ? -(int64_t)sum : (int64_t)sum;
    return true;
}

/* value / unit in decimal without trailing zeros; unit is a power of ten. */
static void
append_decimal(struct tsec_buf *out, uint64_t value, uint64_t unit)
{
    uint64_t rest = value % unit;

    tsec_buf_put_u64(out, value / unit);
    if (rest > 0) {
        tsec_buf_put_byte(out, '.');
    }
    while (rest > 0) {
        unit /= 10;
        tsec_buf_put_byte(out, (uint8_t)('0' + rest / unit));
        rest %= unit;
    }
}

void
tsec_duration_append(struct tsec_buf *out, int64_t ns)
{
    const uint64_t second = (uint64_t)TSEC_NS_PER_S;
    const uint64_t n = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

    if (ns < 0) {
        tsec_buf_put_byte(out, '-');
    }
    if (n > 0 && n < second) {
        const uint64_t unit = n < 1000 ? 1 : n < 1000000 ? 1000 : 1000000;

        append_decimal(out, n, unit);
        tsec_buf_put_str(out, unit == 1 ? "ns" : unit == 1000 ? "\xc2\xb5s" : "ms");
        return;
    }
    if (n >= 3600 * second) {
        tsec_buf_put_u64(out, n / (3600 * second));
        tsec_buf_put_byte(out, 'h');
    }
    if (n >= 60 * second) {
        tsec_buf_put_u64(out, n / (60 * second) % 60);
        tsec_buf_put_byte(out, 'm');
    }
    append_decimal(out, n % (60 * second), second);
    tsec_buf_put_byte(out, 's');
}
