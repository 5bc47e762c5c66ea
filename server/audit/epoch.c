/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/epoch.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "codec/leaf.h"
#include "crypto/age.h"
#include "crypto/leaf_seal.h"
#include "crypto/rand.h"

enum { EPOCH_KEY_LEN = 32, WRAPPED_MAX = 8192 };
#define EPOCH_DEFAULT_NS (600 * TSEC_NS_PER_S)

struct audit {
    struct audit_options options;
    _Atomic uint32_t latest;   /* the highest in the log, whoever began it */
    uint32_t epoch;            /* of the key */
    struct tsec_aead_key *key; /* NULL: the next batch begins an epoch */
    uint64_t entries;          /* sealed under the key, in the log or not */
    bool fresh;                /* the epoch's leaf is in the batch under way */
    int64_t began_mono_ns;
    struct tsec_buf leaf;
};

tsec_rc
audit_new(const struct audit_options *options, struct audit **out, struct tsec_err *err)
{
    if (options->recipients_len == 0 || options->recipients_len > AUDIT_RECIPIENTS_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "audit.recipients is empty: nobody could read the audit log; name an age "
                         "recipient (age-keygen), or set audit.generate_identity");
    }

    struct audit *a = calloc(1, sizeof(*a));

    if (a == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "audit");
    }
    a->options = *options;
    if (a->options.epoch_ns == 0) {
        a->options.epoch_ns = EPOCH_DEFAULT_NS;
    }
    tsec_buf_init(&a->leaf, LEDGER_LEAF_MAX);
    *out = a;
    return TSEC_OK;
}

void
audit_free(struct audit *audit)
{
    if (audit != NULL) {
        tsec_aead_key_free(audit->key);
        tsec_buf_done(&audit->leaf);
        free(audit);
    }
}

void
audit_replay(struct audit *audit, struct tsec_span leaf)
{
    struct tsec_leaf parsed;
    struct tsec_leaf_epoch epoch;

    if (!tsec_failed(tsec_leaf_parse(leaf, &parsed, NULL)) && parsed.kind == TSEC_LEAF_EPOCH
        && !tsec_failed(tsec_leaf_epoch_parse(parsed.body, &epoch, NULL))) {
        audit_restore(audit, epoch.epoch);
    }
}

void
audit_restore(struct audit *audit, uint32_t epoch)
{
    if (epoch > audit->latest) {
        audit->latest = epoch;
    }
}

uint32_t
audit_epoch(const struct audit *audit)
{
    return atomic_load(&audit->latest);
}

static void
forget_key(struct audit *a)
{
    tsec_aead_key_free(a->key);
    a->key = NULL;
    a->entries = 0;
    a->fresh = false;
}

static bool
epoch_is_due(const struct audit *a)
{
    return a->key == NULL || a->entries >= AUDIT_EPOCH_ENTRIES - LEDGER_BATCH_LEAVES
           || tsec_clock_mono_ns(a->options.clock) - a->began_mono_ns >= a->options.epoch_ns;
}

static tsec_rc
epoch_new(struct audit *a, struct ledger_batch *batch, const uint8_t key[EPOCH_KEY_LEN],
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(WRAPPED_MAX);
    const uint64_t index = ledger_batch_next(batch);
    const uint32_t latest = audit_epoch(a);

    if (latest == UINT32_MAX) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "no number is left for an audit epoch");
    }
    TSEC_TRY(tsec_age_encrypt((const uint8_t(*)[32])a->options.recipients,
                              a->options.recipients_len, tsec_span(key, EPOCH_KEY_LEN), &wrapped,
                              err));
    TSEC_TRY(tsec_aead_key_new(TSEC_AES_256_GCM, key, &a->key, err));

    const struct tsec_leaf_epoch epoch = { .epoch = latest + 1,
                                           .first_index = index + 1,
                                           .wrapped = tsec_buf_span(&wrapped) };

    a->epoch = epoch.epoch;
    a->fresh = true;
    tsec_buf_reset(&a->leaf);
    tsec_leaf_header(&a->leaf, TSEC_LEAF_EPOCH, index);
    TSEC_TRY(tsec_leaf_epoch_pack(&epoch, &a->leaf, err));
    TSEC_TRY(tsec_buf_check(&a->leaf, err));
    return ledger_batch_add(batch, tsec_buf_span(&a->leaf), err);
}

tsec_rc
audit_begin(struct audit *audit, struct ledger_batch *batch, struct tsec_err *err)
{
    uint8_t key[EPOCH_KEY_LEN];
    tsec_rc rc = TSEC_OK;

    if (!epoch_is_due(audit)) {
        return TSEC_OK;
    }
    forget_key(audit);
    tsec_rand_bytes(key, sizeof(key));
    audit->began_mono_ns = tsec_clock_mono_ns(audit->options.clock);
    rc = epoch_new(audit, batch, key, err);
    explicit_bzero(key, sizeof(key));
    if (tsec_failed(rc)) {
        forget_key(audit);
    }
    return rc;
}

tsec_rc
audit_add(struct audit *audit, struct ledger_batch *batch, struct tsec_span json, uint64_t *index,
          struct tsec_err *err)
{
    if (audit->key == NULL) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "no audit epoch");
    }
    *index = ledger_batch_next(batch);
    tsec_buf_reset(&audit->leaf);
    TSEC_TRY(tsec_leaf_audit_seal(audit->key, audit->epoch, audit->options.origin, *index, json,
                                  &audit->leaf, err));
    TSEC_TRY(ledger_batch_add(batch, tsec_buf_span(&audit->leaf), err));
    audit->entries++;
    return TSEC_OK;
}

void
audit_publish(struct audit *audit)
{
    if (audit->fresh) {
        audit_restore(audit, audit->epoch);
    }
    audit->fresh = false;
}

/* An epoch whose leaf did not get into the log never was: its key opens nothing there, and its
 * number may be another server's by now. */
void
audit_drop(struct audit *audit)
{
    if (audit->fresh) {
        forget_key(audit);
    }
}
