/* SPDX-License-Identifier: Apache-2.0 */
#include "tpm_attest.h"

#include <inttypes.h>

/* TPM_GENERATED_VALUE: the TPM made it, and not somebody who has it sign what they like. */
#define GENERATED UINT32_C(0xff544347)

enum {
    QUOTE = 0x8018,
    SHA256 = 0x000b,
    NAME_MAX = 66, /* algorithm and SHA-512 digest */
};

/* A cursor over big-endian numbers; once short, it stays so. */
struct cursor {
    struct tsec_span rest;
    bool is_short;
};

static struct tsec_span
take(struct cursor *c, size_t len)
{
    struct tsec_span out = tsec_span(NULL, 0);

    if (c->is_short || len > c->rest.len) {
        c->is_short = true;
        return out;
    }
    out = tsec_span(c->rest.ptr, len);
    c->rest = tsec_span(c->rest.ptr + len, c->rest.len - len);
    return out;
}

static uint64_t
take_number(struct cursor *c, size_t len)
{
    const struct tsec_span bytes = take(c, len);
    uint64_t out = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        out = out << 8 | bytes.ptr[i];
    }
    return out;
}

/* TPM2B: its length, then the bytes. */
static struct tsec_span
take_sized(struct cursor *c, size_t max)
{
    const size_t len = (size_t)take_number(c, 2);

    if (len > max) {
        c->is_short = true;
    }
    return take(c, len);
}

static tsec_rc
read_clock(struct cursor *c, struct tpm_attest *out, struct tsec_err *err)
{
    out->clock_ms = take_number(c, 8);
    out->reset_count = (uint32_t)take_number(c, 4);
    out->restart_count = (uint32_t)take_number(c, 4);
    if (take_number(c, 1) > 1) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TPM quote: its clock is neither safe nor unsafe");
    }
    out->firmware = take_number(c, 8);
    return TSEC_OK;
}

static tsec_rc
read_selection(struct cursor *c, struct tpm_attest *out, struct tsec_err *err)
{
    const uint64_t banks = take_number(c, 4);
    const uint64_t hash = take_number(c, 2);
    struct tsec_span bits;

    if (banks != 1 || hash != SHA256) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "TPM quote of %" PRIu64 " banks, the first of algorithm 0x%" PRIx64
                         "; expected one, SHA-256 (0xb)",
                         banks, hash);
    }
    bits = take(c, (size_t)take_number(c, 1));
    for (size_t i = 0; i < bits.len && i < 4; i++) {
        out->selected |= (uint32_t)bits.ptr[i] << 8 * i;
    }
    if (bits.len > 4 || out->selected == 0 || out->selected >> TPM_PCRS != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TPM quote of no PCR, or of one above %d",
                         TPM_PCRS - 1);
    }
    return TSEC_OK;
}

tsec_rc
tpm_attest_parse(struct tsec_span message, struct tpm_attest *out, struct tsec_err *err)
{
    struct cursor c = { .rest = message };

    *out = (struct tpm_attest){ .selected = 0 };
    if (message.len > TPM_ATTEST_MAX || take_number(&c, 4) != GENERATED) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a message that a TPM made");
    }
    if (take_number(&c, 2) != QUOTE) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a TPM's message, and not a quote");
    }
    (void)take_sized(&c, NAME_MAX); /* the signer's name: the signature tells */
    out->extra_data = take_sized(&c, TPM_EXTRA_MAX);
    TSEC_TRY(read_clock(&c, out, err));
    TSEC_TRY(read_selection(&c, out, err));
    out->digest = take_sized(&c, TPM_PCR_LEN);
    if (c.is_short || c.rest.len != 0 || out->digest.len != TPM_PCR_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TPM quote of %zu bytes: its lengths do not agree",
                         message.len);
    }
    return TSEC_OK;
}

size_t
tpm_attest_count(const struct tpm_attest *attest)
{
    size_t count = 0;

    for (unsigned i = 0; i < TPM_PCRS; i++) {
        count += attest->selected >> i & 1;
    }
    return count;
}
