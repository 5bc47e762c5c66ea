/* SPDX-License-Identifier: Apache-2.0 */
/* What is written into the ledger about a request. */
#include "api/op.h"

#include "channel/channel.h"
#include "core/strings.h"

tsec_rc
api_op_audit(const struct api_op *op, struct tsec_buf *out, struct tsec_err *err)
{
    const struct token *token = op->call.token != NULL ? op->call.token : op->call.made;
    const struct api_options *options = &op->api->options;
    const char *measurement = token == NULL ? NULL : string_map_get(&token->attest, "measurement");
    const char *role = token == NULL ? NULL : api_op_proven_role(token);

    if (measurement == NULL && op->req->channel != NULL) {
        measurement = string_map_get(&channel_peer(op->req->channel)->attest, "measurement");
    }

    const struct audit_entry entry = {
        .id = op->req->id,
        .ts_ns = op->req->received_ns,
        .actor_kind = op->call.token == NULL ? "anyone" : "token",
        .actor_accessor = token == NULL ? NULL : token->accessor,
        .actor_name = token == NULL ? NULL : token->display_name,
        .actor_role = role,
        .actor_measurement = measurement,
        .operation = op->call.route == NULL ? "unknown" : op->call.route->operation,
        .path = tsec_span_str(op->path),
        .paths = op->call.released,
        .allow = op->allowed,
        .policy = op->granted_by,
        .reason = op->reason,
        .status = op->reply->status,
        .dur_us = (tsec_clock_mono_ns(options->clock) - op->req->started_mono_ns) / 1000,
        .evidence = op->call.evidence,
        .measurements = op->call.measurements,
        .remote = op->req->remote,
    };

    audit_entry_json(&entry, node_keys(options->node)->pseudonym, out);
    return tsec_buf_check(out, err);
}
