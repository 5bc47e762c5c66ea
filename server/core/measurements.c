/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measurements.h"

#include <stdlib.h>

#include "appraisal/expr.h"
#include "attest/allowlist.h"
#include "codec/json_fields.h"
#include "core/strings.h"

static const char MEASUREMENTS_KEY[] = "sys/measurements";
static const char DOCUMENT_TYPE[] = "tee-secrets/measurements/1";

static const struct record_field measurements_fields[] = {
    RECORD_FIELD(measurements, sequence, RECORD_I64),
    RECORD_FIELD(measurements, entries, RECORD_STRINGS),
    RECORD_FIELD(measurements, signer, RECORD_STR),
    RECORD_FIELD(measurements, updated_ns, RECORD_I64),
    RECORD_FIELD(measurements, document, RECORD_BYTES),
    RECORD_FIELD(measurements, signature, RECORD_BYTES),
};
static const struct record_type measurements_record = { "measurements", 1,
                                                        sizeof(struct measurements),
                                                        measurements_fields,
                                                        TSEC_ARRAY_LEN(measurements_fields) };

static tsec_rc
measurements_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&measurements_record, payload, object, err);
}

static const struct txn_object_type measurements_object = { "measurements", measurements_decode,
                                                            record_free };

tsec_rc
measurements_read(struct txn *txn, const struct measurements **out, struct tsec_err *err)
{
    static const struct measurements none = { .signer = "" };
    const void *object = NULL;
    const tsec_rc rc =
        txn_object(txn, tsec_span_str(MEASUREMENTS_KEY), &measurements_object, &object, err);

    *out = &none;
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    *out = object;
    return TSEC_OK;
}

tsec_rc
measurements_store(struct txn *txn, const struct measurements *list, struct tsec_err *err)
{
    return record_put(txn, tsec_span_str(MEASUREMENTS_KEY), &measurements_record, list, err);
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
measurements_has(const struct measurements *list, const char *entry)
{
    return list->entries.len > 0
           && bsearch(&entry, list->entries.items, list->entries.len, sizeof(entry), compare)
                  != NULL;
}

/* ---- a document ---- */

static tsec_rc
wrong(struct tsec_err *err, const char *what)
{
    return TSEC_FAIL(err, TSEC_E_INVALID, "%s", what);
}

static tsec_rc
read_entry(struct tsec_arena *arena, const json_t *value, size_t i, const char **out,
           struct tsec_err *err)
{
    const struct tsec_span text = { (const uint8_t *)json_string_value(value),
                                    json_string_length(value) };
    struct tsec_err why = { 0 };
    struct tsec_expr expr;

    if (!json_is_string(value) || text.len > ALLOWLIST_ENTRY_MAX
        || memchr(text.ptr, '\0', text.len) != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "measurement %zu is not text, or too long", i + 1);
    }
    if (tsec_failed(tsec_expr_parse(text, &expr, &why))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "measurement %zu: %s", i + 1, why.detail);
    }
    *out = tsec_arena_dup(arena, text);
    return *out == NULL ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "measurements") : TSEC_OK;
}

/* Sorted, so that one is found quickly, and two lists compared. */
static tsec_rc
read_entries(struct tsec_arena *arena, const json_t *array, struct tsec_strings *out,
             struct tsec_err *err)
{
    const size_t n = json_array_size(array);
    const char **items;

    if (!json_is_array(array) || n > MEASUREMENTS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "\"measurements\" must be a list of at most %d",
                         (int)MEASUREMENTS_MAX);
    }
    items = tsec_arena_alloc(arena, (n + 1) * sizeof(*items));
    if (items == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "measurements");
    }
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(read_entry(arena, json_array_get(array, i), i, &items[i], err));
    }
    qsort(items, n, sizeof(*items), compare);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(items[i - 1], items[i]) == 0) {
            return wrong(err, "a measurement is in the list twice");
        }
    }
    *out = (struct tsec_strings){ items, n };
    return TSEC_OK;
}

static bool
is_text(const json_t *value, const char *expected)
{
    return json_is_string(value) && json_string_length(value) == strlen(expected)
           && strcmp(json_string_value(value), expected) == 0;
}

tsec_rc
measurements_parse(struct tsec_arena *arena, struct tsec_span document, const char *ledger,
                   struct measurements *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *object = NULL;
    const json_t *sequence;

    if (document.len == 0 || document.len > MEASUREMENTS_DOC_MAX) {
        return wrong(err, "the document is empty or too large");
    }
    if (tsec_failed(tsec_json_parse(document, &object, NULL))) {
        return wrong(err, "the document is not a JSON object");
    }
    sequence = json_object_get(object, "sequence");
    if (!is_text(json_object_get(object, "type"), DOCUMENT_TYPE)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "\"type\" must be \"%s\"", DOCUMENT_TYPE);
    }
    if (!is_text(json_object_get(object, "ledger"), ledger)) {
        return wrong(err, "the document is for another ledger");
    }
    if (!json_is_integer(sequence) || json_integer_value(sequence) < 1) {
        return wrong(err, "\"sequence\" must be a whole number from 1");
    }
    TSEC_TRY(read_entries(arena, json_object_get(object, "measurements"), &out->entries, err));
    if (json_object_size(object) != 4) {
        return wrong(err, "the document has a member that is not known");
    }
    out->sequence = json_integer_value(sequence);
    out->document = document;
    return TSEC_OK;
}
