/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_report.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const products[] = { "", "Milan", "Genoa", "Turin" };

const char *
snp_product_name(enum snp_product product)
{
    return (size_t)product < TSEC_ARRAY_LEN(products) ? products[product] : "";
}

enum snp_product
snp_product_of(struct tsec_span name)
{
    for (size_t i = SNP_MILAN; i < TSEC_ARRAY_LEN(products); i++) {
        if (tsec_span_is(name, products[i])) {
            return (enum snp_product)i;
        }
    }
    return SNP_UNKNOWN;
}

const char *
snp_signing_key_name(unsigned key)
{
    switch (key) {
    case SNP_KEY_VCEK:
        return "VCEK";
    case SNP_KEY_VLEK:
        return "VLEK";
    case SNP_KEY_NONE:
        return "none";
    default:
        return "reserved";
    }
}

struct snp_tcb
snp_tcb_read(enum snp_product product, struct tsec_span bytes)
{
    const uint8_t *b = bytes.ptr;

    if (product == SNP_TURIN) {
        return (struct snp_tcb){
            .fmc = b[0], .bootloader = b[1], .tee = b[2], .snp = b[3], .microcode = b[7]
        };
    }
    return (struct snp_tcb){ .bootloader = b[0], .tee = b[1], .snp = b[6], .microcode = b[7] };
}

bool
snp_tcb_equal(const struct snp_tcb *a, const struct snp_tcb *b)
{
    return snp_tcb_at_most(a, b) && snp_tcb_at_most(b, a);
}

bool
snp_tcb_at_most(const struct snp_tcb *a, const struct snp_tcb *b)
{
    return a->bootloader <= b->bootloader && a->tee <= b->tee && a->snp <= b->snp
           && a->microcode <= b->microcode && a->fmc <= b->fmc;
}

void
snp_tcb_text(enum snp_product product, const struct snp_tcb *tcb, char out[static SNP_TCB_TEXT_LEN])
{
    int n = 0;

    if (product == SNP_TURIN) {
        n = snprintf(out, SNP_TCB_TEXT_LEN, "fmc %" PRIu64 " ", tcb->fmc);
    }
    (void)snprintf(out + n, (size_t)(SNP_TCB_TEXT_LEN - n),
                   "bl %" PRIu64 " tee %" PRIu64 " snp %" PRIu64 " ucode %" PRIu64, tcb->bootloader,
                   tcb->tee, tcb->snp, tcb->microcode);
}

static uint32_t
u32_at(struct tsec_span bytes, size_t at)
{
    const uint8_t *b = bytes.ptr + at;

    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint64_t
u64_at(struct tsec_span bytes, size_t at)
{
    return (uint64_t)u32_at(bytes, at) | (uint64_t)u32_at(bytes, at + 4) << 32;
}

static struct tsec_span
field(struct tsec_span bytes, size_t at, size_t len)
{
    return tsec_span(bytes.ptr + at, len);
}

static void
read_flags(uint32_t flags, struct snp_report *out)
{
    out->author_key = (flags & 1) != 0;
    out->mask_chip_key = (flags & 2) != 0;
    out->signing_key = flags >> 2 & 7;
    out->flags_reserved = flags >> 5;
}

static void
read_numbers(struct tsec_span b, struct snp_report *out)
{
    out->guest_svn = u32_at(b, 0x004);
    out->policy = u64_at(b, 0x008);
    out->vmpl = u32_at(b, 0x030);
    out->signature_algo = u32_at(b, 0x034);
    out->platform_info = u64_at(b, 0x040);
    read_flags(u32_at(b, 0x048), out);
    out->has_cpuid = out->version >= 3;
    if (out->has_cpuid) {
        out->family = b.ptr[0x188];
        out->model = b.ptr[0x189];
        out->stepping = b.ptr[0x18a];
    }
}

static void
read_fields(struct tsec_span b, struct snp_report *out)
{
    out->family_id = field(b, 0x010, 16);
    out->image_id = field(b, 0x020, 16);
    out->current_tcb = field(b, 0x038, 8);
    out->report_data = field(b, 0x050, 64);
    out->measurement = field(b, 0x090, 48);
    out->host_data = field(b, 0x0c0, 32);
    out->id_key_digest = field(b, 0x0e0, 48);
    out->author_key_digest = field(b, 0x110, 48);
    out->report_id = field(b, 0x140, 32);
    out->reported_tcb = field(b, 0x180, 8);
    out->chip_id = field(b, 0x1a0, 64);
    out->committed_tcb = field(b, 0x1e0, 8);
    out->launch_tcb = field(b, 0x1f0, 8);
    out->signed_bytes = field(b, 0, SNP_SIGNED_LEN);
    out->r = field(b, SNP_SIGNED_LEN, SNP_COMPONENT_LEN);
    out->s = field(b, SNP_SIGNED_LEN + SNP_COMPONENT_LEN, SNP_COMPONENT_LEN);
    out->behind_signature = field(b, SNP_SIGNED_LEN + 2 * SNP_COMPONENT_LEN,
                                  SNP_REPORT_LEN - SNP_SIGNED_LEN - 2 * SNP_COMPONENT_LEN);
}

tsec_rc
snp_report_parse(struct tsec_span bytes, struct snp_report *out, struct tsec_err *err)
{
    *out = (struct snp_report){ .bytes = bytes };
    if (bytes.len != SNP_REPORT_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an SNP report has %d bytes, this has %zu",
                         SNP_REPORT_LEN, bytes.len);
    }
    out->version = u32_at(bytes, 0);
    if (out->version < SNP_VERSION_MIN || out->version > SNP_VERSION_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "report version %" PRIu32 ", known are %d to %d",
                         out->version, SNP_VERSION_MIN, SNP_VERSION_MAX);
    }
    read_numbers(bytes, out);
    read_fields(bytes, out);
    return TSEC_OK;
}

/* AMD 57230, "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface": Milan is family
 * 19h models 0h to Fh, Genoa (with Bergamo and Siena, under the same keys) 10h to 1Fh and A0h to
 * AFh, Turin family 1Ah models 0h to 11h. */
enum snp_product
snp_report_product(const struct snp_report *report)
{
    if (!report->has_cpuid) {
        return SNP_UNKNOWN;
    }
    if (report->family == 0x19 && report->model <= 0x0f) {
        return SNP_MILAN;
    }
    if (report->family == 0x19
        && (report->model <= 0x1f || (report->model >= 0xa0 && report->model <= 0xaf))) {
        return SNP_GENOA;
    }
    if (report->family == 0x1a && report->model <= 0x11) {
        return SNP_TURIN;
    }
    return SNP_UNKNOWN;
}
