/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/expr.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"

/* TEEs as bits, so that one row speaks for all that have the claim. */
enum {
    NITRO = 1 << 0,
    NITRO_TPM = 1 << 1,
    SNP = 1 << 2,
    AZURE_CVM = 1 << 3,
    SGX = 1 << 4,
    TDX = 1 << 5,
    SIM = 1 << 6,
    ANY_SNP = SNP | AZURE_CVM,
    ANY_MAA = SNP | AZURE_CVM | SGX | TDX, /* what an MAA token may speak of */
};

#define TEE_NAMES "nitro, nitro-tpm, snp, azure-cvm, sgx, tdx, sim"

static const struct {
    const char *name;
    unsigned bit;
    unsigned pcrs;
    uint8_t pcr_len;
    unsigned code_pcrs; /* bits: these are zero in debug mode, or when nothing was measured */
} tees[] = {
    { "nitro", NITRO, 32, 48, 1 << 0 | 1 << 1 | 1 << 2 },
    { "nitro-tpm", NITRO_TPM, 24, 48, 1 << 0 | 1 << 4 },
    { "snp", SNP, 0, 0, 0 },
    { "azure-cvm", AZURE_CVM, 24, 32, 1 << 0 },
    { "sgx", SGX, 0, 0, 0 },
    { "tdx", TDX, 0, 0, 0 },
    { "sim", SIM, 0, 0, 0 },
};

enum { BYTES = TSEC_CLAIM_BYTES, TEXT = TSEC_CLAIM_TEXT, NUMBER = TSEC_CLAIM_NUMBER };
enum { YES_NO = TSEC_CLAIM_BOOL };

/* What an expression may name, besides the PCRs. */
static const struct claim {
    const char *name;
    unsigned tees;
    uint8_t kind;
    uint8_t bytes;
    bool primary; /* all zeroes is what a debug TEE shows: never an entry */
} claims[] = {
    { "measurement", ANY_SNP | SIM, BYTES, 48, true },
    { "id_key", ANY_SNP, BYTES, 48, false },
    { "author_key", ANY_SNP, BYTES, 48, false },
    { "family_id", ANY_SNP | SGX, BYTES, 16, false },
    { "image_id", ANY_SNP, BYTES, 16, false },
    { "host_data", ANY_SNP, BYTES, 32, false },
    { "report_id", ANY_SNP, BYTES, 32, false },
    { "chip_id", ANY_SNP, BYTES, 64, false },
    { "svn", ANY_SNP | SGX | SIM, NUMBER, 0, false },
    { "policy", ANY_SNP, NUMBER, 0, false },
    { "vmpl", ANY_SNP, NUMBER, 0, false },
    { "signing_key", ANY_SNP, TEXT, 0, false },
    { "csp_id", ANY_SNP, TEXT, 0, false },
    { "tcb_bootloader", ANY_SNP, NUMBER, 0, false },
    { "tcb_tee", ANY_SNP, NUMBER, 0, false },
    { "tcb_snp", ANY_SNP, NUMBER, 0, false },
    { "tcb_microcode", ANY_SNP, NUMBER, 0, false },
    { "tcb_fmc", ANY_SNP, NUMBER, 0, false },
    { "platform_info", ANY_SNP, NUMBER, 0, false },
    { "smt_allowed", ANY_SNP, YES_NO, 0, false },
    { "migration_allowed", ANY_SNP, YES_NO, 0, false },
    { "vm_id", AZURE_CVM, TEXT, 0, false },
    { "secure_boot", AZURE_CVM, YES_NO, 0, false },
    { "mrenclave", SGX, BYTES, 32, true },
    { "mrsigner", SGX, BYTES, 32, true },
    { "prod_id", SGX, NUMBER, 0, false },
    { "attributes", SGX, BYTES, 16, false },
    { "config_id", SGX, BYTES, 64, false },
    { "config_svn", SGX, NUMBER, 0, false },
    { "ext_prod_id", SGX, BYTES, 16, false },
    { "fmspc", SGX | TDX, BYTES, 6, false },
    { "qe_svn", SGX, NUMBER, 0, false },
    { "pce_svn", SGX, NUMBER, 0, false },
    { "cpu_svn", SGX, BYTES, 16, false },
    { "mrtd", TDX, BYTES, 48, true },
    { "mrseam", TDX, BYTES, 48, true },
    { "rtmr0", TDX, BYTES, 48, false },
    { "rtmr1", TDX, BYTES, 48, false },
    { "rtmr2", TDX, BYTES, 48, false },
    { "rtmr3", TDX, BYTES, 48, false },
    { "td_attributes", TDX, BYTES, 8, false },
    { "xfam", TDX, BYTES, 8, false },
    { "mrconfigid", TDX, BYTES, 48, false },
    { "mrowner", TDX, BYTES, 48, false },
    { "mrownerconfig", TDX, BYTES, 48, false },
    { "tee_tcb_svn", TDX, BYTES, 16, false },
    { "module_id", NITRO | NITRO_TPM, TEXT, 0, false },
    { "policy_hash", ANY_MAA, BYTES, 32, false },
    { "compliance_status", ANY_MAA, TEXT, 0, false },
    { "attestation_type", ANY_MAA, TEXT, 0, false },
};

