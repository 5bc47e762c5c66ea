/* SPDX-License-Identifier: Apache-2.0 */
#include "core/attested.h"

#include "base/hex.h"
#include "core/strings.h"
#include "crypto/hash.h"

#define TOKENS_PREFIX "sys/attested/"
#define MARKS_PREFIX  "sys/unattested/"
enum { DIGITS = 2 * TSEC_SHA256_LEN, TAG_DIGITS = 2 * RECORD_TAG_LEN, MARKS_MAX = 100 };

static void
name_of(const char *entry, char out[DIGITS + 1])
{
    uint8_t digest[TSEC_SHA256_LEN];

    tsec_sha256(tsec_span_str(entry), digest);
    tsec_hex_encode(tsec_span(digest, sizeof(digest)), out);
}

static struct tsec_span
tokens_prefix(struct txn *txn, const char *name)
{
    return txn_key3(txn, TOKENS_PREFIX, tsec_span(name, DIGITS), tsec_span_str("/"));
}

static struct tsec_span
mark_key(struct txn *txn, const char *name)
{
    return txn_key2(txn, MARKS_PREFIX, tsec_span(name, DIGITS));
}

/* NULL: on none. */
static const char *
entry_of(const struct token *token)
{
    const char *entry = string_map_get(&token->attest, "entry");

    return entry == NULL || *entry == '\0' ? NULL : entry;
}

static struct tsec_span
key_of(struct txn *txn, const char *entry, const struct token *token)
{
    char name[DIGITS + 1];
    char tag[TAG_DIGITS + 1];

    name_of(entry, name);
    tsec_hex_encode(tsec_span(token->tag, RECORD_TAG_LEN), tag);

    const struct tsec_span parts[] = { tokens_prefix(txn, name), tsec_span(tag, TAG_DIGITS) };

    return txn_key(txn, parts, TSEC_ARRAY_LEN(parts));
}

tsec_rc
attested_note(struct txn *txn, const struct token *token, struct tsec_err *err)
{
    const char *entry = entry_of(token);

    return entry == NULL ? TSEC_OK : record_put_mark(txn, key_of(txn, entry, token), err);
}

tsec_rc
attested_forget(struct txn *txn, const struct token *token, struct tsec_err *err)
{
    const char *entry = entry_of(token);

    return entry == NULL ? TSEC_OK : txn_delete(txn, key_of(txn, entry, token), err);
}

/* One token of the index.  Its children rest on what it rests on, and are in the index too. */
static tsec_rc
revoke_one(struct txn *txn, struct tsec_span prefix, const char *digits, struct tsec_err *err)
{
    const struct tsec_span parts[] = { prefix, tsec_span_str(digits) };
    const struct token *token = NULL;
    uint8_t tag[RECORD_TAG_LEN];
    tsec_rc rc = { TSEC_E_NOT_FOUND };

    if (tsec_hex_decode(parts[1], tag, sizeof(tag))) {
        rc = token_row(txn, tag, &token, err);
    }
    if (rc.code == TSEC_E_NOT_FOUND) {
        return txn_delete(txn, txn_key(txn, parts, TSEC_ARRAY_LEN(parts)), err);
    }
    TSEC_TRY(rc);
    return token_drop(txn, token, err);
}

static tsec_rc
revoke_by_name(struct txn *txn, const char *name, size_t room, size_t *done, bool *more,
               struct tsec_err *err)
{
    const struct tsec_span prefix = tokens_prefix(txn, name);
    struct tsec_strings tags;

    TSEC_TRY(record_names(txn, prefix, tsec_span(NULL, 0), room + 1, false, &tags, err));
    *more = tags.len > room;
    for (size_t i = 0; i < tags.len && i < room; i++) {
        TSEC_TRY(revoke_one(txn, prefix, tags.items[i], err));
        *done += 1;
    }
    return TSEC_OK;
}

tsec_rc
attested_revoke(struct txn *txn, const char *entry, struct attested_sweep *sweep,
                struct tsec_err *err)
{
    char name[DIGITS + 1];
    bool more = false;

    name_of(entry, name);
    TSEC_TRY(
        revoke_by_name(txn, name, TOKEN_REVOKE_MAX - sweep->revoked, &sweep->revoked, &more, err));
    if (!more || sweep->marked == MARKS_MAX) {
        return TSEC_OK;
    }
    sweep->marked++;
    return record_put_mark(txn, mark_key(txn, name), err);
}

static tsec_rc
marks(struct txn *txn, size_t limit, struct tsec_strings *out, struct tsec_err *err)
{
    return record_names(txn, tsec_span_str(MARKS_PREFIX), tsec_span(NULL, 0), limit, false, out,
                        err);
}

tsec_rc
attested_spare(struct txn *txn, struct tsec_strings entries, struct tsec_err *err)
{
    struct tsec_strings names;
    char name[DIGITS + 1];

    TSEC_TRY(marks(txn, 0, &names, err));
    for (size_t i = 0; i < entries.len && names.len > 0; i++) {
        name_of(entries.items[i], name);
        if (strings_have(names, name)) {
            TSEC_TRY(txn_delete(txn, mark_key(txn, name), err));
        }
    }
    return TSEC_OK;
}

tsec_rc
attested_sweep_marked(struct txn *txn, size_t *done, struct tsec_err *err)
{
    struct tsec_strings names;
    bool more = false;

    TSEC_TRY(marks(txn, 1, &names, err));
    if (names.len == 0) {
        return TSEC_OK;
    }
    if (strlen(names.items[0]) == DIGITS) {
        TSEC_TRY(revoke_by_name(txn, names.items[0], TOKEN_REVOKE_MAX, done, &more, err));
    }
    if (more) {
        return TSEC_OK;
    }
    *done += 1; /* there may be another mark */
    return txn_delete(txn, txn_key2(txn, MARKS_PREFIX, tsec_span_str(names.items[0])), err);
}
