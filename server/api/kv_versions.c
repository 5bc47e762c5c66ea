/* SPDX-License-Identifier: Apache-2.0 */
#include "api/kv.h"
#include "api/routes.h"
#include "codec/json_scan.h"

enum { NUMBERS_MAX = 65536 };

/* The numbers of {"versions":[1,"2"]}. */
static tsec_rc
read_versions(struct api_call *call, struct secret_changes *changes, const char *none,
              struct tsec_err *err)
{
    struct tsec_strings list = { NULL, 0 };
    const struct tsec_json_field fields[] = {
        TSEC_JSON_LIST("versions", &list, NULL, NUMBERS_MAX),
    };
    uint64_t *numbers;

    TSEC_TRY(API_FIELDS(call, fields, err));
    if (list.len == 0) {
        return api_refuse(call, TSEC_E_INVALID, none);
    }
    numbers = tsec_arena_alloc(api_arena(call), list.len * sizeof(*numbers));
    if (numbers == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "versions");
    }
    for (size_t i = 0; i < list.len; i++) {
        int64_t number = 0;

        if (!tsec_json_to_i64(tsec_span_str(list.items[i]), &number) || number < 0) {
            return api_refuse(call, TSEC_E_INVALID,
                              "error converting input for field \"versions\": not version numbers");
        }
        numbers[i] = (uint64_t)number;
    }
    changes->versions = numbers;
    changes->versions_len = list.len;
    return TSEC_OK;
}

static tsec_rc
change(struct api_call *call, enum secret_change what, const char *none, struct tsec_err *err)
{
    struct secret_changes changes = { .change = what };
    struct tsec_span path;
    tsec_rc rc;

    TSEC_TRY(kv_path(call, &path, err));
    TSEC_TRY(read_versions(call, &changes, none, err));
    rc = secret_change_versions(call->txn, kv_mount(call), path, &changes, err);
    return tsec_failed(rc) ? kv_refuse_write(call, rc, err) : api_no_content(call);
}

tsec_rc
api_op_kvDeleteVersions(struct api_call *call, struct tsec_err *err)
{
    return change(call, SECRET_DELETE, "No version number provided", err);
}

tsec_rc
api_op_kvUndeleteVersions(struct api_call *call, struct tsec_err *err)
{
    return change(call, SECRET_UNDELETE, "No version number provided", err);
}

tsec_rc
api_op_kvDestroyVersions(struct api_call *call, struct tsec_err *err)
{
    return change(call, SECRET_DESTROY, "no version number provided", err);
}
