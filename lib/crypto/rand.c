/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rand.h"

#include <limits.h>

#include <openssl/rand.h>

#include "crypto/internal.h"

/* A call of the DRBG costs about a microsecond however little is asked, so nonces come from a block
 * per thread.  The block lies in a tsec_secret, which the kernel zeroes in a forked child: its
 * `left` is then 0, and the child draws a block of its own. */
enum { BLOCK_LEN = 4096 };

struct block {
    size_t left;
    uint8_t bytes[BLOCK_LEN - sizeof(size_t)];
};

void
tsec_rand_bytes(uint8_t *out, size_t len)
{
    while (len > 0) {
        const size_t step = len < INT_MAX ? len : INT_MAX;

        if (RAND_priv_bytes(out, (int)step) != 1) {
            tsec_crypto_abort("random bytes");
        }
        out += step;
        len -= step;
    }
}

/* NULL when the pages cannot be locked: the caller then goes without a block. */
static struct block *
thread_block(void)
{
    struct tsec_thread *t = tsec_thread();

    if (t->nonces == NULL && tsec_failed(tsec_secret_new(sizeof(struct block), &t->nonces, NULL))) {
        return NULL;
    }
    return (struct block *)(void *)tsec_secret_bytes(t->nonces);
}

void
tsec_rand_nonce(uint8_t *out, size_t len)
{
    struct block *block = len > sizeof(block->bytes) ? NULL : thread_block();

    if (block == NULL) {
        tsec_rand_bytes(out, len);
        return;
    }
    if (block->left < len) {
        tsec_rand_bytes(block->bytes, sizeof(block->bytes));
        block->left = sizeof(block->bytes);
    }
    block->left -= len;
    memcpy(out, block->bytes + block->left, len);
    explicit_bzero(block->bytes + block->left, len);
}

void
tsec_rand_mix(struct tsec_span bytes)
{
    while (bytes.len > 0) {
        const size_t step = bytes.len < INT_MAX ? bytes.len : INT_MAX;

        RAND_add(bytes.ptr, (int)step, 0.0);
        bytes = tsec_span(bytes.ptr + step, bytes.len - step);
    }
}

/* The digit without a table look-up: it may be part of a token. */
static char
base62_digit(unsigned v)
{
    const unsigned upper = (9 - v) >> 31;  /* v > 9 */
    const unsigned lower = (35 - v) >> 31; /* v > 35 */

    return (char)('0' + v + upper * ('A' - '0' - 10) + lower * ('a' - 'A' - 26));
}

void
tsec_rand_base62(char *out, size_t len)
{
    uint8_t draw[64];
    size_t done = 0;

    while (done < len) {
        tsec_rand_bytes(draw, sizeof(draw));
        for (size_t i = 0; i < sizeof(draw) && done < len; i++) {
            const unsigned v = draw[i] & 63U;

            if (v < 62) { /* rejecting the rest keeps every digit equally likely */
                out[done++] = base62_digit(v);
            }
        }
    }
    out[len] = '\0';
    explicit_bzero(draw, sizeof(draw));
}

void
tsec_rand_uuid(char out[37])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t raw[16];
    size_t at = 0;

    tsec_rand_nonce(raw, sizeof(raw));
    raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x40); /* RFC 9562 section 5.4: version, variant */
    raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof(raw); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            out[at++] = '-';
        }
        out[at++] = digits[raw[i] >> 4];
        out[at++] = digits[raw[i] & 15];
    }
    out[at] = '\0';
}
