/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cbor.h"

enum major {
    MAJOR_UINT = 0,
    MAJOR_NEGATIVE = 1,
    MAJOR_BYTES = 2,
    MAJOR_TEXT = 3,
    MAJOR_ARRAY = 4,
    MAJOR_MAP = 5,
    MAJOR_TAG = 6,
    MAJOR_SIMPLE = 7,
};

enum {
    ITEM_FALSE = 0xf4,
    ITEM_TRUE = 0xf5,
    ITEM_NULL = 0xf6,
    ITEM_MAP_INDEFINITE = 0xbf,
    ITEM_BREAK = 0xff,
    SKIP_DEPTH_MAX = 8,
};

/* What stands before the contents of an item: RFC 8949 section 3. */
struct head {
    enum major major;
    uint64_t arg;
    size_t len; /* 1, 2, 3, 5 or 9 */
};

#define BAD(cbor, err, what) \
    TSEC_FAIL((err), TSEC_E_INVALID, "CBOR: " what " at byte %zu", (cbor)->offset)

struct tsec_cbor
tsec_cbor(struct tsec_span bytes)
{
    return (struct tsec_cbor){ .rest = bytes, .offset = 0 };
}

/* The first byte, or -1 at the end. */
static int
peek(const struct tsec_cbor *cbor)
{
    return cbor->rest.len == 0 ? -1 : cbor->rest.ptr[0];
}

static void
advance(struct tsec_cbor *cbor, size_t len)
{
    if (len > 0) {
        cbor->rest.ptr += len;
        cbor->rest.len -= len;
        cbor->offset += len;
    }
}

/* The argument that follows the first byte, which must not have fit a shorter form. */
static tsec_rc
long_argument(const struct tsec_cbor *cbor, unsigned info, struct head *out, struct tsec_err *err)
{
    static const uint64_t least[] = { 24, UINT64_C(1) << 8, UINT64_C(1) << 16, UINT64_C(1) << 32 };
    const unsigned form = info - 24;
    const size_t width = (size_t)1 << form;

    if (cbor->rest.len - 1 < width) {
        return BAD(cbor, err, "cut off in a head");
    }
    out->arg = 0;
    for (size_t i = 1; i <= width; i++) {
        out->arg = out->arg << 8 | cbor->rest.ptr[i];
    }
    if (out->arg < least[form]) {
        return BAD(cbor, err, "head not in its shortest form");
    }
    out->len = 1 + width;
    return TSEC_OK;
}

static tsec_rc
head(const struct tsec_cbor *cbor, struct head *out, struct tsec_err *err)
{
    if (cbor->rest.len == 0) {
        return BAD(cbor, err, "an item is missing");
    }

    const unsigned first = cbor->rest.ptr[0];
    const unsigned info = first & 0x1fu;

    out->major = (enum major)(first >> 5);
    out->arg = info;
    out->len = 1;
    if (out->major == MAJOR_SIMPLE) {
        return first >= ITEM_FALSE && first <= ITEM_NULL
                   ? TSEC_OK
                   : BAD(cbor, err, "a float, break or simple value");
    }
    if (info < 24) {
        return TSEC_OK;
    }
    if (info < 28) {
        return long_argument(cbor, info, out, err);
    }
    return info == 31 ? BAD(cbor, err, "indefinite length") : BAD(cbor, err, "reserved head");
}

bool
tsec_cbor_null(struct tsec_cbor *cbor)
{
    if (peek(cbor) != ITEM_NULL) {
        return false;
    }
    advance(cbor, 1);
    return true;
}

bool
tsec_cbor_tag(struct tsec_cbor *cbor, uint64_t tag)
{
    struct head h;

    if (tsec_failed(head(cbor, &h, NULL)) || h.major != MAJOR_TAG || h.arg != tag) {
        return false;
    }
    advance(cbor, h.len);
    return true;
}

tsec_rc
tsec_cbor_uint(struct tsec_cbor *cbor, uint64_t *out, struct tsec_err *err)
{
    struct head h;

    TSEC_TRY(head(cbor, &h, err));
    if (h.major != MAJOR_UINT) {
        return BAD(cbor, err, "not an unsigned integer");
    }
    *out = h.arg;
    advance(cbor, h.len);
    return TSEC_OK;
}

tsec_rc
tsec_cbor_int(struct tsec_cbor *cbor, int64_t *out, struct tsec_err *err)
{
    struct head h;

    TSEC_TRY(head(cbor, &h, err));
    if (h.major != MAJOR_UINT && h.major != MAJOR_NEGATIVE) {
        return BAD(cbor, err, "not an integer");
    }
    if (h.arg > INT64_MAX) {
        return BAD(cbor, err, "integer out of range");
    }
    *out = h.major == MAJOR_UINT ? (int64_t)h.arg : -1 - (int64_t)h.arg;
    advance(cbor, h.len);
    return TSEC_OK;
}

/* The contents of a string whose head has been read, all of them there and, if text, UTF-8. */
static tsec_rc
contents(const struct tsec_cbor *cbor, const struct head *h, struct tsec_span *out,
         struct tsec_err *err)
{
    if (h->arg > cbor->rest.len - h->len) {
        return BAD(cbor, err, "a string longer than what is left");
    }
    *out = tsec_span(cbor->rest.ptr + h->len, (size_t)h->arg);
    if (h->major == MAJOR_TEXT && !tsec_utf8_valid(*out)) {
        return BAD(cbor, err, "text that is not UTF-8");
    }
    return TSEC_OK;
}