/* Decimal, or hexadecimal after 0x, as SNP policies are written. */
static bool
take_number(struct tsec_span text, uint64_t *out)
{
    const bool hex = text.len > 2 && text.ptr[0] == '0' && text.ptr[1] == 'x';
    uint64_t v = 0;

    if (hex) {
        text = tsec_span(text.ptr + 2, text.len - 2);
    }
    if (text.len == 0 || text.len > (hex ? 16 : 19)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        const char *digits = "0123456789abcdef";
        const char *at = text.ptr[i] == '\0' ? NULL : strchr(digits, text.ptr[i]);

        if (at == NULL || (!hex && at - digits > 9)) {
            return false;
        }
        v = v * (hex ? 16 : 10) + (uint64_t)(at - digits);
    }
    *out = v;
    return true;
}

static bool
is_text(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == '"') {
            return false;
        }
    }
    return text.len > 0 && text.len <= sizeof(((struct tsec_expr_part *)NULL)->value);
}

/* The index in `tees`, or past its end. */
static size_t
find_tee(struct tsec_span name)
{
    size_t i = 0;

    while (i < TSEC_ARRAY_LEN(tees) && !tsec_span_is(name, tees[i].name)) {
        i++;
    }
    return i;
}

/* "pcr8" and not "pcr08": one way to write a register. */
static bool
is_pcr(struct tsec_span name, unsigned pcrs, unsigned *which)
{
    uint64_t n = 0;

    if (name.len < 4 || name.len > 5 || !tsec_span_starts(name, tsec_span_str("pcr"))
        || (name.len == 5 && name.ptr[3] == '0')
        || !take_number(tsec_span(name.ptr + 3, name.len - 3), &n) || n >= pcrs) {
        return false;
    }
    *which = (unsigned)n;
    return true;
}

static bool
find_claim(size_t tee, struct tsec_span name, struct claim *out)
{
    unsigned pcr = 0;

    if (is_pcr(name, tees[tee].pcrs, &pcr)) {
        *out = (struct claim){ .kind = BYTES,
                               .bytes = tees[tee].pcr_len,
                               .primary = (tees[tee].code_pcrs >> pcr & 1) != 0 };
        return true;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(claims); i++) {
        if ((claims[i].tees & tees[tee].bit) != 0 && tsec_span_is(name, claims[i].name)) {
            *out = claims[i];
            return true;
        }
    }
    return false;
}

