/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ecdsa_nonce.h"

enum { MESSAGE_MAX = TSEC_SHA512_LEN + 1 + 2 * ECDSA_ORDER_MAX };

/* bits2int (section 2.3.2): the leftmost bits, as many as the order has, as a number of the order's
 * length. */
static void
bits_to_int(const struct tsec_ecdsa_order *order, struct tsec_span bits, uint8_t *out)
{
    const unsigned shift = (unsigned)(8 * order->len) - order->bits;

    if (bits.len < order->len) {
        memset(out, 0, order->len - bits.len);
        memcpy(out + (order->len - bits.len), bits.ptr, bits.len);
        return;
    }
    for (size_t i = 0; i < order->len; i++) {
        const unsigned above = i == 0 ? 0 : bits.ptr[i - 1];

        out[i] = (uint8_t)((above << 8 | bits.ptr[i]) >> shift);
    }
}

/* number - order; returns the borrow: 1 when the number is less. */
static unsigned
minus_order(const struct tsec_ecdsa_order *order, const uint8_t *number, uint8_t *out)
{
    unsigned borrow = 0;

    for (size_t i = order->len; i-- > 0;) {
        const unsigned difference = 0x100U + number[i] - order->bytes[i] - borrow;

        out[i] = (uint8_t)difference;
        borrow = difference >> 8 ^ 1U;
    }
    return borrow;
}

/* bits2octets (section 2.3.4): less than twice the order, so that one subtraction reduces it. */
static void
bits_to_octets(const struct tsec_ecdsa_order *order, struct tsec_span bits, uint8_t *out)
{
    uint8_t reduced[ECDSA_ORDER_MAX];

    bits_to_int(order, bits, out);

    const uint8_t keep = (uint8_t)(0U - minus_order(order, out, reduced));

    for (size_t i = 0; i < order->len; i++) {
        out[i] = (uint8_t)((out[i] & keep) | (reduced[i] & (uint8_t)~keep));
    }
}

static tsec_rc
next_value(struct tsec_ecdsa_nonce *n, struct tsec_err *err)
{
    const size_t len = tsec_hash_len(n->hash);
    uint8_t out[TSEC_SHA512_LEN];

    TSEC_TRY(tsec_hmac(n->hash, tsec_span(n->key, len), tsec_span(n->value, len), out, err));
    memcpy(n->value, out, len);
    explicit_bzero(out, sizeof(out));
    return TSEC_OK;
}

/* K = HMAC_K(V ‖ mark ‖ seed), V = HMAC_K(V). */
static tsec_rc
stir(struct tsec_ecdsa_nonce *n, uint8_t mark, struct tsec_span seed, struct tsec_err *err)
{
    const size_t len = tsec_hash_len(n->hash);
    uint8_t message[MESSAGE_MAX];
    uint8_t key[TSEC_SHA512_LEN];

    memcpy(message, n->value, len);
    message[len] = mark;
    if (seed.len > 0) {
        memcpy(message + len + 1, seed.ptr, seed.len);
    }

    const tsec_rc rc = tsec_hmac(n->hash, tsec_span(n->key, len),
                                 tsec_span(message, len + 1 + seed.len), key, err);

    if (!tsec_failed(rc)) {
        memcpy(n->key, key, len);
    }
    explicit_bzero(message, sizeof(message));
    explicit_bzero(key, sizeof(key));
    return tsec_failed(rc) ? rc : next_value(n, err);
}

tsec_rc
tsec_ecdsa_nonce_start(struct tsec_ecdsa_nonce *nonce, const struct tsec_ecdsa_order *order,
                       enum tsec_hash hash, const uint8_t *x, struct tsec_span digest,
                       struct tsec_err *err)
{
    uint8_t seed[2 * ECDSA_ORDER_MAX];

    if (!tsec_hash_is(hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a deterministic signature needs a hash");
    }
    nonce->order = order;
    nonce->hash = hash;
    memset(nonce->key, 0, sizeof(nonce->key));
    memset(nonce->value, 1, sizeof(nonce->value));
    memcpy(seed, x, order->len);
    bits_to_octets(order, digest, seed + order->len);

    tsec_rc rc = stir(nonce, 0, tsec_span(seed, 2 * order->len), err);

    if (!tsec_failed(rc)) {
        rc = stir(nonce, 1, tsec_span(seed, 2 * order->len), err);
    }
    explicit_bzero(seed, sizeof(seed));
    return rc;
}

static tsec_rc
candidate(struct tsec_ecdsa_nonce *n, uint8_t *k, struct tsec_err *err)
{
    const size_t len = tsec_hash_len(n->hash);
    uint8_t bits[ECDSA_ORDER_MAX];

    for (size_t have = 0; have < n->order->len; have += len) {
        const size_t left = n->order->len - have;

        TSEC_TRY(next_value(n, err));
        memcpy(bits + have, n->value, left < len ? left : len);
    }
    bits_to_int(n->order, tsec_span(bits, n->order->len), k);
    explicit_bzero(bits, sizeof(bits));
    return TSEC_OK;
}

static bool
in_range(const struct tsec_ecdsa_order *order, const uint8_t *k)
{
    uint8_t scratch[ECDSA_ORDER_MAX];
    const bool less = minus_order(order, k, scratch) == 1;
    uint8_t any = 0;

    for (size_t i = 0; i < order->len; i++) {
        any |= k[i];
    }
    explicit_bzero(scratch, sizeof(scratch));
    return less && any != 0;
}

tsec_rc
tsec_ecdsa_nonce_next(struct tsec_ecdsa_nonce *nonce, uint8_t *k, struct tsec_err *err)
{
    bool found = false;

    while (!found) {
        TSEC_TRY(candidate(nonce, k, err));
        found = in_range(nonce->order, k);
        /* Already for the next call, which a caller makes when r or s came to 0. */
        TSEC_TRY(stir(nonce, 0, tsec_span(NULL, 0), err));
    }
    return TSEC_OK;
}

void
tsec_ecdsa_nonce_done(struct tsec_ecdsa_nonce *nonce)
{
    explicit_bzero(nonce, sizeof(*nonce));
}
