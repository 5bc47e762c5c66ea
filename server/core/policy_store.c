/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_store.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/strings.h"
#include "core/token.h"

#define POLICY_PREFIX "sys/policy/"

static const char wrapping_text[] =
    "path \"sys/wrapping/unwrap\" { capabilities = [\"update\"] }\n"
    "path \"sys/wrapping/rewrap\" { capabilities = [\"update\"] }\n";

struct policy_row {
    const char *name;
    const char *text;
    int64_t modified_ns;
};

static const struct record_field policy_fields[] = {
    RECORD_FIELD(policy_row, name, RECORD_STR),
    RECORD_FIELD(policy_row, text, RECORD_STR),
    RECORD_FIELD(policy_row, modified_ns, RECORD_I64),
};
static const struct record_type policy_record = { "policy", 1, sizeof(struct policy_row),
                                                  policy_fields, TSEC_ARRAY_LEN(policy_fields) };

/* The row and what was compiled of it, freed together. */
struct policy_object {
    struct policy_entry entry;
    struct policy_row *row;
    struct policy *compiled;
};

static void
object_free(void *object)
{
    struct policy_object *policy = object;

    if (policy != NULL) {
        policy_free(policy->compiled);
        record_free(policy->row);
        free(policy);
    }
}

static tsec_rc
object_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    struct policy_object *policy = calloc(1, sizeof(*policy));
    void *row = NULL;
    tsec_rc rc;

    if (policy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a policy");
    }
    rc = record_decode(&policy_record, payload, &row, err);
    policy->row = row;
    if (!tsec_failed(rc)) {
        rc = policy_parse(tsec_span_str(policy->row->text), &policy->compiled, err);
    }
    if (tsec_failed(rc)) {
        object_free(policy);
        return rc;
    }
    policy->entry = (struct policy_entry){ policy->row->name, policy->row->text,
                                           policy->row->modified_ns, policy->compiled };
    *object = policy;
    return TSEC_OK;
}

static const struct txn_object_type policy_object = { "policy", object_decode, object_free };

static struct policy_entry root_entry = { "root", "", 0, NULL };
static struct policy_entry wrapping_entry = { TOKEN_WRAPPING_POLICY, wrapping_text, 0, NULL };
static pthread_once_t built_in_once = PTHREAD_ONCE_INIT;

static void
built_in(void)
{
    struct policy *wrapping = NULL;

    root_entry.policy = policy_root();
    if (!tsec_failed(policy_parse(tsec_span_str(wrapping_text), &wrapping, NULL))) {
        wrapping_entry.policy = wrapping; /* for the life of the process */
    }
}

const char *
policy_name(struct tsec_arena *arena, struct tsec_span name)
{
    char *out;

    if (name.len == 0 || name.len > POLICY_NAME_MAX || !tsec_utf8_valid(name)) {
        return NULL;
    }
    out = tsec_arena_dup(arena, name);
    if (out == NULL) {
        return NULL;
    }
    for (char *c = out; *c != '\0'; c++) {
        if ((unsigned char)*c <= 0x20 || *c == 0x7f || *c == '*') {
            return NULL;
        }
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
    return strlen(out) == name.len ? out : NULL;
}

tsec_rc
policy_find(struct txn *txn, const char *name, const struct policy_entry **out,
            struct tsec_err *err)
{
    const void *object = NULL;

    (void)pthread_once(&built_in_once, built_in);
    if (strcmp(name, TOKEN_ROOT_POLICY) == 0) {
        *out = &root_entry;
        return TSEC_OK;
    }
    if (strcmp(name, TOKEN_WRAPPING_POLICY) == 0) {
        *out = &wrapping_entry;
        return TSEC_OK;
    }
    TSEC_TRY(txn_object(txn, txn_key2(txn, POLICY_PREFIX, tsec_span_str(name)), &policy_object,
                        &object, err));
    *out = &((const struct policy_object *)object)->entry;
    return TSEC_OK;
}

tsec_rc
policy_write(struct txn *txn, const char *name, struct tsec_span text, struct tsec_err *err)
{
    TSEC_AUTO(policy_free) struct policy *compiled = NULL;
    struct policy_row row = { name, NULL, txn_now(txn) };

    if (strcmp(name, TOKEN_ROOT_POLICY) == 0 || strcmp(name, TOKEN_WRAPPING_POLICY) == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "cannot update \"%s\" policy", name);
    }
    TSEC_TRY(policy_parse(text, &compiled, err));
    if (memchr(text.ptr, '\0', text.len) != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse policy: a NUL byte");
    }
    row.text = tsec_arena_dup(txn_arena(txn), text);
    if (row.text == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a policy");
    }
    return record_put(txn, txn_key2(txn, POLICY_PREFIX, tsec_span_str(name)), &policy_record, &row,
                      err);
}

tsec_rc
policy_delete(struct txn *txn, const char *name, struct tsec_err *err)
{
    if (strcmp(name, TOKEN_ROOT_POLICY) == 0 || strcmp(name, TOKEN_WRAPPING_POLICY) == 0
        || strcmp(name, "default") == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "cannot delete \"%s\" policy", name);
    }
    return txn_delete(txn, txn_key2(txn, POLICY_PREFIX, tsec_span_str(name)), err);
}

tsec_rc
policy_names(struct txn *txn, struct tsec_strings *out, struct tsec_err *err)
{
    TSEC_TRY(
        record_names(txn, tsec_span_str(POLICY_PREFIX), tsec_span(NULL, 0), 0, true, out, err));
    *out = strings_with(txn_arena(txn), *out, TOKEN_ROOT_POLICY);
    return out->len == 0 ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "policy names") : TSEC_OK;
}

tsec_rc
policy_defaults(struct txn *txn, struct tsec_err *err)
{
    return policy_write(txn, "default", tsec_span_str(POLICY_DEFAULT_TEXT), err);
}

tsec_rc
policy_load(struct txn *txn, struct tsec_strings names, struct policy_set *out,
            struct tsec_err *err)
{
    const struct policy **items =
        tsec_arena_alloc(txn_arena(txn), (names.len + 1) * sizeof(*items));

    if (items == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "policies");
    }
    for (size_t i = 0; i < names.len; i++) {
        const struct policy_entry *entry = NULL;
        const tsec_rc rc = policy_find(txn, names.items[i], &entry, err);

        if (tsec_failed(rc) && rc.code != TSEC_E_NOT_FOUND) {
            return rc;
        }
        items[i] = tsec_failed(rc) ? NULL : entry->policy;
    }
    *out = (struct policy_set){ items, names.len };
    return TSEC_OK;
}
