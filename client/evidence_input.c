/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_input.h"

#include <string.h>

#include <tsec/attest.h>

#include "base/base64.h"
#include "base/hex.h"

enum {
    SNP_REPORT_LEN = 1184,
    QUOTE_HEADER_LEN = 48,
    QUOTE_TEE_SGX = 0,
    QUOTE_TEE_TDX = 0x81,
    QUOTE_BODY_SGX = 1, /* of version 5 */
    OE_HEADER_LEN = 16,
};

static const char *const encodings[] = { "bin", "hex", "base64" };

bool
evidence_encoding_parse(const char *name, enum evidence_encoding *out)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(encodings); i++) {
        if (strcmp(name, encodings[i]) == 0) {
            *out = (enum evidence_encoding)i;
            return true;
        }
    }
    return false;
}

/* ---- out of text ---- */

static bool
is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_hex(uint8_t byte)
{
    const uint8_t lower = byte | 0x20;

    return is_digit(byte) || (lower >= 'a' && lower <= 'f');
}

static bool
is_base64(uint8_t byte)
{
    const uint8_t lower = byte | 0x20;

    return is_digit(byte) || (lower >= 'a' && lower <= 'z') || byte == '+' || byte == '/'
           || byte == '-' || byte == '_' || byte == '=';
}

static void
put_without_space(struct tsec_buf *out, struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!tsec_is_space(text.ptr[i])) {
            tsec_buf_put_byte(out, text.ptr[i]);
        }
    }
}

static tsec_rc
decode_hex(struct tsec_span digits, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t *bytes = tsec_buf_extend(out, digits.len / 2);

    if (digits.len % 2 != 0 || (bytes != NULL && !tsec_hex_decode(digits, bytes, digits.len / 2))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the evidence is not hex");
    }
    return TSEC_OK;
}

/** Brings either alphabet, padded or not, into the strict form of one. */
static tsec_rc
decode_base64(struct tsec_buf *digits, struct tsec_buf *out, struct tsec_err *err)
{
    const bool url = memchr(digits->ptr, '-', digits->len) != NULL
                     || memchr(digits->ptr, '_', digits->len) != NULL;
    size_t len = digits->len;
    tsec_rc rc;

    while (len > 0 && digits->len - len < 2 && digits->ptr[len - 1] == '=') {
        len--;
    }
    tsec_buf_truncate(digits, len);
    while (!url && digits->len % 4 != 0) {
        tsec_buf_put_byte(digits, '=');
    }
    rc = tsec_base64_decode(out, url ? TSEC_BASE64_URL : TSEC_BASE64_STD, tsec_buf_span(digits),
                            err);
    if (tsec_failed(rc)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the evidence is not base64");
    }
    return TSEC_OK;
}

tsec_rc
evidence_decode(enum evidence_encoding encoding, struct tsec_span text, struct tsec_buf *out,
                struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf digits = TSEC_BUF_INIT(EVIDENCE_FILE_MAX + 4);

    if (encoding == EVIDENCE_BIN) {
        tsec_buf_put_span(out, text);
    } else {
        put_without_space(&digits, text);
        TSEC_TRY(tsec_buf_check(&digits, err));
    }
    if (encoding == EVIDENCE_HEX && digits.len > 0) {
        TSEC_TRY(decode_hex(tsec_buf_span(&digits), out, err));
    } else if (encoding == EVIDENCE_BASE64 && digits.len > 0) {
        TSEC_TRY(decode_base64(&digits, out, err));
    }
    if (out->failed || out->len > TSEC_EVIDENCE_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the evidence is longer than %zu bytes",
                         TSEC_EVIDENCE_MAX);
    }
    if (out->len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the evidence is empty");
    }
    return TSEC_OK;
}

static bool
all_are(struct tsec_span text, bool (*is)(uint8_t byte))
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is(text.ptr[i]) && !tsec_is_space(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

enum evidence_encoding
evidence_encoding_guess(struct tsec_span text)
{
    if (all_are(text, is_hex)) {
        return EVIDENCE_HEX;
    }
    return all_are(text, is_base64) ? EVIDENCE_BASE64 : EVIDENCE_BIN;
}

/* ---- which format ---- */

static uint32_t
le32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static const char *
guess_quote(struct tsec_span quote)
{
    static const uint8_t oe[8] = { 1, 0, 0, 0, 2, 0, 0, 0 };
    unsigned version;

    if (quote.len > OE_HEADER_LEN && tsec_span_starts(quote, tsec_span(oe, sizeof(oe)))) {
        quote = tsec_span(quote.ptr + OE_HEADER_LEN, quote.len - OE_HEADER_LEN);
    }
    if (quote.len < QUOTE_HEADER_LEN + 2) {
        return NULL;
    }
    version = quote.ptr[0] | (unsigned)quote.ptr[1] << 8;
    if (version == 3) {
        return "sgx";
    }
    if (version != 4 && version != 5) {
        return NULL;
    }
    if (version == 5) {
        return quote.ptr[QUOTE_HEADER_LEN] == QUOTE_BODY_SGX ? "sgx" : "tdx";
    }
    switch (le32(quote.ptr + 4)) {
    case QUOTE_TEE_SGX:
        return "sgx";
    case QUOTE_TEE_TDX:
        return "tdx";
    default:
        return NULL;
    }
}

static bool
is_token(struct tsec_span text)
{
    size_t dots = 0;

    while (text.len > 0 && tsec_is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    for (size_t i = 0; i < text.len; i++) {
        dots += text.ptr[i] == '.' ? 1 : 0;
        if (text.ptr[i] != '.' && !is_base64(text.ptr[i])) {
            return false;
        }
    }
    return dots == 2 && tsec_span_starts(text, tsec_span_str("ey"));
}

const char *
evidence_format_guess(struct tsec_span evidence)
{
    static const uint8_t sign1[] = { 0x84, 0x44 };
    static const uint8_t tagged[] = { 0xd2, 0x84 };

    if (tsec_span_starts(evidence, tsec_span(sign1, sizeof(sign1)))
        || tsec_span_starts(evidence, tsec_span(tagged, sizeof(tagged)))) {
        return "nitro";
    }
    if (tsec_span_starts(evidence, tsec_span_str("HCLA"))
        || tsec_span_starts(evidence, tsec_span_str("{"))) {
        return "az-snp-vtpm";
    }
    if (evidence.len == SNP_REPORT_LEN) {
        return "snp";
    }
    return is_token(evidence) ? "maa" : guess_quote(evidence);
}
