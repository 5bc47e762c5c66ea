/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/store_check.h"

#include <stdlib.h>
#include <string.h>

tsec_rc
tsec_store_check_key(struct tsec_span key, struct tsec_err *err)
{
    if (key.len == 0 || key.len > TSEC_STORE_KEY_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a key has 1 to %zu bytes, this one %zu",
                         TSEC_STORE_KEY_MAX, key.len);
    }
    return TSEC_OK;
}

tsec_rc
tsec_store_check_keys(const struct tsec_span *keys, size_t n, struct tsec_err *err)
{
    if (n > TSEC_STORE_KEYS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "at most %zu keys are asked for at once, not %zu",
                         TSEC_STORE_KEYS_MAX, n);
    }
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(tsec_store_check_key(keys[i], err));
    }
    return TSEC_OK;
}

tsec_rc
tsec_store_check_range(struct tsec_span prefix, struct tsec_span after, struct tsec_err *err)
{
    if (prefix.len > TSEC_STORE_KEY_MAX || after.len > TSEC_STORE_KEY_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a scan from more than %zu bytes of key",
                         TSEC_STORE_KEY_MAX);
    }
    return TSEC_OK;
}

static tsec_rc
check_op(const struct tsec_store_op *op, struct tsec_err *err)
{
    TSEC_TRY(tsec_store_check_key(op->key, err));
    if (op->verb != TSEC_STORE_PUT && op->verb != TSEC_STORE_DELETE) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "unknown store verb %d", (int)op->verb);
    }
    if (op->expect != TSEC_STORE_ANY && op->expect != TSEC_STORE_ABSENT
        && op->expect != TSEC_STORE_PRESENT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "unknown store expectation %d", (int)op->expect);
    }
    if (op->verb == TSEC_STORE_PUT && op->value.len > TSEC_STORE_VALUE_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a value has at most %zu bytes, this one %zu",
                         TSEC_STORE_VALUE_MAX, op->value.len);
    }
    return TSEC_OK;
}

static int
compare_keys(const void *a, const void *b)
{
    return tsec_span_compare(**(const struct tsec_span *const *)a,
                             **(const struct tsec_span *const *)b);
}

/* Sorting finds a key that stands twice in n log n steps; a commit may have 4096 operations. */
static tsec_rc
check_keys_differ(const struct tsec_store_op *ops, size_t n, struct tsec_err *err)
{
    const struct tsec_span **keys = malloc(n * sizeof(*keys));
    bool twice = false;

    if (keys == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory to check a commit of %zu", n);
    }
    for (size_t i = 0; i < n; i++) {
        keys[i] = &ops[i].key;
    }
    qsort(keys, n, sizeof(*keys), compare_keys);
    for (size_t i = 1; i < n && !twice; i++) {
        twice = tsec_span_equal(*keys[i - 1], *keys[i]);
    }
    free(keys);
    return twice ? TSEC_FAIL(err, TSEC_E_INVALID, "a key stands twice in one commit") : TSEC_OK;
}

tsec_rc
tsec_store_check_ops(const struct tsec_store_op *ops, size_t n, struct tsec_err *err)
{
    if (n > TSEC_STORE_OPS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a commit has at most %zu operations, this one %zu",
                         TSEC_STORE_OPS_MAX, n);
    }
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(check_op(&ops[i], err));
    }
    return n < 2 ? TSEC_OK : check_keys_differ(ops, n, err);
}

static void
copy_bytes(uint8_t *out, struct tsec_span bytes)
{
    if (bytes.len > 0) {
        memcpy(out, bytes.ptr, bytes.len);
    }
}

/* The first key after all that start with `prefix`: its last byte that can grow, grown by one. */
static void
end_of_prefix(struct tsec_span prefix, struct tsec_store_bounds *out)
{
    size_t len = prefix.len;

    while (len > 0 && prefix.ptr[len - 1] == UINT8_MAX) {
        len--;
    }
    if (len == 0) {
        /* No such key; but no key is as long as this. */
        memset(out->to, UINT8_MAX, sizeof(out->to));
        out->to_len = sizeof(out->to);
        return;
    }
    copy_bytes(out->to, tsec_span(prefix.ptr, len));
    out->to[len - 1]++;
    out->to_len = len;
}

void
tsec_store_bounds(struct tsec_span prefix, struct tsec_span after, struct tsec_store_bounds *out)
{
    *out = (struct tsec_store_bounds){ .from_len = 0 };
    if (after.len > 0 && tsec_span_compare(after, prefix) >= 0) {
        /* The key that follows `after` is `after` and a zero byte. */
        copy_bytes(out->from, after);
        out->from_len = after.len + 1;
    } else {
        copy_bytes(out->from, prefix);
        out->from_len = prefix.len;
    }
    end_of_prefix(prefix, out);
}
