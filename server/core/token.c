/* SPDX-License-Identifier: Apache-2.0 */
#include "core/token.h"

#include "base/clock.h"
#include "base/hex.h"
#include "core/attested.h"
#include "core/expiry.h"
#include "core/strings.h"
#include "core/ttl.h"
#include "crypto/hash.h"
#include "crypto/rand.h"

enum { TAG_DIGITS = 2 * RECORD_TAG_LEN };

const char TOKEN_ROOT_POLICY[] = "root";
const char TOKEN_WRAPPING_POLICY[] = "response-wrapping";

static const struct record_field token_fields[] = {
    RECORD_FIELD(token, tag, RECORD_TAG),
    RECORD_FIELD(token, parent, RECORD_TAG),
    RECORD_FIELD(token, accessor, RECORD_STR),
    RECORD_FIELD(token, path, RECORD_STR),
    RECORD_FIELD(token, display_name, RECORD_STR),
    RECORD_FIELD(token, role, RECORD_STR),
    RECORD_FIELD(token, type, RECORD_STR),
    RECORD_FIELD(token, policies, RECORD_STRINGS),
    RECORD_FIELD(token, bound_cidrs, RECORD_STRINGS),
    RECORD_FIELD(token, meta, RECORD_MAP),
    RECORD_FIELD(token, created_ns, RECORD_I64),
    RECORD_FIELD(token, renewed_ns, RECORD_I64),
    RECORD_FIELD(token, expires_ns, RECORD_I64),
    RECORD_FIELD(token, ttl_s, RECORD_I64),
    RECORD_FIELD(token, max_ttl_s, RECORD_I64),
    RECORD_FIELD(token, explicit_max_ttl_s, RECORD_I64),
    RECORD_FIELD(token, period_s, RECORD_I64),
    RECORD_FIELD(token, num_uses, RECORD_I64),
    RECORD_FIELD(token, renewable, RECORD_BOOL),
    RECORD_FIELD(token, orphan, RECORD_BOOL),
    RECORD_FIELD_SINCE(2, token, attest, RECORD_MAP),
};
static const struct record_type token_record = { "token", 2, sizeof(struct token), token_fields,
                                                 TSEC_ARRAY_LEN(token_fields) };

static tsec_rc
token_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&token_record, payload, object, err);
}

static const struct txn_object_type token_object = { "token", token_decode, record_free };

bool
token_is_root(const struct token *token)
{
    return strings_have(token->policies, TOKEN_ROOT_POLICY);
}

bool
token_is_wrapping(const struct token *token)
{
    return token->policies.len == 1 && strcmp(token->policies.items[0], TOKEN_WRAPPING_POLICY) == 0;
}

int64_t
token_ttl_left_s(const struct token *token, int64_t now_ns)
{
    if (token->expires_ns == 0 || token->expires_ns <= now_ns) {
        return 0;
    }
    return (token->expires_ns - now_ns + TSEC_NS_PER_S - 1) / TSEC_NS_PER_S;
}

void
token_tag(const struct core_keys *keys, struct tsec_span text, uint8_t tag[RECORD_TAG_LEN])
{
    const struct tsec_span parts[] = { tsec_span("token\0", 6), text };

    tsec_hmac_parts(keys->token_tag, parts, TSEC_ARRAY_LEN(parts), tag);
}

static struct tsec_span
key_of(struct txn *txn, const uint8_t tag[RECORD_TAG_LEN])
{
    char hex[TAG_DIGITS + 1];

    tsec_hex_encode(tsec_span(tag, RECORD_TAG_LEN), hex);
    return txn_key2(txn, "sys/token/", tsec_span(hex, TAG_DIGITS));
}

struct tsec_span
token_child_prefix(struct txn *txn, const uint8_t parent[RECORD_TAG_LEN])
{
    char hex[TAG_DIGITS + 1];

    tsec_hex_encode(tsec_span(parent, RECORD_TAG_LEN), hex);
    return txn_key3(txn, "sys/child/", tsec_span(hex, TAG_DIGITS), tsec_span("/", 1));
}

tsec_rc
token_row(struct txn *txn, const uint8_t tag[RECORD_TAG_LEN], const struct token **out,
          struct tsec_err *err)
{
    const void *object = NULL;

    TSEC_TRY(txn_object(txn, key_of(txn, tag), &token_object, &object, err));
    *out = object;
    return TSEC_OK;
}

tsec_rc
token_store(struct txn *txn, const struct token *token, struct tsec_err *err)
{
    return record_put(txn, key_of(txn, token->tag), &token_record, token, err);
}

static bool
is_over(const struct txn *txn, const struct token *token)
{
    return token->expires_ns != 0 && token->expires_ns <= txn_now(txn);
}

tsec_rc
token_find(struct txn *txn, const uint8_t tag[RECORD_TAG_LEN], const struct token **out,
           struct tsec_err *err)
{
    const struct token *token = NULL;

    *out = NULL;
    TSEC_TRY(token_row(txn, tag, &token, err));

    const struct token *above = token;

    for (int depth = 0; !is_over(txn, above); depth++) {
        if (above->orphan) {
            *out = token;
            return TSEC_OK;
        }
        if (depth == TOKEN_DEPTH_MAX) {
            break;
        }
        TSEC_TRY(token_row(txn, above->parent, &above, err));
    }
    return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "the token or one above it has ended");
}

tsec_rc
token_find_accessor(struct txn *txn, struct tsec_span accessor, const struct token **out,
                    struct tsec_err *err)
{
    struct tsec_span tag;

