/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal digits of any number: what is taken has no leading zero byte, and comes out as the same
 * digits without their leading zeroes.  Any bytes become digits, which read as the same number. */
#include "codec/decimal.h"

#include "tests/fuzz/fuzz.h"

static struct tsec_span
without_zeroes(struct tsec_span text, uint8_t zero, size_t keep)
{
    while (text.len > keep && text.ptr[0] == zero) {
        text = tsec_span(text.ptr + 1, text.len - 1);
    }
    return text;
}

static void
digits_come_again(struct tsec_span digits)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(4096);

    if (tsec_failed(tsec_decimal_read(digits, &bytes, NULL))) {
        FUZZ_ASSERT(bytes.len == 0);
        return;
    }
    FUZZ_ASSERT(bytes.len == 0 || bytes.ptr[0] != 0);
    if (bytes.len <= TSEC_DECIMAL_BYTES_MAX) {
        tsec_decimal_append(&again, tsec_buf_span(&bytes));
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), without_zeroes(digits, '0', 1)));
    }
}

static void
bytes_come_again(struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf digits = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(4096);

    tsec_decimal_append(&digits, bytes);
    FUZZ_ASSERT(digits.failed == (bytes.len > TSEC_DECIMAL_BYTES_MAX));
    if (!digits.failed) {
        FUZZ_ASSERT(!tsec_failed(tsec_decimal_read(tsec_buf_span(&digits), &again, NULL)));
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), without_zeroes(bytes, 0, 0)));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    digits_come_again(tsec_span(data, size));
    bytes_come_again(tsec_span(data, size));
    return 0;
}
