/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expiry.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/hex.h"

#define EXPIRY_PREFIX "sys/expiry/"
enum { SECOND_DIGITS = 16, TAG_DIGITS = 2 * RECORD_TAG_LEN };

struct expiry_rows {
    struct tsec_strings rows;
};

static const struct record_field expiry_fields[] = {
    RECORD_FIELD(expiry_rows, rows, RECORD_STRINGS),
};
static const struct record_type expiry_record = { "expiry row", 1, sizeof(struct expiry_rows),
                                                  expiry_fields, TSEC_ARRAY_LEN(expiry_fields) };

static tsec_rc
expiry_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&expiry_record, payload, object, err);
}

static const struct txn_object_type expiry_object = { "expiry row", expiry_decode, record_free };

uint64_t
expiry_second(int64_t at_ns)
{
    return at_ns <= 0 ? 0 : (uint64_t)((at_ns + TSEC_NS_PER_S - 1) / TSEC_NS_PER_S);
}

static struct tsec_span
key_of(struct txn *txn, int64_t at_ns, char kind, const char *name)
{
    return tsec_span_str(tsec_arena_printf(txn_arena(txn), EXPIRY_PREFIX "%016" PRIx64 "/%c%s",
                                           expiry_second(at_ns), kind, name));
}

static struct tsec_span
token_key(struct txn *txn, int64_t at_ns, const uint8_t tag[RECORD_TAG_LEN])
{
    char name[TAG_DIGITS + 1];

    tsec_hex_encode(tsec_span(tag, RECORD_TAG_LEN), name);
    return key_of(txn, at_ns, 't', name);
}

tsec_rc
expiry_put_token(struct txn *txn, int64_t at_ns, const uint8_t tag[RECORD_TAG_LEN],
                 struct tsec_err *err)
{
    return record_put_mark(txn, token_key(txn, at_ns, tag), err);
}

tsec_rc
expiry_drop_token(struct txn *txn, int64_t at_ns, const uint8_t tag[RECORD_TAG_LEN],
                  struct tsec_err *err)
{
    return txn_delete(txn, token_key(txn, at_ns, tag), err);
}

tsec_rc
expiry_put_rows(struct txn *txn, int64_t at_ns, const char *name, struct tsec_strings rows,
                struct tsec_err *err)
{
    const struct expiry_rows record = { rows };

    return record_put(txn, key_of(txn, at_ns, 'r', name), &expiry_record, &record, err);
}

tsec_rc
expiry_drop_rows(struct txn *txn, int64_t at_ns, const char *name, struct tsec_err *err)
{
    return txn_delete(txn, key_of(txn, at_ns, 'r', name), err);
}

/* False: an index row that this version does not know; it stays. */
static bool
read_due(struct txn *txn, const char *name, struct expiry_due *out)
{
    const char *kind = name + SECOND_DIGITS + 1;
    const void *object = NULL;

    out->key = txn_key2(txn, EXPIRY_PREFIX, tsec_span_str(name));
    out->is_token = *kind == 't';
    if (out->is_token) {
        return tsec_hex_decode(tsec_span_str(kind + 1), out->tag, RECORD_TAG_LEN);
    }
    if (tsec_failed(txn_object(txn, out->key, &expiry_object, &object, NULL))) {
        return false;
    }
    out->rows = ((const struct expiry_rows *)object)->rows;
    return true;
}

tsec_rc
expiry_due(struct txn *txn, size_t limit, struct expiry_due **out, size_t *n, struct tsec_err *err)
{
    char now[SECOND_DIGITS + 1];
    struct tsec_strings names;

    *n = 0;
    TSEC_TRY(record_names(txn, tsec_span_str(EXPIRY_PREFIX), tsec_span(NULL, 0), limit, true,
                          &names, err));
    *out = tsec_arena_alloc(txn_arena(txn), (names.len + 1) * sizeof(**out));
    if (*out == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "rows that are due");
    }
    (void)snprintf(now, sizeof(now), "%016" PRIx64, (uint64_t)(txn_now(txn) / TSEC_NS_PER_S));
    for (size_t i = 0; i < names.len; i++) {
        if (strlen(names.items[i]) < SECOND_DIGITS + 2
            || strncmp(names.items[i], now, SECOND_DIGITS) > 0) {
            break;
        }
        *n += read_due(txn, names.items[i], &(*out)[*n]) ? 1 : 0;
    }
    return TSEC_OK;
}
