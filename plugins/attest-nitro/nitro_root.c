/* SPDX-License-Identifier: Apache-2.0 */
#include "nitro_root.h"

#include "base/hex.h"
#include "codec/pem.h"
#include "nitro_doc.h"

enum { PEM_MAX = 64 * 1024, HEX_MAX = 2 * NITRO_CERT_MAX };

const uint8_t nitro_root_pinned[TSEC_SHA256_LEN] = {
    0x64, 0x1a, 0x03, 0x21, 0xa3, 0xe2, 0x44, 0xef, 0xe4, 0x56, 0x46, 0x31, 0x95, 0xd6, 0x06, 0x31,
    0x7e, 0xd7, 0xcd, 0xcc, 0x3c, 0x17, 0x56, 0xe0, 0x98, 0x93, 0xf3, 0xc6, 0x8f, 0x79, 0xbb, 0x5b,
};

bool
nitro_root_is(struct tsec_span der, const uint8_t sha256[TSEC_SHA256_LEN])
{
    uint8_t digest[TSEC_SHA256_LEN];

    if (der.len == 0 || der.len > NITRO_CERT_MAX) {
        return false;
    }
    tsec_sha256(der, digest);
    return tsec_span_equal(tsec_span(digest, sizeof(digest)), tsec_span(sha256, TSEC_SHA256_LEN));
}

static bool
find_in_pem(struct tsec_span text, const uint8_t *sha256, struct tsec_buf *der)
{
    struct tsec_span label;
    bool found = true;

    while (found) {
        if (tsec_failed(tsec_pem_next(&text, &label, der, &found, NULL))) {
            return false;
        }
        if (found && tsec_span_is(label, "CERTIFICATE")
            && nitro_root_is(tsec_buf_span(der), sha256)) {
            return true;
        }
    }
    return false;
}

static struct tsec_span
without_line_end(struct tsec_span text)
{
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r')) {
        text.len--;
    }
    return text;
}

static bool
find_in_hex(struct tsec_span text, const uint8_t *sha256, struct tsec_buf *der)
{
    const struct tsec_span digits = without_line_end(text);
    uint8_t bytes[NITRO_CERT_MAX];

    if (digits.len > HEX_MAX || digits.len % 2 != 0
        || !tsec_hex_decode(digits, bytes, digits.len / 2)) {
        return false;
    }
    tsec_buf_put(der, bytes, digits.len / 2);
    return !der->failed && nitro_root_is(tsec_buf_span(der), sha256);
}

bool
nitro_root_find(struct tsec_span item, const uint8_t sha256[TSEC_SHA256_LEN], struct tsec_buf *der)
{
    static const char pem[] = "-----BEGIN ";

    tsec_buf_reset(der);
    if (item.len == 0 || item.len > PEM_MAX) {
        return false;
    }
    if (nitro_root_is(item, sha256)) {
        tsec_buf_put_span(der, item);
        return !der->failed;
    }
    if (memmem(item.ptr, item.len, pem, sizeof(pem) - 1) != NULL) {
        return find_in_pem(item, sha256, der);
    }
    return find_in_hex(item, sha256, der);
}