tsec_rc
tsec_cbor_bytes(struct tsec_cbor *cbor, struct tsec_span *out, struct tsec_err *err)
{
    struct head h;
    struct tsec_span found;

    TSEC_TRY(head(cbor, &h, err));
    if (h.major != MAJOR_BYTES) {
        return BAD(cbor, err, "not a byte string");
    }
    TSEC_TRY(contents(cbor, &h, &found, err));
    *out = found;
    advance(cbor, h.len + found.len);
    return TSEC_OK;
}

tsec_rc
tsec_cbor_text(struct tsec_cbor *cbor, struct tsec_span *out, struct tsec_err *err)
{
    struct head h;
    struct tsec_span found;

    TSEC_TRY(head(cbor, &h, err));
    if (h.major != MAJOR_TEXT) {
        return BAD(cbor, err, "not a text string");
    }
    TSEC_TRY(contents(cbor, &h, &found, err));
    *out = found;
    advance(cbor, h.len + found.len);
    return TSEC_OK;
}

/* Every item takes a byte at least, so that a count past what is left is a lie. */
static tsec_rc
count_fits(const struct tsec_cbor *cbor, const struct head *h, size_t items_each,
           struct tsec_err *err)
{
    return h->arg > (cbor->rest.len - h->len) / items_each
               ? BAD(cbor, err, "more items than what is left")
               : TSEC_OK;
}

tsec_rc
tsec_cbor_array(struct tsec_cbor *cbor, size_t max, size_t *count, struct tsec_err *err)
{
    struct head h;

    TSEC_TRY(head(cbor, &h, err));
    if (h.major != MAJOR_ARRAY) {
        return BAD(cbor, err, "not an array");
    }
    TSEC_TRY(count_fits(cbor, &h, 1, err));
    if (h.arg > max) {
        return BAD(cbor, err, "too many elements");
    }
    *count = (size_t)h.arg;
    advance(cbor, h.len);
    return TSEC_OK;
}

tsec_rc
tsec_cbor_map(struct tsec_cbor *cbor, size_t max, bool indefinite_ok, struct tsec_cbor_map *out,
              struct tsec_err *err)
{
    struct head h;

    if (indefinite_ok && peek(cbor) == ITEM_MAP_INDEFINITE) {
        *out = (struct tsec_cbor_map){ .indefinite = true, .max = max };
        advance(cbor, 1);
        return TSEC_OK;
    }
    TSEC_TRY(head(cbor, &h, err));
    if (h.major != MAJOR_MAP) {
        return BAD(cbor, err, "not a map");
    }
    TSEC_TRY(count_fits(cbor, &h, 2, err));
    if (h.arg > max) {
        return BAD(cbor, err, "too many entries");
    }
    *out = (struct tsec_cbor_map){ .left = (size_t)h.arg, .max = max };
    advance(cbor, h.len);
    return TSEC_OK;
}

tsec_rc
tsec_cbor_map_next(struct tsec_cbor *cbor, struct tsec_cbor_map *map, bool *more,
                   struct tsec_err *err)
{
    if (!map->indefinite) {
        *more = map->left > 0;
        map->left -= *more ? 1 : 0;
        map->seen += *more ? 1 : 0;
        return TSEC_OK;
    }
    if (cbor->rest.len == 0) {
        return BAD(cbor, err, "map without its break");
    }
    if (peek(cbor) == ITEM_BREAK) {
        advance(cbor, 1);
        map->indefinite = false; /* and nothing left: asked again, it still says so */
        *more = false;
        return TSEC_OK;
    }
    if (map->seen >= map->max) {
        return BAD(cbor, err, "too many entries");
    }
    map->seen++;
    *more = true;
    return TSEC_OK;
}

tsec_rc
tsec_cbor_end(const struct tsec_cbor *cbor, struct tsec_err *err)
{
    return cbor->rest.len == 0 ? TSEC_OK : BAD(cbor, err, "something after the last item");
}

/* Items still to come in each container that is open; levels[0] is what stands around the item. */
struct nesting {
    uint64_t levels[1 + SKIP_DEPTH_MAX];
    size_t depth;
};

static tsec_rc
open_container(struct tsec_cbor *at, const struct head *h, struct nesting *open,
               struct tsec_err *err)
{
    const size_t each = h->major == MAJOR_MAP ? 2 : 1;

    TSEC_TRY(count_fits(at, h, each, err));
    if (open->depth == SKIP_DEPTH_MAX) {
        return BAD(at, err, "nested too deep");
    }
    open->levels[++open->depth] = h->arg * each;
    advance(at, h->len);
    return TSEC_OK;
}

/* Goes over one head and, if a string, its contents. */
static tsec_rc
skip_step(struct tsec_cbor *at, struct nesting *open, struct tsec_err *err)
{
    struct head h;
    struct tsec_span string = { NULL, 0 };

    TSEC_TRY(head(at, &h, err));
    open->levels[open->depth]--;
    switch (h.major) {
    case MAJOR_TAG:
        return BAD(at, err, "a tag");
    case MAJOR_ARRAY:
    case MAJOR_MAP:
        return open_container(at, &h, open, err);
    case MAJOR_BYTES:
    case MAJOR_TEXT:
        TSEC_TRY(contents(at, &h, &string, err));
        break;
    case MAJOR_UINT:
    case MAJOR_NEGATIVE:
    case MAJOR_SIMPLE:
        break;
    }
    advance(at, h.len + string.len);
    return TSEC_OK;
}

tsec_rc
tsec_cbor_skip(struct tsec_cbor *cbor, struct tsec_err *err)
{
    struct tsec_cbor at = *cbor;
    struct nesting open = { .levels = { 1 }, .depth = 0 };

    for (;;) {
        while (open.depth > 0 && open.levels[open.depth] == 0) {
            open.depth--;
        }
        if (open.levels[open.depth] == 0) {
            break;
        }
        TSEC_TRY(skip_step(&at, &open, err));
    }
    *cbor = at;
    return TSEC_OK;
}
