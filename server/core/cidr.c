/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cidr.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

/* Everything as 128 bits; IPv4 lives in ::ffff:0:0/96 (RFC 4291 section 2.5.5.2). */
struct range {
    uint8_t bits[16];
    unsigned len;
};

static bool
parse_len(const char *text, unsigned max, unsigned *out)
{
    unsigned n = 0;

    if (*text == '\0' || strlen(text) > 3) {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return false;
        }
        n = n * 10 + (unsigned)(*text - '0');
    }
    *out = n;
    return n <= max;
}

static bool
parse(const char *text, struct range *out)
{
    char address[INET6_ADDRSTRLEN + 1];
    const char *slash = strchr(text, '/');
    const size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
    unsigned bits = 0;

    if (len == 0 || len >= sizeof(address)) {
        return false;
    }
    memcpy(address, text, len);
    address[len] = '\0';
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, address, out->bits + 12) == 1) {
        out->bits[10] = 0xff;
        out->bits[11] = 0xff;
        out->len = 128;
        if (slash != NULL && !parse_len(slash + 1, 32, &bits)) {
            return false;
        }
        out->len = slash == NULL ? 128 : 96 + bits;
        return true;
    }
    if (inet_pton(AF_INET6, address, out->bits) != 1) {
        return false;
    }
    out->len = 128;
    return slash == NULL || parse_len(slash + 1, 128, &out->len);
}

static bool
contains(const struct range *outer, const struct range *inner)
{
    if (inner->len < outer->len) {
        return false;
    }
    for (unsigned i = 0; i < outer->len; i++) {
        const unsigned mask = 0x80U >> (i % 8);

        if (((unsigned)(outer->bits[i / 8] ^ inner->bits[i / 8]) & mask) != 0) {
            return false;
        }
    }
    return true;
}

bool
cidr_valid(const char *range)
{
    struct range parsed;

    return parse(range, &parsed);
}

static bool
one_contains(struct tsec_strings ranges, const struct range *inner)
{
    for (size_t i = 0; i < ranges.len; i++) {
        struct range outer;

        if (parse(ranges.items[i], &outer) && contains(&outer, inner)) {
            return true;
        }
    }
    return false;
}

bool
cidr_admits(struct tsec_strings ranges, const char *address)
{
    struct range peer;

    if (ranges.len == 0) {
        return true;
    }
    return parse(address, &peer) && peer.len == 128 && one_contains(ranges, &peer);
}

bool
cidr_within(struct tsec_strings inner, struct tsec_strings outer)
{
    if (outer.len == 0) {
        return true;
    }
    for (size_t i = 0; i < inner.len; i++) {
        struct range range;

        if (!parse(inner.items[i], &range) || !one_contains(outer, &range)) {
            return false;
        }
    }
    return true;
}
