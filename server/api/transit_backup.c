/* SPDX-License-Identifier: Apache-2.0 */
/* A key with all its versions, out in clear and in again. */
#include "api/api.h"
#include "api/routes.h"
#include "api/transit.h"
#include "api/transit_gate.h"
#include "core/transit_transfer.h"

/* Every number of an RSA key is checked: a tenth of a second for some 10 kB of base64. */
enum { RESTORE_US = 20000, RESTORE_BYTE_US = 10 };

tsec_rc
api_op_transitBackupKey(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TRANSIT_BACKUP_MAX);
    const struct transit_key *key = NULL;
    struct tsec_json_out out;
    tsec_rc rc;

    TSEC_TRY(transit_find(call, 0, NULL, &key, err));
    TSEC_TRY(transit_gate(call, key, 1, false, err));
    rc = transit_backup(call->txn, transit_mount(call), key, &text, err);
    if (tsec_failed(rc)) {
        return transit_refuse(call, rc, err);
    }
    TSEC_TRY(tsec_buf_check(&text, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_span(&out, "backup", tsec_buf_span(&text));
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

struct restoring {
    struct api_work work; /* first */
    struct tsec_arena *arena;
    struct tsec_span text;
    int64_t now_ns;
    struct transit_backup_key found;
    tsec_rc rc;
    struct tsec_err err;
};

static void
read_backup(struct api_work *work)
{
    struct restoring *r = (struct restoring *)(void *)work;

    r->rc = transit_backup_read(r->text, r->now_ns, r->arena, &r->found, &r->err);
}

static tsec_rc
read_body(struct api_call *call, struct restoring *r, bool *force, struct tsec_err *err)
{
    const char *backup = "";
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("backup", &backup, NULL, TRANSIT_BACKUP_MAX),
        TSEC_JSON_BOOL("force", force, NULL),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    if (*backup == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "'backup' must be supplied");
    }
    r->text = tsec_span_str(backup);
    r->now_ns = txn_now(call->txn);
    r->arena = api_arena(call);
    r->work.identity = tsec_span_str("restore");
    r->work.cost_us = RESTORE_US + RESTORE_BYTE_US * (uint64_t)r->text.len;
    r->work.run = read_backup;
    return TSEC_OK;
}

/* What is kept ready of the key that gives way, if there is one. */
static void
drop_old(struct api_call *call, struct tsec_span name, const struct transit_backup_key *found)
{
    const struct transit_key *old = NULL;

    if (!tsec_failed(transit_key_find(call->txn, transit_mount(call),
                                      name.len > 0 ? name : tsec_span_str(found->key.name), &old,
                                      NULL))) {
        transit_cache_drop(call->api->options.transit, old);
    }
}

static tsec_rc
restore(struct api_call *call, struct tsec_span name, struct tsec_err *err)
{
    struct restoring *r = tsec_arena_alloc(api_arena(call), sizeof(*r));
    struct api_work *work;
    bool force = false;
    tsec_rc rc;

    if (r == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a backup");
    }
    TSEC_TRY(read_body(call, r, &force, err));
    work = &r->work;
    TSEC_TRY(api_work(call, &work, err));
    r = (struct restoring *)(void *)work;
    if (tsec_failed(r->rc)) {
        *err = r->err;
        return transit_refuse(call, r->rc, err);
    }
    if (force) {
        drop_old(call, name, &r->found);
    }
    rc = transit_restore(call->txn, transit_mount(call), name, &r->found, force, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err) : api_no_content(call);
}

tsec_rc
api_op_transitRestoreKey(struct api_call *call, struct tsec_err *err)
{
    return restore(call, tsec_span(NULL, 0), err);
}

tsec_rc
api_op_transitRestoreKeyAs(struct api_call *call, struct tsec_err *err)
{
    struct tsec_span name;

    TSEC_TRY(transit_name(call, 0, &name, err));
    return restore(call, name, err);
}
