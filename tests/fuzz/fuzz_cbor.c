/* SPDX-License-Identifier: Apache-2.0 */
/* An item that is skipped reads the same typed, and written again in its only spelling it is what
 * was read; none of its beginnings is an item.  A call that fails leaves the cursor where it was.
 */
#include "codec/cbor.h"

#include "base/buf.h"
#include "tests/fuzz/fuzz.h"

enum { DEPTH = 9, PREFIXES_MAX = 512 };

static void
put_head(struct tsec_buf *out, unsigned major, uint64_t arg)
{
    const unsigned form = arg < 24            ? 0
                          : arg <= 0xff       ? 1
                          : arg <= 0xffff     ? 2
                          : arg <= UINT32_MAX ? 3
                                              : 4;
    static const unsigned widths[] = { 0, 1, 2, 4, 8 };

    tsec_buf_put_byte(out, (uint8_t)(major << 5 | (form == 0 ? arg : 23 + form)));
    for (unsigned i = widths[form]; i > 0; i--) {
        tsec_buf_put_byte(out, (uint8_t)(arg >> (8 * (i - 1))));
    }
}

static bool
scalar(struct tsec_cbor *in, struct tsec_buf *out)
{
    struct tsec_span span;
    uint64_t u = 0;
    int64_t n = 0;

    if (tsec_cbor_null(in)) {
        tsec_buf_put_byte(out, 0xf6);
    } else if (!tsec_failed(tsec_cbor_uint(in, &u, NULL))) {
        put_head(out, 0, u);
    } else if (!tsec_failed(tsec_cbor_int(in, &n, NULL))) {
        FUZZ_ASSERT(n < 0);
        put_head(out, 1, (uint64_t)(-1 - n));
    } else if (!tsec_failed(tsec_cbor_bytes(in, &span, NULL))) {
        put_head(out, 2, span.len);
        tsec_buf_put_span(out, span);
    } else if (!tsec_failed(tsec_cbor_text(in, &span, NULL))) {
        FUZZ_ASSERT(tsec_utf8_valid(span));
        put_head(out, 3, span.len);
        tsec_buf_put_span(out, span);
    } else {
        return false;
    }
    return true;
}

static void item(struct tsec_cbor *in, struct tsec_buf *out, unsigned depth);

static void
map(struct tsec_cbor *in, const struct tsec_cbor_map *open, struct tsec_buf *out, unsigned depth)
{
    struct tsec_cbor_map left = *open;
    bool more = true;

    put_head(out, 5, left.left);
    while (!tsec_failed(tsec_cbor_map_next(in, &left, &more, NULL)) && more) {
        item(in, out, depth + 1);
        item(in, out, depth + 1);
    }
    FUZZ_ASSERT(!more && left.seen == open->left);
}

/* Writes again one item, which is known to be good. */
static void
item(struct tsec_cbor *in, struct tsec_buf *out, unsigned depth)
{
    struct tsec_cbor_map open;
    size_t count = 0;

    FUZZ_ASSERT(depth < DEPTH);
    if (scalar(in, out)) {
        return;
    }
    if (!tsec_failed(tsec_cbor_array(in, SIZE_MAX, &count, NULL))) {
        put_head(out, 4, count);
        for (size_t i = 0; i < count; i++) {
            item(in, out, depth + 1);
        }
        return;
    }
    if (!tsec_failed(tsec_cbor_map(in, SIZE_MAX, false, &open, NULL))) {
        map(in, &open, out, depth);
        return;
    }

    /* false, true, or a negative integer below int64_t */
    const uint8_t *start = in->rest.ptr;

    FUZZ_ASSERT(start[0] == 0xf4 || start[0] == 0xf5 || start[0] == 0x3b);
    FUZZ_ASSERT(!tsec_failed(tsec_cbor_skip(in, NULL)));
    tsec_buf_put(out, start, (size_t)(in->rest.ptr - start));
}

/* Every call on hostile bytes: it fails and stays, or goes on within the input. */
static void
stays_or_advances(struct tsec_span input)
{
    for (unsigned call = 0; call < 7; call++) {
        struct tsec_cbor in = tsec_cbor(input);
        struct tsec_cbor_map open;
        struct tsec_span span = { NULL, 0 };
        struct tsec_err err = { .code = 0 };
        uint64_t u = 0;
        int64_t n = 0;
        size_t count = 0;
        const tsec_rc rc = call == 0   ? tsec_cbor_uint(&in, &u, &err)
                           : call == 1 ? tsec_cbor_int(&in, &n, &err)
                           : call == 2 ? tsec_cbor_bytes(&in, &span, &err)
                           : call == 3 ? tsec_cbor_text(&in, &span, &err)
                           : call == 4 ? tsec_cbor_array(&in, 16, &count, &err)
                           : call == 5 ? tsec_cbor_map(&in, 16, true, &open, &err)
                                       : tsec_cbor_skip(&in, &err);

        FUZZ_ASSERT(rc.code == 0 || (rc.code == TSEC_E_INVALID && in.offset == 0));
        FUZZ_ASSERT((rc.code == 0) == (in.offset > 0));
        FUZZ_ASSERT(in.offset + in.rest.len == input.len);
        FUZZ_ASSERT(count <= 16 && span.len <= input.len);
    }
}

/* {any: any, ...} as the Nitro payload is, of either length. */
static void
indefinite_map(struct tsec_span input)
{
    struct tsec_cbor in = tsec_cbor(input);
    struct tsec_cbor_map open;
    bool more = true;
    size_t seen = 0;

    if (tsec_failed(tsec_cbor_map(&in, 16, true, &open, NULL))) {
        return;
    }
    while (!tsec_failed(tsec_cbor_map_next(&in, &open, &more, NULL)) && more) {
        FUZZ_ASSERT(++seen <= 16);
        if (tsec_failed(tsec_cbor_skip(&in, NULL)) || tsec_failed(tsec_cbor_skip(&in, NULL))) {
            return;
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tsec_span input = tsec_span(data, size);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(size + 16);
    struct tsec_cbor in = tsec_cbor(input);

    stays_or_advances(input);
    indefinite_map(input);
    if (tsec_failed(tsec_cbor_skip(&in, NULL))) {
        return 0;
    }

    struct tsec_cbor typed = tsec_cbor(tsec_span(data, in.offset));

    item(&typed, &again, 0);
    FUZZ_ASSERT(!tsec_failed(tsec_cbor_end(&typed, NULL)));
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), tsec_span(data, in.offset)));
    for (size_t len = 0; len < in.offset && len < PREFIXES_MAX; len++) {
        struct tsec_cbor cut = tsec_cbor(tsec_span(data, len));

        FUZZ_ASSERT(tsec_failed(tsec_cbor_skip(&cut, NULL)));
    }
    return 0;
}