static tsec_rc
take_bytes(const struct claim *claim, struct tsec_span digits, struct tsec_expr_part *out,
           struct tsec_err *err)
{
    if (out->at_least || digits.len != 2 * (size_t)claim->bytes
        || !tsec_hex_decode(digits, out->value, claim->bytes)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s must be = and %u hex digits", out->name,
                         2u * claim->bytes);
    }
    if (claim->primary && tsec_span_zero(tsec_span(out->value, claim->bytes))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "all zeroes is what a debug TEE shows");
    }
    out->len = claim->bytes;
    return TSEC_OK;
}

static tsec_rc
take_value(const struct claim *claim, struct tsec_span value, struct tsec_expr_part *out,
           struct tsec_err *err)
{
    out->kind = claim->kind;
    switch (claim->kind) {
    case TSEC_CLAIM_NUMBER:
        return take_number(value, &out->number)
                   ? TSEC_OK
                   : TSEC_FAIL(err, TSEC_E_CONFIG, "%s must be a number", out->name);
    case TSEC_CLAIM_BOOL:
        if (out->at_least || (!tsec_span_is(value, "true") && !tsec_span_is(value, "false"))) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "%s must be = and true or false", out->name);
        }
        out->number = tsec_span_is(value, "true") ? 1 : 0;
        return TSEC_OK;
    case TSEC_CLAIM_TEXT:
        if (out->at_least || !is_text(value)) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "%s must be = and a word of at most %zu letters",
                             out->name, sizeof(out->value));
        }
        memcpy(out->value, value.ptr, value.len);
        out->len = value.len;
        return TSEC_OK;
    default:
        return take_bytes(claim, value, out, err);
    }
}

/* CLAIM=VALUE or CLAIM>=NUMBER. */
static tsec_rc
take_part(size_t tee, struct tsec_span part, struct tsec_expr_part *out, struct tsec_err *err)
{
    const uint8_t *equals = part.len == 0 ? NULL : memchr(part.ptr, '=', part.len);
    struct claim claim = { 0 };

    if (equals == NULL || equals == part.ptr) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "\"%.*s\" is not CLAIM=VALUE", (int)part.len,
                         (const char *)part.ptr);
    }
    out->at_least = equals[-1] == '>';

    const struct tsec_span name =
        tsec_span(part.ptr, (size_t)(equals - part.ptr) - (out->at_least ? 1 : 0));

    if (!find_claim(tee, name, &claim) || name.len >= sizeof(out->name)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s has no claim \"%.*s\"", tees[tee].name,
                         (int)name.len, (const char *)name.ptr);
    }
    memcpy(out->name, name.ptr, name.len);
    return take_value(&claim, tsec_span(equals + 1, part.len - (size_t)(equals - part.ptr) - 1),
                      out, err);
}

/* Two different values of one claim can never both hold, and the same one twice is a slip. */
static bool
is_named_before(const struct tsec_expr *expr)
{
    const struct tsec_expr_part *last = &expr->parts[expr->parts_len - 1];

    for (const struct tsec_expr_part *p = expr->parts; p < last; p++) {
        if (strcmp(p->name, last->name) == 0) {
            return true;
        }
    }
    return false;
}

static tsec_rc
take_parts(size_t tee, struct tsec_span rest, struct tsec_expr *out, struct tsec_err *err)
{
    for (;;) {
        const uint8_t *comma = rest.len == 0 ? NULL : memchr(rest.ptr, ',', rest.len);
        const size_t len = comma == NULL ? rest.len : (size_t)(comma - rest.ptr);

        if (out->parts_len == TSEC_EXPR_PARTS) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "more than %d parts", (int)TSEC_EXPR_PARTS);
        }
        TSEC_TRY(take_part(tee, tsec_span(rest.ptr, len), &out->parts[out->parts_len++], err));
        if (is_named_before(out)) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "names %s twice",
                             out->parts[out->parts_len - 1].name);
        }
        if (comma == NULL) {
            return TSEC_OK;
        }
        rest = tsec_span(comma + 1, rest.len - len - 1);
    }
}

