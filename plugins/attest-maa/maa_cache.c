/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_cache.h"

#include "base/clock.h"

static const char magic[] = "tee-secrets-collateral 1\n";

void
maa_cache_write(const struct maa_cached *entry, struct tsec_buf *out)
{
    char when[TSEC_RFC3339_LEN];

    tsec_rfc3339(entry->fetched_at * TSEC_NS_PER_S, when);
    tsec_buf_put_str(out, magic);
    tsec_buf_printf(out, "fetched-at: %s\nsource: %.*s\nchain: %zu\nbody: %zu\n\n", when,
                    (int)entry->source.len, (const char *)entry->source.ptr, entry->chain.len,
                    entry->body.len);
    tsec_buf_put_span(out, entry->chain);
    tsec_buf_put_span(out, entry->body);
}

/* ---- reading ---- */

static bool
take(struct tsec_span *rest, const char *text)
{
    const struct tsec_span wanted = tsec_span_str(text);

    if (!tsec_span_starts(*rest, wanted)) {
        return false;
    }
    *rest = tsec_span(rest->ptr + wanted.len, rest->len - wanted.len);
    return true;
}

/* "NAME: VALUE\n" */
static bool
take_line(struct tsec_span *rest, const char *name, struct tsec_span *value)
{
    const uint8_t *end;

    if (!take(rest, name) || !take(rest, ": ") || rest->len == 0) {
        return false;
    }
    end = memchr(rest->ptr, '\n', rest->len);
    if (end == NULL) {
        return false;
    }
    *value = tsec_span(rest->ptr, (size_t)(end - rest->ptr));
    *rest = tsec_span(end + 1, rest->len - value->len - 1);
    return true;
}

static bool
read_size(struct tsec_span digits, size_t *out)
{
    *out = 0;
    if (digits.len == 0 || digits.len > 9) {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9') {
            return false;
        }
        *out = *out * 10 + (size_t)(digits.ptr[i] - '0');
    }
    return true;
}

static bool
take_bytes(struct tsec_span *rest, size_t len, struct tsec_span *out)
{
    if (len > rest->len) {
        return false;
    }
    *out = tsec_span(rest->ptr, len);
    *rest = tsec_span(rest->ptr + len, rest->len - len);
    return true;
}

tsec_rc
maa_cache_read(struct tsec_span text, struct maa_cached *out, struct tsec_err *err)
{
    struct tsec_span rest = text;
    struct tsec_span when;
    struct tsec_span chain;
    struct tsec_span body;
    size_t chain_len = 0;
    size_t body_len = 0;
    int64_t ns = 0;

    if (!take(&rest, magic) || !take_line(&rest, "fetched-at", &when)
        || !take_line(&rest, "source", &out->source) || !take_line(&rest, "chain", &chain)
        || !take_line(&rest, "body", &body) || !take(&rest, "\n") || !tsec_rfc3339_parse(when, &ns)
        || !read_size(chain, &chain_len) || !read_size(body, &body_len)
        || !take_bytes(&rest, chain_len, &out->chain) || !take_bytes(&rest, body_len, &out->body)
        || rest.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a file of fetched collateral");
    }
    out->fetched_at = ns / TSEC_NS_PER_S;
    return TSEC_OK;
}
