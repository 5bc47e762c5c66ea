/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit.h"

#include "api/routes.h"
#include "base/base64.h"
#include "core/mount.h"

const char *
transit_mount(const struct api_call *call)
{
    return call->mount->id;
}

bool
api_exists_transit_key(struct api_call *call)
{
    const struct transit_key *key;

    return transit_name_valid(call->vars[0])
           && !tsec_failed(
               transit_key_find(call->txn, transit_mount(call), call->vars[0], &key, NULL));
}

tsec_rc
transit_name(struct api_call *call, size_t i, struct tsec_span *name, struct tsec_err *err)
{
    (void)err;
    *name = call->vars[i];
    return transit_name_valid(*name)
               ? TSEC_OK
               : api_refuse(call, TSEC_E_NOT_FOUND, "1 error occurred:\n\t* unsupported path\n\n");
}

tsec_rc
transit_find(struct api_call *call, size_t i, const char *missing, const struct transit_key **out,
             struct tsec_err *err)
{
    struct tsec_span name;
    tsec_rc rc;

    TSEC_TRY(transit_name(call, i, &name, err));
    rc = transit_key_find(call->txn, transit_mount(call), name, out, err);
    if (rc.code != TSEC_E_NOT_FOUND) {
        return tsec_failed(rc) ? transit_refuse(call, rc, err) : TSEC_OK;
    }
    return missing == NULL ? api_refuse(call, TSEC_E_NOT_FOUND, "")
                           : api_refuse(call, TSEC_E_INVALID, missing);
}

tsec_rc
transit_refuse(struct api_call *call, tsec_rc rc, const struct tsec_err *err)
{
    const char *sentence = err == NULL || err->detail[0] == '\0' ? NULL : err->detail;

    switch (rc.code) {
    case TSEC_E_INVALID:
    case TSEC_E_DENIED:
    case TSEC_E_CONFLICT:
    case TSEC_E_NOT_FOUND:
        return api_refuse(call, TSEC_E_INVALID, sentence);
    case TSEC_E_TOO_LARGE:
        return api_refuse(call, TSEC_E_TOO_LARGE, sentence);
    default:
        return rc;
    }
}

struct tsec_span
transit_identity(struct api_call *call, const struct transit_key *key)
{
    return tsec_span_str(
        tsec_arena_printf(api_arena(call), "%s/%lld", key->id, (long long)key->revision));
}

tsec_rc
transit_base64(struct api_call *call, const char *member, const char *text, struct tsec_span *out,
               struct tsec_err *err)
{
    const struct tsec_span digits = tsec_span_str(text);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(digits.len);
    char *copy;

    *out = tsec_span(NULL, 0);
    if (digits.len == 0) {
        return TSEC_OK;
    }
    if (tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, digits, err))) {
        return api_refusef(call, TSEC_E_INVALID, "failed to base64-decode %s", member);
    }
    copy = tsec_arena_dup(api_arena(call), tsec_buf_span(&bytes));
    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a member of a request");
    }
    *out = tsec_span(copy, bytes.len);
    return TSEC_OK;
}

tsec_rc
transit_type_read(struct api_call *call, const char *name, enum transit_type *out)
{
    *out = transit_type_named(name);
    return *out != 0 ? TSEC_OK
                     : api_refusef(call, TSEC_E_INVALID, "unknown key type %.*s",
                                   TRANSIT_TYPE_NAME_MAX, name);
}

struct making {
    struct api_work work; /* first */
    struct tsec_arena *arena;
    enum transit_type type;
    int64_t key_size;
    struct transit_fresh fresh;
    tsec_rc rc;
    struct tsec_err err;
};

static void
make(struct api_work *work)
{
    struct making *making = (struct making *)(void *)work;

    making->rc =
        transit_make(making->type, making->key_size, making->arena, &making->fresh, &making->err);
}

tsec_rc
transit_make_ahead(struct api_call *call, struct tsec_span identity, enum transit_type type,
                   int64_t key_size, const struct transit_fresh **out, struct tsec_err *err)
{
    struct making *making = tsec_arena_alloc(api_arena(call), sizeof(*making));
    const char *what =
        tsec_arena_printf(api_arena(call), "make/%.*s/%d/%lld", (int)identity.len,
                          (const char *)identity.ptr, (int)type, (long long)key_size);
    struct api_work *work;

    if (making == NULL || what == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "making a key");
    }
    making->work.identity = tsec_span_str(what);
    making->work.cost_us = transit_traits(type)->make_us;
    making->work.run = make;
    making->arena = api_arena(call);
    making->type = type;
    making->key_size = key_size;
    work = &making->work;
    TSEC_TRY(api_work(call, &work, err));
    making = (struct making *)(void *)work;
    if (tsec_failed(making->rc)) {
        if (err != NULL) {
            *err = making->err;
        }
        return transit_refuse(call, making->rc, err);
    }
    *out = &making->fresh;
    return TSEC_OK;
}
