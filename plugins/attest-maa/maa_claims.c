/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_claims.h"

#include <inttypes.h>
#include <stdio.h>

#include "appraisal/claims.h"
#include "base/hex.h"
#include "maa_json.h"

/* Further places a claim goes to, besides the entry of its name. */
enum slot {
    ENTRY,
    MEASUREMENT,
    SIGNER,
    REPORT_DATA,
    SVN,
    DEBUG,
    INSTANCE,
    TCB_STATUS,
    TCB_DATE,
};

enum kind { HEX, NUMBER, BOOL, TEXT, HASH };
enum need { MAY, MUST };

struct row {
    enum maa_field field;
    enum kind kind;
    uint64_t size; /* HEX: bytes; NUMBER: the largest; TEXT: bytes at most */
    enum need need;
    enum slot slot;
    const char *entry; /* NULL: none */
};

enum { U8 = 0xff, U16 = 0xffff };
#define U32 UINT32_MAX

/* The end of the year 9999: later than any certificate, and exact in every JSON reader. */
static const uint64_t time_max = UINT64_C(253402300799);

static const struct row sgx_rows[] = {
    { MAA_SGX_DEBUG, BOOL, 0, MUST, DEBUG, NULL },
    { MAA_SGX_MRENCLAVE, HEX, 32, MUST, MEASUREMENT, "mrenclave" },
    { MAA_SGX_MRSIGNER, HEX, 32, MUST, SIGNER, "mrsigner" },
    { MAA_SGX_PRODUCT_ID, NUMBER, U16, MUST, ENTRY, "prod_id" },
    { MAA_SGX_SVN, NUMBER, U16, MUST, SVN, "svn" },
    { MAA_SGX_REPORT_DATA, HEX, 64, MAY, REPORT_DATA, NULL },
    { MAA_SGX_CONFIG_ID, HEX, 64, MAY, ENTRY, "config_id" },
    { MAA_SGX_CONFIG_SVN, NUMBER, U16, MAY, ENTRY, "config_svn" },
    { MAA_SGX_EXT_PRODUCT_ID, HEX, 16, MAY, ENTRY, "ext_prod_id" },
    { MAA_SGX_FAMILY_ID, HEX, 16, MAY, ENTRY, "family_id" },
};

static const struct row snp_rows[] = {
    { MAA_SNP_DEBUG, BOOL, 0, MUST, DEBUG, NULL },
    { MAA_SNP_MEASUREMENT, HEX, 48, MUST, MEASUREMENT, "measurement" },
    { MAA_SNP_REPORT_DATA, HEX, 64, MUST, REPORT_DATA, NULL },
    { MAA_SNP_ID_KEY, HEX, 48, MAY, SIGNER, "id_key" },
    { MAA_SNP_AUTHOR_KEY, HEX, 48, MAY, ENTRY, "author_key" },
    { MAA_SNP_FAMILY_ID, HEX, 16, MAY, ENTRY, "family_id" },
    { MAA_SNP_IMAGE_ID, HEX, 16, MAY, ENTRY, "image_id" },
    { MAA_SNP_HOST_DATA, HEX, 32, MAY, ENTRY, "host_data" },
    { MAA_SNP_REPORT_ID, HEX, 32, MAY, ENTRY, "report_id" },
    { MAA_SNP_CHIP_ID, HEX, 64, MAY, INSTANCE, "chip_id" },
    { MAA_SNP_GUEST_SVN, NUMBER, U32, MUST, SVN, "svn" },
    { MAA_SNP_VMPL, NUMBER, 3, MUST, ENTRY, "vmpl" },
    { MAA_SNP_BOOTLOADER, NUMBER, U8, MAY, ENTRY, "tcb_bootloader" },
    { MAA_SNP_TEE, NUMBER, U8, MAY, ENTRY, "tcb_tee" },
    { MAA_SNP_FIRMWARE, NUMBER, U8, MAY, ENTRY, "tcb_snp" },
    { MAA_SNP_MICROCODE, NUMBER, U8, MAY, ENTRY, "tcb_microcode" },
    { MAA_SNP_SMT, BOOL, 0, MAY, ENTRY, "smt_allowed" },
    { MAA_SNP_MIGRATION, BOOL, 0, MAY, ENTRY, "migration_allowed" },
};

