/* SPDX-License-Identifier: Apache-2.0 */
#include "nitro_doc.h"

#include <stdio.h>

#include "codec/cbor.h"

/* What goes into claims, accounts and logs as it stands. */
static bool
is_plain(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return true;
}

/* ---- one reader for each field ---- */

static tsec_rc
read_module_id(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    TSEC_TRY(tsec_cbor_text(cbor, &doc->module_id, err));
    if (doc->module_id.len == 0 || doc->module_id.len > NITRO_MODULE_ID_MAX
        || !is_plain(doc->module_id)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "1 to %d letters, digits, '-', '_' and '.' expected, %zu bytes found",
                         NITRO_MODULE_ID_MAX, doc->module_id.len);
    }
    return TSEC_OK;
}

static tsec_rc
read_digest(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    struct tsec_span name;

    (void)doc;
    TSEC_TRY(tsec_cbor_text(cbor, &name, err));
    if (!tsec_span_is(name, "SHA384")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "\"SHA384\" expected, something else found");
    }
    return TSEC_OK;
}

static tsec_rc
read_timestamp(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    TSEC_TRY(tsec_cbor_uint(cbor, &doc->timestamp_ms, err));
    if (doc->timestamp_ms == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "milliseconds since 1970 expected, 0 found");
    }
    return TSEC_OK;
}

static tsec_rc
read_pcr(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    struct tsec_span value;
    uint64_t index = 0;

    TSEC_TRY(tsec_cbor_uint(cbor, &index, err));
    if (index >= NITRO_PCRS) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "PCR0 to PCR%d expected, PCR%llu found",
                         NITRO_PCRS - 1, (unsigned long long)index);
    }
    TSEC_TRY(tsec_cbor_bytes(cbor, &value, err));
    if (doc->pcrs[index].ptr != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "PCR%u is there twice", (unsigned)index);
    }
    if (value.len != NITRO_PCR_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "PCR%u: %d bytes expected, %zu found",
                         (unsigned)index, NITRO_PCR_LEN, value.len);
    }
    doc->pcrs[index] = value;
    return TSEC_OK;
}

static tsec_rc
read_pcrs(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    struct tsec_cbor_map map;
    bool more = false;

    TSEC_TRY(tsec_cbor_map(cbor, NITRO_PCRS, false, &map, err));
    TSEC_TRY(tsec_cbor_map_next(cbor, &map, &more, err));
    while (more) {
        TSEC_TRY(read_pcr(cbor, doc, err));
        TSEC_TRY(tsec_cbor_map_next(cbor, &map, &more, err));
    }
    return TSEC_OK;
}

static tsec_rc
read_one_certificate(struct tsec_cbor *cbor, struct tsec_span *out, struct tsec_err *err)
{
    TSEC_TRY(tsec_cbor_bytes(cbor, out, err));
    if (out->len == 0 || out->len > NITRO_CERT_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "1 to %d bytes expected, %zu found", NITRO_CERT_MAX,
                         out->len);
    }
    return TSEC_OK;
}

static tsec_rc
read_certificate(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    return read_one_certificate(cbor, &doc->certificate, err);
}

static tsec_rc
read_cabundle(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    TSEC_TRY(tsec_cbor_array(cbor, NITRO_CABUNDLE_MAX, &doc->cabundle_len, err));
    if (doc->cabundle_len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "it is empty");
    }
    for (size_t i = 0; i < doc->cabundle_len; i++) {
        TSEC_TRY(read_one_certificate(cbor, &doc->cabundle[i], err));
    }
    return TSEC_OK;
}

static tsec_rc
read_optional(struct tsec_cbor *cbor, struct tsec_span *out, struct tsec_err *err)
{
    if (tsec_cbor_null(cbor)) {
        return TSEC_OK;
    }
    TSEC_TRY(tsec_cbor_bytes(cbor, out, err));
    if (out->len > NITRO_FIELD_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "at most %d bytes expected, %zu found",
                         NITRO_FIELD_MAX, out->len);
    }
    return TSEC_OK;
}

static tsec_rc
read_public_key(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    return read_optional(cbor, &doc->public_key, err);
}

static tsec_rc
read_user_data(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    return read_optional(cbor, &doc->user_data, err);
}

static tsec_rc
read_nonce(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err)
{
    return read_optional(cbor, &doc->nonce, err);
}

/* ---- the map ---- */

enum { FIELD_PCRS = 3, FIELD_TPM_PCRS = 4 };

