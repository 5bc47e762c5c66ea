/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rfc6979.h"

#include "crypto/internal.h"

enum { SEED_MAX = TSEC_SHA512_LEN + 1 + 2 * TSEC_RFC6979_ORDER_MAX };

/* Bits of the order that its first byte does not use. */
static unsigned
spare_bits(struct tsec_span order)
{
    unsigned spare = 0;

    while ((order.ptr[0] << spare & 0x80) == 0) {
        spare++;
    }
    return spare;
}

/* a - b into `out` (which may be either); 1: b is greater. */
static unsigned
subtract(const uint8_t *a, const uint8_t *b, size_t len, uint8_t *out)
{
    unsigned borrow = 0;

    for (size_t i = len; i-- > 0;) {
        const unsigned difference = 0x100u + a[i] - b[i] - borrow;

        out[i] = (uint8_t)difference;
        borrow = 1 - (difference >> 8);
    }
    return borrow;
}

/* bits2int (section 2.3.2) as order.len bytes: the leftmost bits, as many as the order has. */
static void
leftmost(struct tsec_span bits, struct tsec_span order, uint8_t *out)
{
    const size_t pad = bits.len < order.len ? order.len - bits.len : 0;
    const unsigned spare = pad == 0 ? spare_bits(order) : 0;
    unsigned carry = 0;

    memset(out, 0, pad);
    for (size_t i = pad; i < order.len; i++) {
        const unsigned byte = bits.ptr[i - pad];

        out[i] = (uint8_t)(carry << (8 - spare) | byte >> spare);
        carry = byte & ((1u << spare) - 1);
    }
}

/* bits2octets (section 2.3.4): modulo the order, which is at most subtracted once. */
static void
reduced(struct tsec_span digest, struct tsec_span order, uint8_t *out)
{
    uint8_t less[TSEC_RFC6979_ORDER_MAX];

    leftmost(digest, order, out);

    const uint8_t keep = (uint8_t)-subtract(out, order.ptr, order.len, less);

    for (size_t i = 0; i < order.len; i++) {
        out[i] = (uint8_t)((out[i] & keep) | (less[i] & ~keep));
    }
}

static void
mac(struct tsec_rfc6979 *g, struct tsec_span data, uint8_t *out)
{
    const size_t len = tsec_hash_len(g->hash);
    uint8_t result[TSEC_SHA512_LEN]; /* what comes out may be what went in */

    if (tsec_failed(tsec_hmac(g->hash, tsec_span(g->key, len), data, result, NULL))) {
        tsec_crypto_abort("HMAC");
    }
    memcpy(out, result, len);
    explicit_bzero(result, sizeof(result));
}

/* K = HMAC(K, V ‖ mark ‖ seed), V = HMAC(K, V) */
static void
stir(struct tsec_rfc6979 *g, uint8_t mark, struct tsec_span seed)
{
    const size_t len = tsec_hash_len(g->hash);
    uint8_t all[SEED_MAX];

    memcpy(all, g->value, len);
    all[len] = mark;
    if (seed.len > 0) {
        memcpy(all + len + 1, seed.ptr, seed.len);
    }
    mac(g, tsec_span(all, len + 1 + seed.len), g->key);
    mac(g, tsec_span(g->value, len), g->value);
    explicit_bzero(all, sizeof(all));
}

tsec_rc
tsec_rfc6979_begin(struct tsec_rfc6979 *g, enum tsec_hash hash, struct tsec_span order,
                   const uint8_t *scalar, struct tsec_span digest, struct tsec_err *err)
{
    if (!tsec_hash_is(hash) || digest.len != tsec_hash_len(hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "RFC 6979 with hash %d of %zu bytes", (int)hash,
                         digest.len);
    }
    if (order.len == 0 || order.len > TSEC_RFC6979_ORDER_MAX || order.ptr[0] == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "RFC 6979 with an order of %zu bytes", order.len);
    }

    uint8_t seed[2 * TSEC_RFC6979_ORDER_MAX];
    const struct tsec_span both = tsec_span(seed, 2 * order.len);

    memcpy(seed, scalar, order.len);
    reduced(digest, order, seed + order.len);
    *g = (struct tsec_rfc6979){ .hash = hash, .order = order };
    memset(g->value, 1, sizeof(g->value));
    stir(g, 0, both);
    stir(g, 1, both);
    explicit_bzero(seed, sizeof(seed));
    return TSEC_OK;
}

/* In 1..order-1. */
static bool
fits(const uint8_t *k, struct tsec_span order)
{
    uint8_t less[TSEC_RFC6979_ORDER_MAX];
    const bool below = subtract(k, order.ptr, order.len, less) == 1;
    uint8_t any = 0;

    for (size_t i = 0; i < order.len; i++) {
        any |= k[i];
    }
    explicit_bzero(less, sizeof(less));
    return below && any != 0;
}

void
tsec_rfc6979_next(struct tsec_rfc6979 *g, uint8_t *k)
{
    const size_t len = tsec_hash_len(g->hash);
    uint8_t bits[TSEC_RFC6979_ORDER_MAX + TSEC_SHA512_LEN];
    bool found = false;

    while (!found) {
        size_t have = 0;

        for (; have < g->order.len; have += len) {
            mac(g, tsec_span(g->value, len), g->value);
            memcpy(bits + have, g->value, len);
        }
        leftmost(tsec_span(bits, have), g->order, k);
        found = fits(k, g->order);
        stir(g, 0, tsec_span(NULL, 0)); /* for the candidate after this one */
    }
    explicit_bzero(bits, sizeof(bits));
}

void
tsec_rfc6979_end(struct tsec_rfc6979 *g)
{
    explicit_bzero(g, sizeof(*g));
}