static const struct row tdx_rows[] = {
    { MAA_TDX_DEBUG, BOOL, 0, MUST, DEBUG, NULL },
    { MAA_TDX_MRTD, HEX, 48, MUST, MEASUREMENT, "mrtd" },
    { MAA_TDX_MRSEAM, HEX, 48, MAY, ENTRY, "mrseam" },
    { MAA_TDX_RTMR0, HEX, 48, MAY, ENTRY, "rtmr0" },
    { MAA_TDX_RTMR1, HEX, 48, MAY, ENTRY, "rtmr1" },
    { MAA_TDX_RTMR2, HEX, 48, MAY, ENTRY, "rtmr2" },
    { MAA_TDX_RTMR3, HEX, 48, MAY, ENTRY, "rtmr3" },
    { MAA_TDX_ATTRIBUTES, HEX, 8, MAY, ENTRY, "td_attributes" },
    { MAA_TDX_XFAM, HEX, 8, MAY, ENTRY, "xfam" },
    { MAA_TDX_CONFIG_ID, HEX, 48, MAY, ENTRY, "mrconfigid" },
    { MAA_TDX_OWNER, HEX, 48, MAY, ENTRY, "mrowner" },
    { MAA_TDX_OWNER_CONFIG, HEX, 48, MAY, ENTRY, "mrownerconfig" },
    { MAA_TDX_REPORT_DATA, HEX, 64, MUST, REPORT_DATA, NULL },
    { MAA_TDX_TCB_SVN, HEX, 16, MAY, ENTRY, "tee_tcb_svn" },
    { MAA_TDX_TCB_STATUS, TEXT, 64, MAY, TCB_STATUS, NULL },
    { MAA_TDX_TCB_DATE, TEXT, 23, MAY, TCB_DATE, NULL },
};

/* Of the token as a whole. */
static const struct row token_rows[] = {
    { MAA_POLICY_HASH, HASH, 32, MAY, ENTRY, "policy_hash" },
    { MAA_TYPE, TEXT, 32, MUST, ENTRY, "attestation_type" },
    { MAA_JTI, TEXT, TSEC_CLAIM_VALUE_MAX, MAY, ENTRY, "jti" },
    { MAA_VM_ID, TEXT, 64, MAY, ENTRY, "vm_id" },
    { MAA_SECURE_BOOT, BOOL, 0, MAY, ENTRY, "secure_boot" },
    { MAA_VM_BOOT_DEBUG, BOOL, 0, MAY, DEBUG, NULL },
    { MAA_VM_HYPERVISOR_DEBUG, BOOL, 0, MAY, DEBUG, NULL },
    { MAA_VM_KERNEL_DEBUG, BOOL, 0, MAY, DEBUG, NULL },
};

static const struct row compliance_row = {
    MAA_COMPLIANCE, TEXT, 64, MAY, ENTRY, "compliance_status"
};

/* ---- one claim ---- */

struct value {
    uint64_t number;
    struct tsec_span bytes;
    uint8_t room[64];
    struct tsec_buf copy;
};

static bool
read_hex(struct tsec_span raw, size_t len, struct value *out)
{
    out->bytes = tsec_span(out->room, len);
    return len <= sizeof(out->room) && maa_hex(raw, out->room, len);
}

static bool
read_hash(struct tsec_span raw, size_t len, struct value *out)
{
    const bool good = maa_base64(raw, TSEC_BASE64_URL, &out->copy);

    out->bytes = tsec_buf_span(&out->copy);
    return good && out->bytes.len == len;
}

static bool
read_bool(struct tsec_span raw, struct value *out)
{
    bool flag = false;
    const bool good = maa_bool(raw, &flag);

    out->number = flag ? 1 : 0;
    return good;
}

