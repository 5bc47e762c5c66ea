/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"

/* The pseudonym an auditor looks for.  There is one log, so its name in the path means nothing;
 * `field` chooses what is hashed, as entries do. */
tsec_rc
api_op_sysAuditHash(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(4096);
    struct tsec_json_out out = tsec_json_out(&members);
    char hash[AUDIT_PSEUDONYM_LEN + 1];
    const char *field = "path";
    const char *input = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR_REQ("input", &input, 32768),
        TSEC_JSON_STR("field", &field, NULL, 32),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    audit_pseudonym(node_keys(call->api->options.node)->pseudonym, field, tsec_span_str(input),
                    hash);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "hash", hash);
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}
