/* SPDX-License-Identifier: Apache-2.0 */
#include "base/siphash.h"

static inline uint64_t
rotl(uint64_t x, unsigned b)
{
    return (x << b) | (x >> (64 - b));
}

static inline void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

/* Little-endian, as the paper has it. */
static inline uint64_t
word(const uint8_t *p, size_t n)
{
    uint64_t w = 0;

    for (size_t i = 0; i < n; i++) {
        w |= (uint64_t)p[i] << (8 * i);
    }
    return w;
}

uint64_t
tsec_siphash(const uint64_t key[2], struct tsec_span data)
{
    uint64_t v[4] = {
        key[0] ^ UINT64_C(0x736f6d6570736575),
        key[1] ^ UINT64_C(0x646f72616e646f6d),
        key[0] ^ UINT64_C(0x6c7967656e657261),
        key[1] ^ UINT64_C(0x7465646279746573),
    };
    const size_t whole = data.len / 8;

    for (size_t i = 0; i < whole; i++) {
        const uint64_t m = word(data.ptr + 8 * i, 8);

        v[3] ^= m;
        sip_round(v);
        sip_round(v);
        v[0] ^= m;
    }

    const uint64_t last = (uint64_t)data.len << 56
                          | (data.len % 8 == 0 ? 0 : word(data.ptr + 8 * whole, data.len % 8));

    v[3] ^= last;
    sip_round(v);
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (unsigned i = 0; i < 4; i++) {
        sip_round(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
