/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wrapping.h"

#include "base/hex.h"

static const struct record_field wrapping_fields[] = {
    RECORD_FIELD(wrapping, body, RECORD_BYTES),
    RECORD_FIELD(wrapping, creation_path, RECORD_STR),
    RECORD_FIELD(wrapping, wrapped_accessor, RECORD_STR),
    RECORD_FIELD(wrapping, created_ns, RECORD_I64),
    RECORD_FIELD(wrapping, ttl_s, RECORD_I64),
    RECORD_FIELD(wrapping, status, RECORD_I64),
    RECORD_FIELD(wrapping, is_envelope, RECORD_BOOL),
};
static const struct record_type wrapping_record = { "wrapped reply", 1, sizeof(struct wrapping),
                                                    wrapping_fields,
                                                    TSEC_ARRAY_LEN(wrapping_fields) };

static tsec_rc
wrapping_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&wrapping_record, payload, object, err);
}

static const struct txn_object_type wrapping_object = { "wrapped reply", wrapping_decode,
                                                        record_free };

static struct tsec_span
key_of(struct txn *txn, const struct token *token)
{
    char hex[2 * RECORD_TAG_LEN + 1];

    tsec_hex_encode(tsec_span(token->tag, RECORD_TAG_LEN), hex);
    return txn_key2(txn, "sys/wrap/", tsec_span(hex, sizeof(hex) - 1));
}

tsec_rc
wrapping_make(struct txn *txn, const struct core_keys *keys, const struct wrapping *wrapping,
              struct token_made *made, struct tsec_err *err)
{
    static const char *policies[] = { TOKEN_WRAPPING_POLICY };
    const struct token_spec spec = {
        .token = {
            .path = wrapping->creation_path,
            .display_name = "wrapped",
            .policies = { policies, 1 },
            .ttl_s = wrapping->ttl_s,
            .explicit_max_ttl_s = wrapping->ttl_s,
            .num_uses = 1,
        },
    };

    TSEC_TRY(token_make(txn, keys, &spec, made, err));
    return record_put(txn, key_of(txn, made->token), &wrapping_record, wrapping, err);
}

tsec_rc
wrapping_find(struct txn *txn, const struct core_keys *keys, struct tsec_span token,
              const struct token **holder, const struct wrapping **out, struct tsec_err *err)
{
    uint8_t tag[RECORD_TAG_LEN];
    const void *object = NULL;

    token_tag(keys, token, tag);
    TSEC_TRY(token_find(txn, tag, holder, err));
    if (!token_is_wrapping(*holder)) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "not a wrapping token");
    }
    TSEC_TRY(txn_object(txn, key_of(txn, *holder), &wrapping_object, &object, err));
    *out = object;
    return TSEC_OK;
}

tsec_rc
wrapping_drop(struct txn *txn, const struct token *holder, struct tsec_err *err)
{
    return token_revoke(txn, holder, err);
}
