/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_roots.h"

#include <string.h>

#include "base/base64.h"
#include "crypto/hash.h"

enum { PEM_LINE = 64 };

static const char begin_line[] = "-----BEGIN PUBLIC KEY-----";
static const char end_line[] = "-----END PUBLIC KEY-----";

void
sim_roots_done(struct sim_roots *roots)
{
    for (size_t i = 0; i < roots->len; i++) {
        tsec_key_free(roots->items[i].key);
    }
    roots->len = 0;
}

void
sim_root_id(struct tsec_span spki, uint8_t out[SIM_ROOT_ID_LEN])
{
    tsec_sha256(spki, out);
}

const struct tsec_key *
sim_roots_find(const struct sim_roots *roots, const uint8_t id[SIM_ROOT_ID_LEN])
{
    for (size_t i = 0; i < roots->len; i++) {
        if (tsec_span_equal(tsec_span(roots->items[i].id, SIM_ROOT_ID_LEN),
                            tsec_span(id, SIM_ROOT_ID_LEN))) {
            return roots->items[i].key;
        }
    }
    return NULL;
}

tsec_rc
sim_roots_add(struct sim_roots *roots, struct tsec_span spki, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    uint8_t id[SIM_ROOT_ID_LEN];

    sim_root_id(spki, id);
    if (sim_roots_find(roots, id) != NULL) {
        return TSEC_OK;
    }
    if (roots->len == SIM_ROOTS_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "more than %d simulated roots: trust fewer",
                         SIM_ROOTS_MAX);
    }
    if (tsec_failed(tsec_key_from_spki(spki, &key, NULL))
        || tsec_key_kind_of(key) != TSEC_KEY_P384) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a simulated root is not a P-384 public key");
    }
    memcpy(roots->items[roots->len].id, id, sizeof(id));
    roots->items[roots->len].key = TSEC_TAKE(key);
    roots->len++;
    return TSEC_OK;
}

/* The next line, without its end; false at the end of the text. */
static bool
next_line(struct tsec_span *rest, struct tsec_span *line)
{
    const uint8_t *end;

    if (rest->len == 0) {
        return false;
    }
    end = memchr(rest->ptr, '\n', rest->len);
    *line = tsec_span(rest->ptr, end == NULL ? rest->len : (size_t)(end - rest->ptr));

    const size_t used = end == NULL ? line->len : line->len + 1;

    *rest = tsec_span(rest->ptr + used, rest->len - used);
    return true;
}

/* From the line behind BEGIN up to END. */
static tsec_rc
add_block(struct sim_roots *roots, struct tsec_span *rest, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(SIM_SPKI_MAX));
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SIM_SPKI_MAX);
    struct tsec_span line;

    while (next_line(rest, &line)) {
        if (!tsec_span_is(line, end_line)) {
            tsec_buf_put_span(&text, line);
            continue;
        }
        if (tsec_failed(tsec_buf_check(&text, NULL))
            || tsec_failed(
                tsec_base64_decode(&spki, TSEC_BASE64_STD, tsec_buf_span(&text), NULL))) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "a simulated root is not a P-384 public key");
        }
        return sim_roots_add(roots, tsec_buf_span(&spki), err);
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG, "a simulated root's PEM has no end");
}

tsec_rc
sim_roots_add_pem(struct sim_roots *roots, struct tsec_span pem, struct tsec_err *err)
{
    struct tsec_span line;
    size_t blocks = 0;

    while (next_line(&pem, &line)) {
        if (line.len == 0) {
            continue;
        }
        if (!tsec_span_is(line, begin_line)) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "simulated roots: only PUBLIC KEY blocks in PEM");
        }
        TSEC_TRY(add_block(roots, &pem, err));
        blocks++;
    }
    return blocks > 0 ? TSEC_OK
                      : TSEC_FAIL(err, TSEC_E_CONFIG, "simulated roots: no PUBLIC KEY block");
}

void
sim_root_pem(struct tsec_span spki, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(SIM_SPKI_MAX));

    tsec_base64_append(&text, TSEC_BASE64_STD, spki);
    tsec_buf_put_str(out, begin_line);
    tsec_buf_put_byte(out, '\n');
    for (size_t at = 0; at < text.len; at += PEM_LINE) {
        tsec_buf_put(out, text.ptr + at, text.len - at < PEM_LINE ? text.len - at : PEM_LINE);
        tsec_buf_put_byte(out, '\n');
    }
    tsec_buf_put_str(out, end_line);
    tsec_buf_put_byte(out, '\n');
}
