/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a backup's objects, in the types that they must have. */
#include "base/base64.h"
#include "codec/json_scan.h"
#include "core/transit_backup_form.h"
#include "core/transit_transfer.h"

static tsec_rc
wrong(const char *name, const char *what, struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_INVALID, "the backup is not one: \"%s\" is not %s", name, what);
}

tsec_rc
backup_i64(struct tsec_span object, const char *name, int64_t *out, struct tsec_err *err)
{
    struct tsec_span value = { NULL, 0 };
    const enum tsec_json_type type = tsec_json_member(object, name, &value);

    *out = 0;
    if (type == TSEC_JSON_NONE || type == TSEC_JSON_NULL) {
        return TSEC_OK;
    }
    return type == TSEC_JSON_NUMBER && tsec_json_to_i64(value, out)
               ? TSEC_OK
               : wrong(name, "a whole number", err);
}

tsec_rc
backup_bool(struct tsec_span object, const char *name, bool *out, struct tsec_err *err)
{
    struct tsec_span value = { NULL, 0 };
    const enum tsec_json_type type = tsec_json_member(object, name, &value);

    *out = type == TSEC_JSON_TRUE;
    return type == TSEC_JSON_NONE || type == TSEC_JSON_NULL || type == TSEC_JSON_TRUE
                   || type == TSEC_JSON_FALSE
               ? TSEC_OK
               : wrong(name, "true or false", err);
}

static tsec_rc
unescape(struct tsec_span raw, struct tsec_buf *out, struct tsec_err *err)
{
    tsec_json_unescape(out, raw);
    return tsec_buf_check(out, err);
}

tsec_rc
backup_text(struct tsec_span object, const char *name, struct tsec_arena *arena, const char **out,
            struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TRANSIT_BACKUP_MAX);
    struct tsec_span value = { NULL, 0 };
    const enum tsec_json_type type = tsec_json_member(object, name, &value);

    *out = NULL;
    if (type == TSEC_JSON_NONE || type == TSEC_JSON_NULL) {
        return TSEC_OK;
    }
    if (type != TSEC_JSON_STRING) {
        return wrong(name, "a string", err);
    }
    TSEC_TRY(unescape(value, &text, err));
    *out = tsec_arena_dup(arena, tsec_buf_span(&text));
    return *out != NULL ? TSEC_OK : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a backup");
}

tsec_rc
backup_decode(struct tsec_span raw, struct tsec_arena *arena, struct tsec_span *out,
              struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TRANSIT_BACKUP_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TRANSIT_BACKUP_MAX);
    const char *copy;

    *out = tsec_span(NULL, 0);
    if (tsec_json_type_of(raw) != TSEC_JSON_STRING) {
        return wrong("key", "base64", err);
    }
    TSEC_TRY(unescape(raw, &text, err));
    if (tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, tsec_buf_span(&text), NULL))) {
        return wrong("key", "base64", err);
    }
    copy = tsec_arena_dup(arena, tsec_buf_span(&bytes));
    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a backup");
    }
    *out = tsec_span(copy, bytes.len);
    return TSEC_OK;
}

tsec_rc
backup_bytes(struct tsec_span object, const char *name, struct tsec_arena *arena,
             struct tsec_span *out, struct tsec_err *err)
{
    struct tsec_span value = { NULL, 0 };
    const enum tsec_json_type type = tsec_json_member(object, name, &value);
    tsec_rc rc;

    *out = tsec_span(NULL, 0);
    if (type == TSEC_JSON_NONE || type == TSEC_JSON_NULL) {
        return TSEC_OK;
    }
    rc = backup_decode(value, arena, out, err);
    return rc.code == TSEC_E_INVALID ? wrong(name, "base64", err) : rc;
}

tsec_rc
backup_container(struct tsec_span object, const char *name, bool array, struct tsec_span *out,
                 struct tsec_err *err)
{
    const enum tsec_json_type wanted = array ? TSEC_JSON_ARRAY : TSEC_JSON_OBJECT;
    struct tsec_span value = { NULL, 0 };
    const enum tsec_json_type type = tsec_json_member(object, name, &value);

    *out = tsec_span(NULL, 0);
    if (type == TSEC_JSON_NONE || type == TSEC_JSON_NULL) {
        return TSEC_OK;
    }
    if (type != wanted) {
        return wrong(name, array ? "an array" : "an object", err);
    }
    *out = value;
    return TSEC_OK;
}
