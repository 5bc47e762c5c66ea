/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include "crypto/internal.h"

size_t
tsec_hash_len(enum tsec_hash hash)
{
    switch (hash) {
    case TSEC_SHA224:
        return 28;
    case TSEC_SHA256:
        return TSEC_SHA256_LEN;
    case TSEC_SHA384:
        return TSEC_SHA384_LEN;
    case TSEC_SHA512:
        return TSEC_SHA512_LEN;
    }
    tsec_crypto_abort("unknown hash");
}

/* OpenSSL keeps nothing of the data in a context after the final call, so one per thread and hash
 * serves everything. */
static EVP_MD_CTX *
context(enum tsec_hash hash)
{
    struct tsec_thread *t = tsec_thread();

    if (t->md[hash] == NULL) {
        t->md[hash] = EVP_MD_CTX_new();
        if (t->md[hash] == NULL) {
            tsec_crypto_abort("no memory for a hash");
        }
    }
    return t->md[hash];
}

void
tsec_hash_parts(enum tsec_hash hash, const struct tsec_span *parts, size_t n, uint8_t *out)
{
    (void)tsec_hash_len(hash); /* aborts on an unknown one */

    EVP_MD_CTX *ctx = context(hash);
    bool ok = EVP_DigestInit_ex2(ctx, tsec_algs()->md[hash], NULL) == 1;

    for (size_t i = 0; ok && i < n; i++) {
        ok = parts[i].len == 0 || EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) == 1;
    }
    if (!ok || EVP_DigestFinal_ex(ctx, out, NULL) != 1) {
        tsec_crypto_abort("hash");
    }
}

void
tsec_sha256(struct tsec_span data, uint8_t out[TSEC_SHA256_LEN])
{
    tsec_hash_parts(TSEC_SHA256, &data, 1, out);
}

void
tsec_sha384(struct tsec_span data, uint8_t out[TSEC_SHA384_LEN])
{
    tsec_hash_parts(TSEC_SHA384, &data, 1, out);
}
