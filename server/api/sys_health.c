/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"

#include <stdlib.h>

/* A query parameter that replaces a status code; a bad one is refused. */
static bool
code_of(struct api_call *call, const char *name, int otherwise, int *out)
{
    const char *text = api_query(call->req, name);
    char *end = NULL;
    long code;

    *out = otherwise;
    if (text == NULL) {
        return true;
    }
    code = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || code < 100 || code > 599) {
        return false;
    }
    *out = (int)code;
    return true;
}

static bool
status_codes(struct api_call *call, const struct health *health, int *out)
{
    const enum node_status status = health->node.status;
    int active = 200;
    int sealed = 503;
    int unhealthy = 503;
    int uninitialized = 501;

    if (!code_of(call, "activecode", 200, &active) || !code_of(call, "sealedcode", 503, &sealed)
        || !code_of(call, "haunhealthy", 503, &unhealthy)
        || !code_of(call, "haunhealthycode", unhealthy, &unhealthy)
        || !code_of(call, "uninitcode", 501, &uninitialized)) {
        return false;
    }
    if (status == NODE_ACTIVE) {
        *out = health->serves ? active : unhealthy;
    } else {
        *out = status == NODE_UNINITIALIZED ? uninitialized : sealed;
    }
    return true;
}

tsec_rc
api_op_sysHealth(struct api_call *call, struct tsec_err *err)
{
    const struct api_options *options = &call->api->options;
    char id[API_CLUSTER_ID_LEN + 1] = "";
    enum node_status status;
    struct health health;
    struct tsec_json_out out;
    int code = 0;

    health_read(call->api, &health);
    status = health.node.status = node_status(options->node); /* sealing counts as sealed */
    if (!status_codes(call, &health, &code)) {
        return api_refuse(call, TSEC_E_INVALID, "a status code must be a number of 100 to 599");
    }
    (void)api_cluster_id(call->api, id);
    out = api_bare(call);
    tsec_json_put_bool(&out, "initialized", status != NODE_UNINITIALIZED);
    tsec_json_put_bool(&out, "sealed", status != NODE_ACTIVE);
    tsec_json_put_bool(&out, "standby", false);
    tsec_json_put_bool(&out, "performance_standby", false);
    tsec_json_put_str(&out, "replication_performance_mode", "disabled");
    tsec_json_put_str(&out, "replication_dr_mode", "disabled");
    tsec_json_put_int(&out, "server_time_utc", call->req->received_ns / TSEC_NS_PER_S);
    tsec_json_put_str(&out, "version", options->version);
    tsec_json_put_str(&out, "cluster_name", options->cluster_name);
    tsec_json_put_str(&out, "cluster_id", id);
    if (status == NODE_ACTIVE && health.worst != HEALTH_OK) {
        tsec_json_key(&out, "parts");
        health_put_parts(&health, true, &out);
    }
    return api_bare_end(call, &out, code, err);
}

tsec_rc
api_op_sysLeader(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out = api_bare(call);

    tsec_json_put_bool(&out, "ha_enabled", false);
    tsec_json_put_bool(&out, "is_self", node_status(call->api->options.node) == NODE_ACTIVE);
    tsec_json_put_str(&out, "active_time", "0001-01-01T00:00:00Z");
    tsec_json_put_str(&out, "leader_address", "");
    tsec_json_put_str(&out, "leader_cluster_address", "");
    tsec_json_put_bool(&out, "performance_standby", false);
    tsec_json_put_int(&out, "performance_standby_last_remote_wal", 0);
    return api_bare_end(call, &out, 200, err);
}

tsec_rc
api_op_sysVersion(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out = api_bare(call);

    tsec_json_put_str(&out, "version", call->api->options.version);
    tsec_json_put_str(&out, "build_date", call->api->options.build_date);
    return api_bare_end(call, &out, 200, err);
}

tsec_rc
api_op_sysMetrics(struct api_call *call, struct tsec_err *err)
{
    const struct api_options *options = &call->api->options;
    const char *format = api_query(call->req, "format");

    if (format != NULL && *format != '\0' && strcmp(format, "prometheus") != 0) {
        return api_refuse(call, TSEC_E_INVALID, "format must be prometheus");
    }
    if (options->metrics == NULL) {
        return api_refuse(call, TSEC_E_NOT_FOUND, "this server keeps no metrics");
    }
    api_reply_reset(call->reply);
    options->metrics(options->ctx, &call->reply->body);
    call->reply->status = 200;
    call->reply->content_type = "text/plain; version=0.0.4; charset=utf-8";
    return tsec_buf_check(&call->reply->body, err);
}
