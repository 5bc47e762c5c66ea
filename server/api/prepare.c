/* SPDX-License-Identifier: Apache-2.0 */
#include "api/op.h"

#include <strings.h>

#include "base/clock.h"

/* Answers and says that this was all. */
static bool
refuse(struct api_op *op, enum tsec_code code, const char *sentence)
{
    api_problem(op->reply, op->req->id, code, sentence);
    return false;
}

static bool
to_bool(const char *text, bool *out)
{
    static const char *const yes[] = { "1", "t", "true" };
    static const char *const no[] = { "0", "f", "false" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(yes); i++) {
        if (strcasecmp(text, yes[i]) == 0) {
            *out = true;
            return true;
        }
        if (strcasecmp(text, no[i]) == 0) {
            *out = false;
            return true;
        }
    }
    return false;
}

static bool
read_flag(struct api_op *op, const char *name, enum api_method method)
{
    const char *value = api_query(op->req, name);
    bool on = false;

    if (op->method != API_GET || value == NULL) {
        return true;
    }
    if (!to_bool(value, &on)) {
        return refuse(op, TSEC_E_INVALID, "");
    }
    op->method = on ? method : op->method;
    return true;
}

static bool
read_method(struct api_op *op)
{
    op->method = op->req->method;
    if (op->method == API_METHOD_UNSET || op->method > API_OPTIONS) {
        return refuse(op, TSEC_E_METHOD, "");
    }
    if (op->method == API_PUT) {
        op->method = API_POST;
    }
    return read_flag(op, "list", API_LIST) && read_flag(op, "scan", API_SCAN);
}

static bool
read_namespace(struct api_op *op)
{
    static const char *const ours[] = { "", "/", "root", "root/" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(ours); i++) {
        if (tsec_span_is(op->req->name_space, ours[i])) {
            return true;
        }
    }
    return refuse(op, TSEC_E_NOT_FOUND, "namespace not found");
}

static bool
read_wrap_ttl(struct api_op *op)
{
    int64_t ns = 0;

    if (op->req->wrap_ttl.len == 0) {
        return true;
    }
    if (!tsec_duration_parse(op->req->wrap_ttl, &ns) || ns < 0
        || ns / TSEC_NS_PER_S > 32 * 24 * 3600) {
        return refuse(op, TSEC_E_INVALID,
                      "error parsing X-Vault-Wrap-TTL header: not a duration of 0 to 768h");
    }
    op->wrap_ttl_s = (ns + TSEC_NS_PER_S - 1) / TSEC_NS_PER_S;
    return true;
}

static bool
ends_in_slash(const char *path)
{
    return path[strlen(path) - 1] == '/';
}

static bool
read_path(struct api_op *op)
{
    const char *path = op->req->path;
    size_t len;

    if (strncmp(path, "/v1/", 4) != 0 || path[4] == '\0') {
        return refuse(op, TSEC_E_NOT_FOUND, "");
    }
    path += 4;
    len = strlen(path);
    if ((op->method == API_POST || op->method == API_PATCH) && ends_in_slash(path)) {
        return refuse(op, TSEC_E_INVALID, "cannot write to a path ending in '/'");
    }
    op->path = path;
    if (op->method == API_LIST || op->method == API_SCAN) {
        op->path = ends_in_slash(path) ? path : tsec_arena_printf(op->req->arena, "%s/", path);
    } else if (ends_in_slash(path)) {
        /* The same object, so the same path to the policies: a rule for it cannot be got around. */
        op->path = tsec_arena_dup(op->req->arena, tsec_span(path, len - 1));
    }
    return op->path != NULL || refuse(op, TSEC_E_NO_MEMORY, NULL);
}

/* HEAD is GET without its body, where the answer is no secret. */
static bool
read_head(struct api_op *op)
{
    const struct api_route *route = op->system == NULL ? NULL : op->system->by_method[API_GET];

    if (op->method != API_HEAD) {
        return true;
    }
    op->method = API_GET;
    if (route != NULL && route->audit == API_AUDIT_NOTHING) {
        return true;
    }
    op->reply->allow = op->system == NULL ? "GET, OPTIONS" : op->system->allow;
    return refuse(op, TSEC_E_METHOD, "");
}

bool
api_op_prepare(struct api_op *op)
{
    if (!read_method(op) || !read_namespace(op) || !read_wrap_ttl(op) || !read_path(op)) {
        return false;
    }
    op->system =
        api_routes_find(op->api->tree, API_FAMILY_SYSTEM, tsec_span_str(op->path), op->system_vars);
    return read_head(op);
}
