/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include "crypto/internal.h"

/* Block lengths are RFC 2104's B: of SHA-3 its rate (FIPS 202 section 7). */
static const struct form {
    const char *name;
    uint8_t len;
    uint8_t block;
} forms[TSEC_HASHES] = {
    [TSEC_SHA224] = { "sha2-224", 28, 64 },
    [TSEC_SHA256] = { "sha2-256", TSEC_SHA256_LEN, 64 },
    [TSEC_SHA384] = { "sha2-384", TSEC_SHA384_LEN, 128 },
    [TSEC_SHA512] = { "sha2-512", TSEC_SHA512_LEN, 128 },
    [TSEC_SHA1] = { "sha1", 20, 64 },
    [TSEC_SHA3_224] = { "sha3-224", 28, 144 },
    [TSEC_SHA3_256] = { "sha3-256", 32, 136 },
    [TSEC_SHA3_384] = { "sha3-384", 48, 104 },
    [TSEC_SHA3_512] = { "sha3-512", 64, 72 },
};

static const struct form *
form_of(enum tsec_hash hash)
{
    if (!tsec_hash_is(hash)) {
        tsec_crypto_abort("unknown hash");
    }
    return &forms[hash];
}

bool
tsec_hash_is(enum tsec_hash hash)
{
    return hash >= TSEC_SHA224 && (unsigned)hash < TSEC_HASHES;
}

size_t
tsec_hash_len(enum tsec_hash hash)
{
    return form_of(hash)->len;
}

size_t
tsec_hash_block(enum tsec_hash hash)
{
    return form_of(hash)->block;
}

bool
tsec_hash_named(struct tsec_span name, enum tsec_hash *out)
{
    for (int i = TSEC_SHA224; i < TSEC_HASHES; i++) {
        if (tsec_span_is(name, forms[i].name)) {
            *out = (enum tsec_hash)i;
            return true;
        }
    }
    return false;
}

/* The whole state of a sponge can be computed back to what went in. */
static bool
is_sponge(enum tsec_hash hash)
{
    return hash >= TSEC_SHA3_224;
}

/* OpenSSL keeps nothing of the data in a SHA-1 or SHA-2 context after the final call, so one per
 * thread and hash serves everything. */
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
    if (!ok || EVP_DigestFinal_ex(ctx, out, NULL) != 1
        || (is_sponge(hash) && EVP_MD_CTX_reset(ctx) != 1)) {
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