static bool
read_value(struct tsec_span raw, const struct row *row, struct value *out)
{
    switch (row->kind) {
    case HEX:
        return read_hex(raw, row->size, out);
    case HASH:
        return read_hash(raw, row->size, out);
    case TEXT:
        return maa_string(raw, &out->copy, &out->bytes) && out->bytes.len <= row->size;
    case NUMBER:
        return maa_number(raw, row->size, &out->number);
    case BOOL:
    default:
        return read_bool(raw, out);
    }
}

static void
put_entry(struct tsec_claims *claims, const struct row *row, const struct value *v)
{
    const struct tsec_span bytes = v->bytes;

    if (row->entry == NULL) {
        return;
    }
    if (row->kind == NUMBER) {
        tsec_claims_add_number(claims, row->entry, v->number);
    } else if (row->kind == BOOL) {
        tsec_claims_add_bool(claims, row->entry, v->number != 0);
    } else if (row->kind == TEXT) {
        tsec_claims_add_text(claims, row->entry, bytes);
    } else {
        tsec_claims_add_bytes(claims, row->entry, bytes);
    }
}

static bool
put_tcb_status(struct tsec_claims *claims, struct tsec_span name)
{
    enum tsec_tcb_status status = TSEC_TCB_UNKNOWN;
    const bool known = tsec_tcb_status_parse(name, &status);

    claims->tcb_status = (uint32_t)(known ? status : TSEC_TCB_UNKNOWN);
    return known;
}

static bool
put_slot(struct tsec_claims *claims, const struct row *row, const struct value *v)
{
    const struct tsec_span bytes = v->bytes;

    switch (row->slot) {
    case MEASUREMENT:
        memcpy(claims->measurement, bytes.ptr, bytes.len);
        claims->measurement_len = bytes.len;
        return true;
    case SIGNER:
        memcpy(claims->signer, bytes.ptr, bytes.len);
        claims->signer_len = bytes.len;
        return true;
    case REPORT_DATA:
        memcpy(claims->report_data, bytes.ptr, bytes.len);
        claims->report_data_len = bytes.len;
        return true;
    case SVN:
        claims->has_svn = true;
        claims->svn = v->number;
        return true;
    case DEBUG:
        claims->debug = claims->debug || v->number != 0;
        return true;
    case INSTANCE:
        tsec_hex_encode(bytes, claims->instance);
        return true;
    case TCB_STATUS:
        return put_tcb_status(claims, bytes);
    case TCB_DATE:
        (void)snprintf(claims->tcb_date, sizeof(claims->tcb_date), "%.*s", (int)bytes.len,
                       (const char *)bytes.ptr);
        return true;
    case ENTRY:
    default:
        return true;
    }
}

static tsec_rc
wrong_type(const struct row *row, struct tsec_err *err)
{
    static const char *const kinds[] = { [HEX] = "bytes in hex",
                                         [NUMBER] = "a number",
                                         [BOOL] = "true or false",
                                         [TEXT] = "a text",
                                         [HASH] = "a digest in base64url" };

    if (row->kind == HEX || row->kind == HASH) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s: not %s of %" PRIu64 " bytes",
                         maa_field_name(row->field), kinds[row->kind], row->size);
    }
    if (row->kind == NUMBER) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s: not a number from 0 to %" PRIu64,
                         maa_field_name(row->field), row->size);
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "%s: not %s", maa_field_name(row->field),
                     kinds[row->kind]);
}

static tsec_rc
read_row(const struct row *row, const struct tsec_span *fields, struct tsec_claims *claims,
         struct tsec_err *err)
{
    struct value v = { .copy = TSEC_BUF_INIT(MAA_STRING_MAX) };
    const struct tsec_span raw = fields[row->field];
    bool good;

    if (!maa_has(raw)) {
        return row->need == MAY ? TSEC_OK
                                : TSEC_FAIL(err, TSEC_E_INVALID, "%s: not in the token",
                                            maa_field_name(row->field));
    }
    good = read_value(raw, row, &v) && put_slot(claims, row, &v);
    if (good) {
        put_entry(claims, row, &v);
    }
    tsec_buf_done(&v.copy);
    return good ? TSEC_OK : wrong_type(row, err);
}