static const struct field {
    const char *key;
    bool required;
    tsec_rc (*read)(struct tsec_cbor *cbor, struct nitro_doc *doc, struct tsec_err *err);
} fields[] = {
    { "module_id", true, read_module_id },
    { "digest", true, read_digest },
    { "timestamp", true, read_timestamp },
    [FIELD_PCRS] = { "pcrs", false, read_pcrs },
    [FIELD_TPM_PCRS] = { "nitrotpm_pcrs", false, read_pcrs },
    { "certificate", true, read_certificate },
    { "cabundle", true, read_cabundle },
    { "public_key", false, read_public_key },
    { "user_data", false, read_user_data },
    { "nonce", false, read_nonce },
};

static tsec_rc
find_field(struct tsec_span key, size_t *out, struct tsec_err *err)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(fields); i++) {
        if (tsec_span_is(key, fields[i].key)) {
            *out = i;
            return TSEC_OK;
        }
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "the key \"%.*s\" is not one of an attestation document",
                     is_plain(key) && key.len <= 32 ? (int)key.len : 0, (const char *)key.ptr);
}

/* A failure inside a field is worded with the field's name in front. */
static tsec_rc
read_field(const struct field *field, struct tsec_cbor *cbor, struct nitro_doc *doc,
           struct tsec_err *err)
{
    struct tsec_err why = { .code = 0 };
    const tsec_rc rc = field->read(cbor, doc, &why);

    if (tsec_failed(rc)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s: %s", field->key, why.detail);
    }
    return TSEC_OK;
}

static tsec_rc
read_entry(struct tsec_cbor *cbor, uint32_t *seen, struct nitro_doc *doc, struct tsec_err *err)
{
    struct tsec_span key;
    size_t i = 0;

    TSEC_TRY(tsec_cbor_text(cbor, &key, err));
    TSEC_TRY(find_field(key, &i, err));
    if ((*seen & UINT32_C(1) << i) != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the key %s is there twice", fields[i].key);
    }
    *seen |= UINT32_C(1) << i;
    return read_field(&fields[i], cbor, doc, err);
}

static tsec_rc
check_complete(uint32_t seen, struct nitro_doc *doc, struct tsec_err *err)
{
    const bool pcrs = (seen & UINT32_C(1) << FIELD_PCRS) != 0;

    doc->tpm = (seen & UINT32_C(1) << FIELD_TPM_PCRS) != 0;
    for (size_t i = 0; i < TSEC_ARRAY_LEN(fields); i++) {
        if (fields[i].required && (seen & UINT32_C(1) << i) == 0) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "the key %s is missing", fields[i].key);
        }
    }
    if (pcrs == doc->tpm) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         pcrs ? "pcrs and nitrotpm_pcrs are both there"
                              : "the key pcrs (or nitrotpm_pcrs) is missing");
    }
    return TSEC_OK;
}

static tsec_rc
check_pcrs(const struct nitro_doc *doc, struct tsec_err *err)
{
    static const size_t enclave[3] = { 0, 1, 2 };
    static const size_t tpm[3] = { 4, 7, 12 };
    const size_t *needed = doc->tpm ? tpm : enclave;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(enclave); i++) {
        if (doc->pcrs[needed[i]].ptr == NULL) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "%s: PCR%zu is missing",
                             fields[doc->tpm ? FIELD_TPM_PCRS : FIELD_PCRS].key, needed[i]);
        }
    }
    return TSEC_OK;
}

/* The two kinds come from the same keys: a document must not be taken for the other kind. */
static tsec_rc
check_module_id(const struct nitro_doc *doc, struct tsec_err *err)
{
    const bool tpm = memmem(doc->module_id.ptr, doc->module_id.len, "-tpm", 4) != NULL;

    if (tpm != doc->tpm) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "module_id: %.*s does not go with %s",
                         (int)doc->module_id.len, (const char *)doc->module_id.ptr,
                         fields[doc->tpm ? FIELD_TPM_PCRS : FIELD_PCRS].key);
    }
    return TSEC_OK;
}

tsec_rc
nitro_doc_parse(struct tsec_span payload, struct nitro_doc *out, struct tsec_err *err)
{
    struct tsec_cbor cbor = tsec_cbor(payload);
    struct tsec_cbor_map map;
    uint32_t seen = 0;
    bool more = false;

    memset(out, 0, sizeof(*out));
    TSEC_TRY(tsec_cbor_map(&cbor, TSEC_ARRAY_LEN(fields), true, &map, err));
    TSEC_TRY(tsec_cbor_map_next(&cbor, &map, &more, err));
    while (more) {
        TSEC_TRY(read_entry(&cbor, &seen, out, err));
        TSEC_TRY(tsec_cbor_map_next(&cbor, &map, &more, err));
    }
    TSEC_TRY(tsec_cbor_end(&cbor, err));
    TSEC_TRY(check_complete(seen, out, err));
    TSEC_TRY(check_pcrs(out, err));
    return check_module_id(out, err);
}
