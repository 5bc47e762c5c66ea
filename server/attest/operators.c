/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/operators.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"

struct operator_key {
    struct tsec_pubkey *key;
    char id[OPERATOR_ID_LEN + 1];
};

struct operators {
    pthread_mutex_t lock; /* held while a signature is verified, which is seldom */
    struct operator_key keys[OPERATORS_MAX];
    size_t len;
};

static void
drop_keys(struct operator_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        tsec_pubkey_free(keys[i].key);
    }
}

tsec_rc
operators_new(struct operators **out, struct tsec_err *err)
{
    struct operators *operators = calloc(1, sizeof(*operators));

    if (operators == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the keys of operators");
    }
    (void)pthread_mutex_init(&operators->lock, NULL);
    *out = operators;
    return TSEC_OK;
}

void
operators_free(struct operators *operators)
{
    if (operators != NULL) {
        drop_keys(operators->keys, operators->len);
        (void)pthread_mutex_destroy(&operators->lock);
        free(operators);
    }
}

static bool
is_taken(enum tsec_pubkey_kind kind)
{
    return kind == TSEC_PUBKEY_ED25519 || kind == TSEC_PUBKEY_P256 || kind == TSEC_PUBKEY_P384;
}

static tsec_rc
read_key(struct tsec_span spki, struct operator_key *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = NULL;
    uint8_t digest[TSEC_SHA256_LEN];

    if (spki.len > OPERATOR_SPKI_MAX || tsec_failed(tsec_pubkey_from_spki(spki, &key, NULL))
        || !is_taken(tsec_pubkey_kind_of(key))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "not a public key of Ed25519, P-256 or P-384");
    }
    tsec_sha256(spki, digest);
    tsec_hex_encode(tsec_span(digest, sizeof(digest)), out->id);
    out->key = TSEC_TAKE(key);
    return TSEC_OK;
}

tsec_rc
operators_id(struct tsec_span spki, char out[OPERATOR_ID_LEN + 1], struct tsec_err *err)
{
    struct operator_key key = { .key = NULL };

    TSEC_TRY(read_key(spki, &key, err));
    memcpy(out, key.id, sizeof(key.id));
    drop_keys(&key, 1);
    return TSEC_OK;
}

tsec_rc
operators_set(struct operators *operators, const struct tsec_span *keys, size_t n,
              struct tsec_err *err)
{
    struct operator_key old[OPERATORS_MAX];
    struct operator_key fresh[OPERATORS_MAX] = { { .key = NULL } };
    size_t old_len;

    if (n > OPERATORS_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "more than %d operator keys", (int)OPERATORS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        const tsec_rc rc = read_key(keys[i], &fresh[i], err);

        if (tsec_failed(rc)) {
            drop_keys(fresh, i);
            return rc;
        }
    }
    (void)pthread_mutex_lock(&operators->lock);
    memcpy(old, operators->keys, sizeof(old));
    old_len = operators->len;
    memcpy(operators->keys, fresh, sizeof(fresh));
    operators->len = n;
    (void)pthread_mutex_unlock(&operators->lock);
    drop_keys(old, old_len);
    return TSEC_OK;
}

size_t
operators_len(struct operators *operators)
{
    size_t len;

    (void)pthread_mutex_lock(&operators->lock);
    len = operators->len;
    (void)pthread_mutex_unlock(&operators->lock);
    return len;
}

bool
operators_id_at(struct operators *operators, size_t i, char out[OPERATOR_ID_LEN + 1])
{
    bool there;

    (void)pthread_mutex_lock(&operators->lock);
    there = i < operators->len;
    if (there) {
        memcpy(out, operators->keys[i].id, OPERATOR_ID_LEN + 1);
    }
    (void)pthread_mutex_unlock(&operators->lock);
    return there;
}

/* The forms that openssl and others write: a DER signature may by chance be as long as r ‖ s. */
static bool
is_signed_by(const struct tsec_pubkey *key, struct tsec_span message, struct tsec_span signature)
{
    static const enum tsec_sigalg algs[][2] = {
        [TSEC_PUBKEY_P256] = { TSEC_SIG_ES256, TSEC_SIG_ES256_DER },
        [TSEC_PUBKEY_P384] = { TSEC_SIG_ES384, TSEC_SIG_ES384_DER },
        [TSEC_PUBKEY_ED25519] = { TSEC_SIG_EDDSA, TSEC_SIG_EDDSA },
    };
    const enum tsec_sigalg *forms = algs[tsec_pubkey_kind_of(key)];

    return !tsec_failed(tsec_pubkey_verify(key, forms[0], message, signature, NULL))
           || (forms[1] != forms[0]
               && !tsec_failed(tsec_pubkey_verify(key, forms[1], message, signature, NULL)));
}

tsec_rc
operators_verify(struct operators *operators, const char *id, struct tsec_span message,
                 struct tsec_span signature, char signer[OPERATOR_ID_LEN + 1], struct tsec_err *err)
{
    bool known = false;
    bool holds = false;

    (void)pthread_mutex_lock(&operators->lock);
    for (size_t i = 0; i < operators->len && !holds; i++) {
        const struct operator_key *key = &operators->keys[i];

        if (id == NULL || strcmp(id, key->id) == 0) {
            known = true;
            holds = is_signed_by(key->key, message, signature);
            memcpy(signer, key->id, sizeof(key->id));
        }
    }
    (void)pthread_mutex_unlock(&operators->lock);
    if (!holds) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "%s",
                         known ? "no operator's signature" : "no such operator key");
    }
    return TSEC_OK;
}
