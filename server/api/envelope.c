/* SPDX-License-Identifier: Apache-2.0 */
#include "api/envelope.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

struct tsec_arena *
api_arena(const struct api_call *call)
{
    return call->req->arena;
}

const char *
api_var(struct api_call *call, size_t i)
{
    return tsec_arena_dup(api_arena(call), call->vars[i]);
}

tsec_rc
api_parse(struct api_call *call, json_t **out, struct tsec_err *err)
{
    const tsec_rc rc = tsec_json_parse(call->req->body, out, err);

    if (rc.code == TSEC_E_INVALID) {
        return api_refusef(call, TSEC_E_INVALID, "failed to decode JSON input: %s",
                           err == NULL ? "not an object" : err->detail);
    }
    return rc;
}

static tsec_rc
read_fields(struct api_call *call, const json_t *body, const struct tsec_json_field *fields,
            size_t n, bool strict, struct tsec_err *err)
{
    const tsec_rc rc = tsec_json_read(body, fields, n, strict, api_arena(call), err);

    if (rc.code == TSEC_E_INVALID) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    return rc;
}

tsec_rc
api_fields_of(struct api_call *call, const json_t *body, const struct tsec_json_field *fields,
              size_t n, struct tsec_err *err)
{
    return read_fields(call, body, fields, n, false, err);
}

tsec_rc
api_fields_of_strictly(struct api_call *call, const json_t *body,
                       const struct tsec_json_field *fields, size_t n, struct tsec_err *err)
{
    return read_fields(call, body, fields, n, true, err);
}

tsec_rc
api_fields_strictly(struct api_call *call, const struct tsec_json_field *fields, size_t n,
                    struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;

    TSEC_TRY(api_parse(call, &body, err));
    return api_fields_of_strictly(call, body, fields, n, err);
}

tsec_rc
api_fields(struct api_call *call, const struct tsec_json_field *fields, size_t n,
           struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;

    TSEC_TRY(api_parse(call, &body, err));
    return api_fields_of(call, body, fields, n, err);
}

/* How many of the sorted keys to answer; 0 on a limit that is no number. */
static bool
page(struct api_call *call, struct tsec_strings *keys)
{
    const char *after = api_query(call->req, "after");
    const char *limit = api_query(call->req, "limit");
    char *end = NULL;
    long n;

    while (after != NULL && keys->len > 0 && strcmp(keys->items[0], after) <= 0) {
        keys->items++;
        keys->len--;
    }
    if (limit == NULL || *limit == '\0') {
        return true;
    }
    errno = 0;
    n = strtol(limit, &end, 10);
    if (errno != 0 || *end != '\0' || n < -1) {
        return false;
    }
    if (n > 0 && (size_t)n < keys->len) {
        keys->len = (size_t)n;
    }
    return true;
}

tsec_rc
api_keys(struct api_call *call, struct tsec_strings keys, struct tsec_err *err)
{
    struct tsec_json_out out;

    if (!page(call, &keys)) {
        return api_refuse(call, TSEC_E_INVALID, "limit is not a number");
    }
    if (keys.len == 0) {
        return api_refuse(call, TSEC_E_NOT_FOUND, "");
    }
    out = api_data(call);
    tsec_json_object(&out);
    api_put_strings(&out, "keys", keys);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

void
api_put_strings(struct tsec_json_out *out, const char *key, struct tsec_strings list)
{
    tsec_json_key(out, key);
    tsec_json_array(out);
    for (size_t i = 0; i < list.len; i++) {
        tsec_json_str(out, list.items[i]);
    }
    tsec_json_array_end(out);
}

void
api_put_strings_or_null(struct tsec_json_out *out, const char *key, struct tsec_strings list)
{
    if (list.len == 0) {
        tsec_json_put_null(out, key);
    } else {
        api_put_strings(out, key, list);
    }
}

void
api_put_map(struct tsec_json_out *out, const char *key, const struct tsec_string_map *map)
{
    tsec_json_key(out, key);
    tsec_json_object(out);
    for (size_t i = 0; i < map->len; i++) {
        tsec_json_put_str(out, map->keys[i], map->values[i]);
    }
    tsec_json_object_end(out);
}

void
api_put_map_or_null(struct tsec_json_out *out, const char *key, const struct tsec_string_map *map)
{
    if (map->len == 0) {
        tsec_json_put_null(out, key);
    } else {
        api_put_map(out, key, map);
    }
}

void
api_put_go_time(struct tsec_json_out *out, const char *key, int64_t ns)
{
    char text[TSEC_RFC3339_LEN];

    tsec_rfc3339(ns, text);
    tsec_json_put_str(out, key, text);
}

struct auth {
    const struct token *token;
    struct tsec_span text;
    int64_t now_ns;
};

static void
put_auth(struct tsec_json_out *out, const void *ctx)
{
    const struct auth *auth = ctx;
    const struct token *token = auth->token;

    tsec_json_object(out);
    tsec_json_put_span(out, "client_token", auth->text);
    tsec_json_put_str(out, "accessor", token->accessor);
    api_put_strings(out, "policies", token->policies);
    api_put_strings(out, "token_policies", token->policies);
    api_put_map_or_null(out, "metadata", &token->meta);
    tsec_json_put_int(out, "lease_duration", token_ttl_left_s(token, auth->now_ns));
    tsec_json_put_bool(out, "renewable", token->renewable);
    tsec_json_put_str(out, "entity_id", "");
    tsec_json_put_str(out, "token_type", token->type);
    tsec_json_put_bool(out, "orphan", token->orphan);
    tsec_json_put_null(out, "mfa_requirement");
    tsec_json_put_int(out, "num_uses", token->num_uses);
    tsec_json_object_end(out);
}

tsec_rc
api_auth_token(struct api_call *call, const struct token *token, struct tsec_span text,
               struct tsec_err *err)
{
    const struct auth auth = { token, text, txn_now(call->txn) };

    return api_auth(call, put_auth, &auth, err);
}
