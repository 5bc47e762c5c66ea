/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors/flips_ranges.h"

#include "tests/test.h"

/* Layouts: AMD 56860 table "ATTESTATION_REPORT"; Azure's HCL report; Intel's "SGX ECDSA
 * QuoteGenReference" appendix A.4 and "TDX DCAP Quoting Library API" appendix A.3. */
enum {
    SNP_SIGNED = 0x2a0,
    SNP_SIGNATURE = 144,
    HCL_REPORT = 0x20,
    HCL_JSON = 0x20 + 0x4a0 + 20,
    QUOTE_HEADER = 48,
    SGX_BODY = 384,
    TD10_BODY = 584,
    V5_HEAD = QUOTE_HEADER + 6,
    TEE_TDX = 0x81,
    SIGNATURE_AND_KEY = 128,
    QE_REPORT_AND_SIGNATURE = 384 + 64,
};

static void
add(struct flips_ranges *out, size_t at, size_t len)
{
    CU_ASSERT_TRUE_FATAL(out->len < FLIPS_RANGES);
    out->items[out->len].at = at;
    out->items[out->len].len = len;
    out->len++;
}

static size_t
little_endian(struct tsec_span bytes, size_t at, size_t width)
{
    size_t n = 0;

    CU_ASSERT_TRUE_FATAL(at + width <= bytes.len);
    for (size_t i = width; i > 0; i--) {
        n = n << 8 | bytes.ptr[at + i - 1];
    }
    return n;
}

static void
of_snp(size_t at, struct flips_ranges *out)
{
    add(out, at, SNP_SIGNED + SNP_SIGNATURE);
}

static void
of_hcl(struct tsec_span blob, struct flips_ranges *out)
{
    of_snp(HCL_REPORT, out);
    add(out, HCL_JSON, little_endian(blob, HCL_JSON - 4, 4));
}

/* The base64 of the certificates: every line between BEGIN and END. */
static void
of_chain(struct tsec_span evidence, size_t at, struct flips_ranges *out)
{
    bool inside = false;

    while (at < evidence.len) {
        const uint8_t *line = evidence.ptr + at;
        const uint8_t *end = memchr(line, '\n', evidence.len - at);
        const size_t len = end == NULL ? evidence.len - at : (size_t)(end - line);

        if (line[0] == '-') {
            inside = !inside;
        } else if (inside) {
            add(out, at, len > 0 && line[len - 1] == '\r' ? len - 1 : len);
        }
        at += len + 1;
    }
}

static void
of_quote(struct tsec_span quote, struct flips_ranges *out)
{
    const size_t version = little_endian(quote, 0, 2);
    const bool tdx = little_endian(quote, 4, 4) == TEE_TDX;
    size_t at = QUOTE_HEADER + (tdx ? TD10_BODY : SGX_BODY);

    CU_ASSERT_TRUE_FATAL(version >= 3 && version <= 5);
    if (version == 5) {
        at = V5_HEAD + little_endian(quote, QUOTE_HEADER + 2, 4);
    }
    add(out, 0, at);
    at += 4; /* how long what follows is */
    add(out, at, SIGNATURE_AND_KEY);
    at += SIGNATURE_AND_KEY;
    if (version >= 4) {
        at += 2 + 4; /* certification data of type 6 */
    }
    add(out, at, QE_REPORT_AND_SIGNATURE);
    at += QE_REPORT_AND_SIGNATURE;

    const size_t authentication = little_endian(quote, at, 2);

    add(out, at + 2, authentication);
    of_chain(quote, at + 2 + authentication + 2 + 4, out);
}

void
flips_signed(const char *format, struct tsec_span evidence, struct flips_ranges *out)
{
    out->len = 0;
    if (strcmp(format, "snp") == 0) {
        of_snp(0, out);
    } else if (strcmp(format, "az-vtpm") == 0) {
        of_hcl(evidence, out);
    } else if (strcmp(format, "sgx") == 0 || strcmp(format, "tdx") == 0) {
        of_quote(evidence, out);
    } else {
        add(out, 0, evidence.len); /* a Nitro document, a token: all of it */
    }
}
