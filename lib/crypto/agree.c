/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key_internal.h"

/* The peer needs no second check (it costs as much as the agreement): a point was checked to be on
 * its curve of cofactor 1 when it was read, and X25519 refuses a zero result itself. */
static bool
derive(EVP_PKEY_CTX *ctx, EVP_PKEY *peer, uint8_t *secret, size_t *len)
{
    return ctx != NULL && EVP_PKEY_derive_init(ctx) == 1
           && EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1
           && EVP_PKEY_derive(ctx, secret, len) == 1;
}

tsec_rc
tsec_key_agree(const struct tsec_key *own, const struct tsec_key *peer, struct tsec_buf *secret,
               struct tsec_err *err)
{
    uint8_t shared[KEY_PRIVATE_MAX];
    size_t len = sizeof(shared);

    if (own->form != peer->form || own->form->kind == TSEC_KEY_ED25519 || !own->is_private) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no key agreement between these keys");
    }

    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own->pkey, NULL);
    const bool ok = derive(ctx, peer->pkey, shared, &len) && len == own->form->private_len;

    EVP_PKEY_CTX_free(ctx);
    if (ok) {
        tsec_buf_put(secret, shared, len);
    }
    explicit_bzero(shared, sizeof(shared));
    return ok ? tsec_buf_check(secret, err)
              : TSEC_FAIL(err, TSEC_E_INVALID, "key agreement gives no secret");
}