static tsec_rc
take_bare(struct tsec_span digits, struct tsec_expr *out, struct tsec_err *err)
{
    struct tsec_expr_part *part = &out->parts[0];

    if (digits.len != 96 && digits.len != 64) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%zu hex digits; a measurement has 96 or 64",
                         digits.len);
    }
    if (!tsec_hex_decode(digits, part->value, digits.len / 2)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "neither hex digits nor TEE:CLAIM=VALUE,...");
    }
    if (tsec_span_zero(tsec_span(part->value, digits.len / 2))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "all zeroes is what a debug TEE shows");
    }
    (void)snprintf(part->name, sizeof(part->name), "measurement");
    part->kind = BYTES;
    part->len = digits.len / 2;
    out->parts_len = 1;
    return TSEC_OK;
}

tsec_rc
tsec_expr_parse(struct tsec_span text, struct tsec_expr *out, struct tsec_err *err)
{
    const uint8_t *colon = text.len == 0 ? NULL : memchr(text.ptr, ':', text.len);

    memset(out, 0, sizeof(*out));
    if (text.len == 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "empty; write TEE:CLAIM=VALUE,... or hex digits");
    }
    if (colon == NULL) {
        return take_bare(text, out, err);
    }

    const struct tsec_span name = tsec_span(text.ptr, (size_t)(colon - text.ptr));
    const size_t tee = find_tee(name);

    if (tee == TSEC_ARRAY_LEN(tees)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "\"%.*s\" is no TEE; it is one of " TEE_NAMES,
                         (int)name.len, (const char *)name.ptr);
    }
    (void)snprintf(out->tee, sizeof(out->tee), "%s", tees[tee].name);
    return take_parts(tee, tsec_span(colon + 1, text.len - name.len - 1), out, err);
}

static bool
names(const struct tsec_expr *expr, const char *name)
{
    for (size_t i = 0; i < expr->parts_len; i++) {
        if (strcmp(expr->parts[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

const char *
tsec_expr_warning(const struct tsec_expr *expr)
{
    if (expr->tee[0] == '\0') {
        return expr->parts[0].len == 48
                   ? "a bare measurement is PCR0 alone on Nitro, where two images can share it; "
                     "write nitro:pcr0=...,pcr1=...,pcr2=..."
                   : NULL;
    }
    if (strcmp(expr->tee, "nitro") == 0
        && (!names(expr, "pcr0") || !names(expr, "pcr1") || !names(expr, "pcr2"))) {
        return "without all of pcr0, pcr1 and pcr2 two images can look the same";
    }
    if (strcmp(expr->tee, "nitro-tpm") == 0 && !names(expr, "pcr7")
        && (!names(expr, "pcr4") || !names(expr, "pcr12"))) {
        return "without pcr4 and pcr12 (what was booted and its command line), or pcr7, it admits "
               "the system of anybody";
    }
    if (strcmp(expr->tee, "sgx") == 0 && !names(expr, "mrenclave")) {
        if (!names(expr, "mrsigner")) {
            return "without mrenclave or mrsigner it admits the code of anybody";
        }
        return names(expr, "prod_id") ? NULL
                                      : "mrsigner without prod_id admits all code of its "
                                        "signer";
    }
    if (strcmp(expr->tee, "tdx") == 0 && !names(expr, "mrtd")) {
        return "without mrtd it admits the firmware of anybody";
    }
    if (strcmp(expr->tee, "snp") == 0 && !names(expr, "measurement") && !names(expr, "id_key")
        && !names(expr, "author_key")) {
        return "without measurement, id_key or author_key it admits the code of anybody";
    }
    if (strcmp(expr->tee, "azure-cvm") == 0 && !names(expr, "measurement") && !names(expr, "id_key")
        && !names(expr, "author_key")) {
        return "without id_key, author_key or measurement anybody's firmware can claim these PCRs";
    }
    return NULL;
}
