/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_fields.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json_scan.h"
#include "codec/json_typed.h"

/* jansson grows by new, copy, free: zeroing what is freed covers all that it held.  The usable size
 * is at least what was asked for, and every byte of it is ours. */
static void
wipe_free(void *ptr)
{
    if (ptr != NULL) {
        explicit_bzero(ptr, malloc_usable_size(ptr));
        free(ptr);
    }
}

void
tsec_json_setup(void)
{
    json_set_alloc_funcs(malloc, wipe_free);
}

static tsec_rc
take_object(json_t *json, json_t **out, struct tsec_err *err)
{
    if (json_is_object(json)) {
        *out = json;
        return TSEC_OK;
    }

    const bool null = json_is_null(json);

    json_decref(json);
    if (!null) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the body must be a JSON object");
    }
    *out = json_object();
    return *out != NULL ? TSEC_OK : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "JSON object");
}

tsec_rc
tsec_json_parse(struct tsec_span body, json_t **out, struct tsec_err *err)
{
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    json_error_t why; /* its text quotes the input: never looked at */

    if (tsec_json_trim(body).len == 0) {
        *out = json_object();
        return *out != NULL ? TSEC_OK : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "JSON object");
    }
    TSEC_TRY(tsec_json_check(body, &limits, err));

    json_t *json = json_loadb((const char *)body.ptr, body.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    const enum json_error_code code = json != NULL ? json_error_unknown : json_error_code(&why);

    explicit_bzero(&why, sizeof(why));
    if (json != NULL) {
        return take_object(json, out, err);
    }
    if (code == json_error_out_of_memory) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "JSON body");
    }
    /* what passes the check and not jansson is a number past its range */
    return TSEC_FAIL(err, TSEC_E_INVALID, "the body holds a number that is out of range");
}

static bool
is_known(const struct tsec_json_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (tsec_span_is(tsec_span_str(name), fields[i].name)) {
            return true;
        }
    }
    return false;
}

/* The unknown name is not told: it is input.  What is known here is. */
static tsec_rc
refuse_unknown(const struct tsec_json_field *fields, size_t n, struct tsec_err *err)
{
    char known[140] = "";
    size_t len = 0;

    for (size_t i = 0; i < n && len < sizeof(known); i++) {
        const int more =
            snprintf(known + len, sizeof(known) - len, "%s%s", i == 0 ? "" : ", ", fields[i].name);

        len += more > 0 ? (size_t)more : 0;
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "the body has an unknown field; known are: %s", known);
}

static tsec_rc
check_known(const json_t *object, const struct tsec_json_field *fields, size_t n,
            struct tsec_err *err)
{
    json_t *borrowed = (json_t *)(uintptr_t)object; /* the iterator is not const, and only reads */

    for (void *it = json_object_iter(borrowed); it != NULL;
         it = json_object_iter_next(borrowed, it)) {
        if (!is_known(fields, n, json_object_iter_key(it))) {
            return refuse_unknown(fields, n, err);
        }
    }
    return TSEC_OK;
}

tsec_rc
tsec_json_read(const json_t *object, const struct tsec_json_field *fields, size_t n, bool strict,
               struct tsec_arena *arena, struct tsec_err *err)
{
    if (!json_is_object(object)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the body must be a JSON object");
    }
    if (strict) {
        TSEC_TRY(check_known(object, fields, n, err));
    }
    for (size_t i = 0; i < n; i++) {
        json_t *value = json_object_get(object, fields[i].name);
        const bool given = value != NULL && !json_is_null(value);

        if (!given && fields[i].required) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" is required", fields[i].name);
        }
        if (fields[i].given != NULL) {
            *fields[i].given = given;
        }
        if (given) {
            TSEC_TRY(tsec_json_typed(value, &fields[i], arena, err));
        }
    }
    return TSEC_OK;
}