    *out = NULL;
    if (accessor.len == 0 || accessor.len > TOKEN_TEXT_MAX
        || memchr(accessor.ptr, '/', accessor.len) != NULL) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such accessor");
    }
    TSEC_TRY(txn_get(txn, txn_key2(txn, "sys/accessor/", accessor), &tag, err));
    if (tag.len != RECORD_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "an accessor row of a wrong length");
    }
    return token_find(txn, tag.ptr, out, err);
}

static tsec_rc
put_links(struct txn *txn, const struct token *token, struct tsec_err *err)
{
    char hex[TAG_DIGITS + 1];

    TSEC_TRY(txn_put(txn, txn_key2(txn, "sys/accessor/", tsec_span_str(token->accessor)),
                     tsec_span(token->tag, RECORD_TAG_LEN), err));
    if (!token->orphan) {
        const struct tsec_span prefix = token_child_prefix(txn, token->parent);
        const struct tsec_span parts[] = { prefix, tsec_span(hex, TAG_DIGITS) };

        tsec_hex_encode(tsec_span(token->tag, RECORD_TAG_LEN), hex);
        TSEC_TRY(record_put_mark(txn, txn_key(txn, parts, 2), err));
    }
    if (token->expires_ns != 0) {
        TSEC_TRY(expiry_put_token(txn, token->expires_ns, token->tag, err));
    }
    return attested_note(txn, token, err);
}

static tsec_rc
make_text(const struct token_spec *spec, struct token_made *out, struct tsec_err *err)
{
    static const char prefix[] = "hvs.";
    const size_t len = spec->id == NULL ? 0 : strlen(spec->id);

    if (spec->id == NULL) {
        memcpy(out->text, prefix, sizeof(prefix) - 1);
        tsec_rand_base62(out->text + sizeof(prefix) - 1, TOKEN_ACCESSOR_LEN);
        return TSEC_OK;
    }
    if (len == 0 || len > TOKEN_TEXT_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "token id has a wrong length");
    }
    memcpy(out->text, spec->id, len + 1);
    return TSEC_OK;
}

tsec_rc
token_make(struct txn *txn, const struct core_keys *keys, const struct token_spec *spec,
           struct token_made *out, struct tsec_err *err)
{
    struct token *token = tsec_arena_alloc(txn_arena(txn), sizeof(*token));
    char *accessor = tsec_arena_alloc(txn_arena(txn), TOKEN_ACCESSOR_LEN + 1);

    if (token == NULL || accessor == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a token");
    }
    *token = spec->token;
    TSEC_TRY(make_text(spec, out, err));
    token_tag(keys, tsec_span_str(out->text), token->tag);
    if (spec->id != NULL && txn_has(txn, key_of(txn, token->tag))) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "cannot create a token with a duplicate ID");
    }
    tsec_rand_base62(accessor, TOKEN_ACCESSOR_LEN);
    token->accessor = accessor;
    token->orphan = spec->parent == NULL;
    if (spec->parent != NULL) {
        memcpy(token->parent, spec->parent->tag, RECORD_TAG_LEN);
    }
    token->type = "service";
    token->created_ns = txn_now(txn);
    token->renewed_ns = 0;
    token->expires_ns = token->ttl_s == 0 ? 0 : txn_now(txn) + token->ttl_s * TSEC_NS_PER_S;
    TSEC_TRY(token_store(txn, token, err));
    TSEC_TRY(put_links(txn, token, err));
    out->token = token;
    return TSEC_OK;
}

tsec_rc
token_use(struct txn *txn, const struct token *token, struct tsec_err *err)
{
    const struct token *row = NULL;
    struct token changed;

    if (token->num_uses == 0 || tsec_failed(token_row(txn, token->tag, &row, NULL))) {
        return TSEC_OK;
    }
    if (row->num_uses <= 1) {
        return token_revoke(txn, row, err);
    }
    changed = *row;
    changed.num_uses--;
    return token_store(txn, &changed, err);
}

static tsec_rc
set_end(struct txn *txn, struct token *token, int64_t ttl_s, struct tsec_err *err)
{
    if (token->expires_ns != 0) {
        TSEC_TRY(expiry_drop_token(txn, token->expires_ns, token->tag, err));
    }
    token->renewed_ns = txn_now(txn);
    token->expires_ns = txn_now(txn) + ttl_s * TSEC_NS_PER_S;
    TSEC_TRY(expiry_put_token(txn, token->expires_ns, token->tag, err));
    return token_store(txn, token, err);
}

tsec_rc
token_renew(struct txn *txn, const struct token *token, int64_t increment_s,
            const struct token **out, bool *capped, struct tsec_err *err)
{
    const struct ttl_ask ask = {
        .now_s = txn_now(txn) / TSEC_NS_PER_S,
        .issued_s = token->created_ns / TSEC_NS_PER_S,
        .ttl_s = increment_s,
        .default_s = token->ttl_s,
        .period_s = token->period_s,
        .max_s = token->max_ttl_s,
        .explicit_max_s = token->explicit_max_ttl_s,
    };
    const struct ttl_answer answer = ttl_compute(&ask);
    struct token *changed = tsec_arena_alloc(txn_arena(txn), sizeof(*changed));

    if (changed == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a token");
    }
    if (!token->renewable || token->expires_ns == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "lease is not renewable");
    }
    if (answer.ttl_s <= 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "past the max TTL, cannot renew");
    }
    *changed = *token;
    TSEC_TRY(set_end(txn, changed, answer.ttl_s, err));
    *out = changed;
    *capped = answer.cap_s != 0;
    return TSEC_OK;
}
