/* SPDX-License-Identifier: Apache-2.0 */
#include "client/audit_keys.h"

#include "crypto/age.h"
#include "crypto/leaf_seal.h"

enum { IDENTITY_LEN = 32 };

static struct tsec_span
take_line(struct tsec_span *text)
{
    const uint8_t *end = memchr(text->ptr, '\n', text->len);
    const size_t len = end == NULL ? text->len : (size_t)(end - text->ptr);
    struct tsec_span line = tsec_span(text->ptr, len);

    *text =
        tsec_span(text->ptr + len + (end == NULL ? 0 : 1), text->len - len - (end == NULL ? 0 : 1));
    while (line.len > 0 && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == ' ')) {
        line.len--;
    }
    return line;
}

tsec_rc
audit_keys_read(struct tsec_span file, struct audit_keys *out, struct tsec_err *err)
{
    *out = (struct audit_keys){ .identities = NULL };
    TSEC_TRY(tsec_secret_new((size_t)AUDIT_IDENTITIES_MAX * IDENTITY_LEN, &out->identities, err));
    while (file.len > 0) {
        const struct tsec_span line = take_line(&file);

        if (line.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        if (out->identities_len == AUDIT_IDENTITIES_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "more than %d identities", AUDIT_IDENTITIES_MAX);
        }
        TSEC_TRY(tsec_age_identity_parse(
            line, tsec_secret_bytes(out->identities) + out->identities_len * IDENTITY_LEN, err));
        out->identities_len++;
    }
    if (out->identities_len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no AGE-SECRET-KEY-1… line in the identity file");
    }
    return TSEC_OK;
}

void
audit_keys_done(struct audit_keys *keys)
{
    tsec_secret_free(keys->identities);
    for (size_t i = 0; i < AUDIT_EPOCHS_MAX; i++) {
        tsec_aead_key_free(keys->epochs[i].key);
    }
    *keys = (struct audit_keys){ .identities = NULL };
}

static const struct audit_epoch_key *
find_epoch(const struct audit_keys *keys, uint32_t epoch)
{
    const size_t n = keys->epochs_seen < AUDIT_EPOCHS_MAX ? keys->epochs_seen : AUDIT_EPOCHS_MAX;

    for (size_t back = 1; back <= n; back++) {
        const struct audit_epoch_key *e =
            &keys->epochs[(keys->epochs_seen - back) % AUDIT_EPOCHS_MAX];

        if (e->epoch == epoch) {
            return e;
        }
    }
    return NULL;
}

/** The place of the oldest epoch, emptied. */
static struct audit_epoch_key *
new_place(struct audit_keys *keys, uint32_t epoch)
{
    struct audit_epoch_key *place = &keys->epochs[keys->epochs_seen++ % AUDIT_EPOCHS_MAX];

    tsec_aead_key_free(place->key);
    *place = (struct audit_epoch_key){ .epoch = epoch };
    return place;
}

/** TSEC_E_DENIED: for none of the identities. */
static tsec_rc
unwrap(const struct audit_keys *keys, struct tsec_span wrapped, struct tsec_buf *out,
       struct tsec_err *err)
{
    for (size_t i = 0; i < keys->identities_len; i++) {
        const uint8_t *identity = tsec_secret_bytes(keys->identities) + i * IDENTITY_LEN;
        const tsec_rc rc = tsec_age_decrypt(identity, wrapped, out, err);

        if (rc.code != TSEC_E_DENIED) {
            return rc;
        }
    }
    return TSEC_FAIL(err, TSEC_E_DENIED, "wrapped for other auditors");
}

tsec_rc
audit_keys_epoch(struct audit_keys *keys, const struct tsec_leaf *leaf, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(1024);
    struct tsec_leaf_epoch epoch;
    struct audit_epoch_key *place;
    tsec_rc rc;

    TSEC_TRY(tsec_leaf_epoch_parse(leaf->body, &epoch, err));
    place = new_place(keys, epoch.epoch);
    rc = unwrap(keys, epoch.wrapped, &key, err);
    if (rc.code == TSEC_E_DENIED) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    if (key.len != TSEC_AEAD_KEY_LEN) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the key of epoch %u has another length",
                         epoch.epoch);
    }
    return tsec_aead_key_new(TSEC_AES_256_GCM, key.ptr, &place->key, err);
}

tsec_rc
audit_keys_open(struct audit_keys *keys, struct tsec_span leaf, struct tsec_buf *json, bool *open,
                struct tsec_err *err)
{
    const struct audit_epoch_key *of;
    uint32_t epoch = 0;

    *open = false;
    TSEC_TRY(tsec_leaf_audit_epoch(leaf, &epoch, err));
    of = find_epoch(keys, epoch);
    if (of == NULL || of->key == NULL) {
        keys->lost += of == NULL ? 1 : 0;
        keys->closed += of == NULL ? 0 : 1;
        return TSEC_OK;
    }
    TSEC_TRY(tsec_leaf_audit_open(of->key, keys->origin, leaf, json, err));
    keys->opened++;
    *open = true;
    return TSEC_OK;
}
