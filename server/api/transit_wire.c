/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_wire.h"

static const char PREFIX[] = "vault:v";
enum { VERSION_DIGITS_MAX = 18 /* fit in 64 bits */ };

static const struct {
    const char *no_prefix;
    const char *no_fields;
    const char *no_number;
    const char *too_new;
    const char *too_old;
    const char *negative;
    const char *above;
    const char *below;
} says[] = {
    [TRANSIT_CIPHERTEXT] = {
        "invalid ciphertext: no prefix",
        "invalid ciphertext: wrong number of fields",
        "invalid ciphertext: version number could not be decoded",
        "invalid ciphertext: version is too new",
        "ciphertext or signature version is disallowed by policy (too old)",
        "requested version for encryption is negative",
        "requested version for encryption is higher than the latest key version",
        "requested version for encryption is less than the minimum encryption key version",
    },
    [TRANSIT_SIGNATURE] = {
        "invalid signature: no prefix",
        "invalid signature: wrong number of fields",
        "invalid signature: version number could not be decoded",
        "invalid signature: version is too new",
        "ciphertext or signature version is disallowed by policy (too old)",
        "requested version for signing is negative",
        "requested version for signing is higher than the latest key version",
        "requested version for signing is less than the minimum encryption key version",
    },
    [TRANSIT_MAC] = {
        "invalid HMAC to verify: no prefix",
        "invalid HMAC: wrong number of fields",
        "invalid HMAC: version number could not be decoded",
        "invalid HMAC: version is too new",
        "cannot verify HMAC: version is too old (disallowed by policy)",
        "key version does not exist (cannot be negative)",
        "key version does not exist: it is higher than the latest",
        "cannot generate HMAC: version is too old (disallowed by policy)",
    },
};

/* Decimal digits without a leading zero, "0" alone excepted. */
static bool
to_version(struct tsec_span digits, int64_t *out)
{
    int64_t n = 0;

    if (digits.len == 0 || digits.len > VERSION_DIGITS_MAX
        || (digits.len > 1 && digits.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9') {
            return false;
        }
        n = n * 10 + (digits.ptr[i] - '0');
    }
    *out = n;
    return true;
}

const char *
transit_wire_read(enum transit_thing thing, struct tsec_span text, int64_t *version,
                  struct tsec_span *rest)
{
    const size_t skip = sizeof(PREFIX) - 1;
    const uint8_t *colon;

    if (!tsec_span_starts(text, tsec_span(PREFIX, skip))) {
        return says[thing].no_prefix;
    }
    text = tsec_span(text.ptr + skip, text.len - skip);
    colon = text.len == 0 ? NULL : memchr(text.ptr, ':', text.len);
    if (colon == NULL) {
        return says[thing].no_fields;
    }

    const size_t digits = (size_t)(colon - text.ptr);

    if (!to_version(tsec_span(text.ptr, digits), version)) {
        return says[thing].no_number;
    }
    *rest = tsec_span(colon + 1, text.len - digits - 1);
    return NULL;
}

void
transit_wire_put(struct tsec_buf *out, int64_t version)
{
    tsec_buf_put(out, PREFIX, sizeof(PREFIX) - 1);
    tsec_buf_put_u64(out, (uint64_t)version);
    tsec_buf_put_byte(out, ':');
}

const char *
transit_wire_making(enum transit_thing thing, const struct transit_key *key, int64_t *version)
{
    if (*version == 0) {
        *version = key->latest;
        return NULL;
    }
    if (*version < 0) {
        return says[thing].negative;
    }
    if (*version > key->latest) {
        return says[thing].above;
    }
    return *version < key->min_encryption || *version < transit_key_oldest(key) ? says[thing].below
                                                                                : NULL;
}

/* Version 0 is what Vault wrote before versions began with 1. */
const char *
transit_wire_opening(enum transit_thing thing, const struct transit_key *key, int64_t *version)
{
    if (*version == 0 && thing == TRANSIT_CIPHERTEXT) {
        *version = 1;
    }
    if (*version > key->latest) {
        return says[thing].too_new;
    }
    return *version < key->min_decryption || *version < transit_key_oldest(key)
               ? says[thing].too_old
               : NULL;
}
