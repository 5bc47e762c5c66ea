/* SPDX-License-Identifier: Apache-2.0 */
#include "core/idempotency.h"

#include "base/clock.h"
#include "base/hex.h"
#include "core/expiry.h"
#include "crypto/hash.h"

static const struct record_field answer_fields[] = {
    RECORD_FIELD(idempotency_answer, body_hash, RECORD_TAG),
    RECORD_FIELD(idempotency_answer, reply, RECORD_BYTES),
    RECORD_FIELD(idempotency_answer, status, RECORD_I64),
    RECORD_FIELD(idempotency_answer, kept_ns, RECORD_I64),
};
static const struct record_type answer_record = { "kept answer", 1,
                                                  sizeof(struct idempotency_answer), answer_fields,
                                                  TSEC_ARRAY_LEN(answer_fields) };

static tsec_rc
answer_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&answer_record, payload, object, err);
}

static const struct txn_object_type answer_object = { "kept answer", answer_decode, record_free };

bool
idempotency_key_valid(struct tsec_span key)
{
    if (key.len == 0 || key.len > IDEMPOTENCY_KEY_MAX) {
        return false;
    }
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] < 0x21 || key.ptr[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

/* Every part ends where the next begins: the tag has a fixed length, the texts their NUL. */
static void
name_of(const struct core_keys *keys, const struct idempotency_ask *ask,
        char hex[2 * RECORD_TAG_LEN + 1])
{
    const struct tsec_span parts[] = {
        tsec_span("idempotency", sizeof("idempotency")),
        tsec_span(ask->token->tag, RECORD_TAG_LEN),
        tsec_span(ask->operation, strlen(ask->operation) + 1),
        tsec_span(ask->path, strlen(ask->path) + 1),
        ask->key,
    };
    uint8_t tag[RECORD_TAG_LEN];

    tsec_hmac_parts(keys->token_tag, parts, TSEC_ARRAY_LEN(parts), tag);
    tsec_hex_encode(tsec_span(tag, sizeof(tag)), hex);
}

tsec_rc
idempotency_find(struct txn *txn, const struct core_keys *keys, const struct idempotency_ask *ask,
                 const struct idempotency_answer **out, struct tsec_err *err)
{
    const struct idempotency_answer *answer;
    char name[2 * RECORD_TAG_LEN + 1];
    uint8_t hash[RECORD_TAG_LEN];
    const void *object = NULL;

    name_of(keys, ask, name);
    TSEC_TRY(txn_object(txn, txn_key2(txn, "sys/idem/", tsec_span_str(name)), &answer_object,
                        &object, err));
    answer = object;
    if (answer->kept_ns + IDEMPOTENCY_S * TSEC_NS_PER_S <= txn_now(txn)) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "kept too long ago");
    }
    tsec_sha256(ask->body, hash);
    if (!tsec_ct_equal(tsec_span(hash, sizeof(hash)),
                       tsec_span(answer->body_hash, RECORD_TAG_LEN))) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "the key came with another body");
    }
    *out = answer;
    return TSEC_OK;
}

tsec_rc
idempotency_keep(struct txn *txn, const struct core_keys *keys, const struct idempotency_ask *ask,
                 int status, struct tsec_span reply, struct tsec_err *err)
{
    struct idempotency_answer answer = {
        .reply = reply,
        .status = status,
        .kept_ns = txn_now(txn),
    };
    char name[2 * RECORD_TAG_LEN + 1];
    struct tsec_span key;
    const char *row;

    if (reply.len > IDEMPOTENCY_REPLY_MAX) {
        return TSEC_OK;
    }
    name_of(keys, ask, name);
    key = txn_key2(txn, "sys/idem/", tsec_span_str(name));
    row = tsec_arena_dup(txn_arena(txn), key);
    if (row == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "an answer to keep");
    }
    tsec_sha256(ask->body, answer.body_hash);
    TSEC_TRY(record_put(txn, key, &answer_record, &answer, err));
    return expiry_put_rows(txn, txn_now(txn) + IDEMPOTENCY_S * TSEC_NS_PER_S, name,
                           (struct tsec_strings){ &row, 1 }, err);
}