static tsec_rc
read_rows(const struct row *rows, size_t n, const struct tsec_span *fields,
          struct tsec_claims *claims, struct tsec_err *err)
{
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(read_row(&rows[i], fields, claims, err));
    }
    return TSEC_OK;
}

/* ---- the token ---- */

static tsec_rc
read_time(const struct maa_token *token, enum maa_field field, int64_t *out, struct tsec_err *err)
{
    uint64_t n = 0;

    if (!maa_number(token->outer[field], time_max, &n)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s: not seconds since 1970", maa_field_name(field));
    }
    *out = (int64_t)n;
    return TSEC_OK;
}

/* A URL: nothing that a log or a terminal could stumble over. */
static bool
is_plain(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~') {
            return false;
        }
    }
    return true;
}

static tsec_rc
read_issuer(const struct maa_token *token, struct tsec_claims *claims, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf copy = TSEC_BUF_INIT(MAA_STRING_MAX);
    struct tsec_span text;

    if (!maa_string(token->outer[MAA_ISS], &copy, &text) || text.len >= sizeof(claims->issuer)
        || !is_plain(text)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "iss: no plain text of less than %zu bytes",
                         sizeof(claims->issuer));
    }
    if (text.len > 0) {
        memcpy(claims->issuer, text.ptr, text.len);
    }
    claims->issuer[text.len] = '\0';
    return TSEC_OK;
}

static const struct family {
    const char *type; /* x-ms-attestation-type of the TEE */
    const char *tee;
    bool in_vm; /* may stand below an "azurevm" */
    uint32_t tcb_status;
    const struct row *rows;
    size_t rows_len;
} families[] = {
    { "sgx", "sgx", false, TSEC_TCB_NONE, sgx_rows, TSEC_ARRAY_LEN(sgx_rows) },
    { "sevsnpvm", "snp", true, TSEC_TCB_NONE, snp_rows, TSEC_ARRAY_LEN(snp_rows) },
    { "tdxvm", "tdx", true, TSEC_TCB_UNKNOWN, tdx_rows, TSEC_ARRAY_LEN(tdx_rows) },
};

static tsec_rc
find_family(const struct maa_token *token, const struct family **out, struct tsec_err *err)
{
    const struct tsec_span type = maa_token_tee(token)[MAA_TYPE];

    /* A virtual machine is as good as the TEE below it; without one there is nothing to hold to. */
    if (maa_says(token->outer[MAA_TYPE], "azurevm") != token->nested) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "x-ms-isolation-tee: an azurevm token must have it, and no other");
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(families); i++) {
        if (maa_says(type, families[i].type) && (!token->nested || families[i].in_vm)) {
            *out = &families[i];
            return TSEC_OK;
        }
    }
    return TSEC_FAIL(err, TSEC_E_DENIED,
                     "x-ms-attestation-type: none of sgx, sevsnpvm, tdxvm, azurevm");
}

tsec_rc
maa_claims_read(const struct maa_token *token, struct tsec_claims *claims, struct tsec_err *err)
{
    const struct tsec_span *tee = maa_token_tee(token);
    const struct family *family = NULL;

    TSEC_TRY(read_issuer(token, claims, err));
    TSEC_TRY(read_time(token, MAA_EXP, &claims->not_after, err));
    TSEC_TRY(read_time(token, MAA_NBF, &claims->not_before, err));
    TSEC_TRY(read_time(token, MAA_IAT, &claims->issued_at, err));
    claims->has_issued_at = true;
    TSEC_TRY(find_family(token, &family, err));
    (void)snprintf(claims->tee, sizeof(claims->tee), "%s",
                   token->nested ? "azure-cvm" : family->tee);
    claims->tcb_status = family->tcb_status;
    TSEC_TRY(read_rows(family->rows, family->rows_len, tee, claims, err));
    TSEC_TRY(read_row(&compliance_row, tee, claims, err));
    return read_rows(token_rows, TSEC_ARRAY_LEN(token_rows), token->outer, claims, err);
}
