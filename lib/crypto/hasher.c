/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hasher.h"

#include <stdlib.h>

#include "crypto/internal.h"

struct tsec_hasher {
    EVP_MD_CTX *ctx;
};

tsec_rc
tsec_hasher_new(enum tsec_hash hash, struct tsec_hasher **out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_hasher_free) struct tsec_hasher *hasher = calloc(1, sizeof(*hasher));

    if (!tsec_hash_is(hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no such hash");
    }
    if (hasher == NULL || (hasher->ctx = EVP_MD_CTX_new()) == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a hash");
    }
    if (EVP_DigestInit_ex2(hasher->ctx, tsec_algs()->md[hash], NULL) != 1) {
        tsec_crypto_abort("hash");
    }
    *out = TSEC_TAKE(hasher);
    return TSEC_OK;
}

void
tsec_hasher_add(struct tsec_hasher *hasher, struct tsec_span piece)
{
    if (piece.len > 0 && EVP_DigestUpdate(hasher->ctx, piece.ptr, piece.len) != 1) {
        tsec_crypto_abort("hash");
    }
}

void
tsec_hasher_end(struct tsec_hasher *hasher, uint8_t *out)
{
    if (EVP_DigestFinal_ex(hasher->ctx, out, NULL) != 1) {
        tsec_crypto_abort("hash");
    }
}

void
tsec_hasher_free(struct tsec_hasher *hasher)
{
    if (hasher != NULL) {
        EVP_MD_CTX_free(hasher->ctx);
        free(hasher);
    }
}
