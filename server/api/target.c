/* SPDX-License-Identifier: Apache-2.0 */
#include "api/target.h"

#include "codec/pct.h"

static bool
has_control(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];

        if (c < 0x20 || c == 0x7f) {
            return true;
        }
        /* U+0080..U+009F, the C1 controls, once the text is known to be UTF-8 */
        if (c == 0xc2 && i + 1 < text.len && text.ptr[i + 1] < 0xa0) {
            return true;
        }
    }
    return false;
}

static bool
text_ok(struct tsec_span text, struct api_refusal *refusal)
{
    if (!tsec_utf8_valid(text)) {
        return api_turn_down(refusal, TSEC_E_INVALID, "the request target is not UTF-8");
    }
    if (has_control(text)) {
        return api_turn_down(refusal, TSEC_E_INVALID, "the request target has a control character");
    }
    return true;
}

/* Decoded copy in the arena; NULL with a refusal. */
static const char *
decode(struct tsec_span raw, bool plus_is_space, struct tsec_arena *arena,
       struct api_refusal *refusal)
{
    TSEC_AUTO_BUF struct tsec_buf decoded = TSEC_BUF_INIT(raw.len + 1);
    struct tsec_span text = raw;
    const char *copy;

    if (raw.len > 0
        && (memchr(raw.ptr, '%', raw.len) != NULL
            || (plus_is_space && memchr(raw.ptr, '+', raw.len) != NULL))) {
        if (tsec_failed(tsec_pct_decode(&decoded, raw, plus_is_space, NULL))
            || tsec_failed(tsec_buf_check(&decoded, NULL))) {
            (void)api_turn_down(refusal, TSEC_E_INVALID,
                                "the request target has a broken percent-escape");
            return NULL;
        }
        text = tsec_buf_span(&decoded);
    }
    if (!text_ok(text, refusal)) {
        return NULL;
    }
    copy = tsec_arena_dup(arena, text);
    if (copy == NULL) {
        (void)api_turn_down(refusal, TSEC_E_NO_MEMORY, NULL);
    }
    return copy;
}

/* After decoding, so that %2e and %2f count as what they stand for. */
static bool
segments_ok(const char *path, struct api_refusal *refusal)
{
    const char *segment = path + 1;

    for (;;) {
        const size_t len = strcspn(segment, "/");
        const bool last = segment[len] == '\0';

        if (len == 0 && !last) {
            return api_turn_down(refusal, TSEC_E_INVALID, "the path has an empty segment");
        }
        if ((len == 1 && segment[0] == '.')
            || (len == 2 && segment[0] == '.' && segment[1] == '.')) {
            return api_turn_down(refusal, TSEC_E_INVALID, "the path has a dot segment");
        }
        if (last) {
            return true;
        }
        segment += len + 1;
    }
}

static bool
path_parse(struct tsec_span raw, struct tsec_arena *arena, struct api_target *out,
           struct api_refusal *refusal)
{
    if (raw.len == 0 || raw.ptr[0] != '/') {
        return api_turn_down(refusal, TSEC_E_INVALID, "the request target is not a path");
    }
    if (raw.len > API_PATH_MAX) {
        return api_turn_down(refusal, TSEC_E_URI_LONG, NULL);
    }
    for (size_t i = 0; i < raw.len; i++) {
        /* never sent by a client that keeps to RFC 3986, and read as something else by others */
        if (raw.ptr[i] == ' ' || raw.ptr[i] == '\\' || raw.ptr[i] == '#') {
            return api_turn_down(refusal, TSEC_E_INVALID,
                                 "the path has a character that must be escaped");
        }
    }
    out->path = decode(raw, false, arena, refusal);
    return out->path != NULL && segments_ok(out->path, refusal);
}

static size_t
count_params(struct tsec_span raw)
{
    size_t n = raw.len == 0 ? 0 : 1;

    for (size_t i = 0; i < raw.len; i++) {
        n += raw.ptr[i] == '&';
    }
    return n;
}

static bool
param_parse(struct tsec_span raw, struct tsec_arena *arena, struct api_param *out,
            struct api_refusal *refusal)
{
    const uint8_t *eq = memchr(raw.ptr, '=', raw.len);
    const size_t name_len = eq == NULL ? raw.len : (size_t)(eq - raw.ptr);
    const size_t value_at = eq == NULL ? raw.len : name_len + 1;

    out->name = decode(tsec_span(raw.ptr, name_len), true, arena, refusal);
    if (out->name == NULL) {
        return false;
    }
    out->value = decode(tsec_span(raw.ptr + value_at, raw.len - value_at), true, arena, refusal);
    return out->value != NULL;
}

static bool
query_parse(struct tsec_span raw, struct tsec_arena *arena, struct api_target *out,
            struct api_refusal *refusal)
{
    const size_t n = count_params(raw);
    struct api_param *params;

    if (raw.len > API_QUERY_MAX || n > API_PARAMS_MAX) {
        return api_turn_down(refusal, TSEC_E_URI_LONG, "request query too long");
    }
    if (n == 0) {
        return true;
    }
    params = tsec_arena_alloc(arena, n * sizeof(*params));
    if (params == NULL) {
        return api_turn_down(refusal, TSEC_E_NO_MEMORY, NULL);
    }
    while (raw.len > 0) {
        const uint8_t *amp = memchr(raw.ptr, '&', raw.len);
        const size_t len = amp == NULL ? raw.len : (size_t)(amp - raw.ptr);
        const size_t step = amp == NULL ? raw.len : len + 1;

        if (len > 0) { /* "a&&b" and a last "&" are harmless */
            if (!param_parse(tsec_span(raw.ptr, len), arena, &params[out->query_len], refusal)) {
                return false;
            }
            out->query_len++;
        }
        raw = tsec_span(raw.ptr + step, raw.len - step);
    }
    out->query = params;
    return true;
}

bool
api_target_parse(struct tsec_span raw, struct tsec_arena *arena, struct api_target *out,
                 struct api_refusal *refusal)
{
    const uint8_t *mark = raw.len == 0 ? NULL : memchr(raw.ptr, '?', raw.len);
    const size_t path_len = mark == NULL ? raw.len : (size_t)(mark - raw.ptr);
    const size_t query_at = mark == NULL ? raw.len : path_len + 1;

    *out = (struct api_target){ 0 };
    return path_parse(tsec_span(raw.ptr, path_len), arena, out, refusal)
           && (query_at == raw.len
               || query_parse(tsec_span(raw.ptr + query_at, raw.len - query_at), arena, out,
                              refusal));
}

enum api_method
api_method_of(struct tsec_span token)
{
    static const struct {
        const char *token;
        enum api_method method;
    } methods[] = {
        { "GET", API_GET },     { "POST", API_POST }, { "PUT", API_PUT },
        { "LIST", API_LIST },   { "HEAD", API_HEAD }, { "DELETE", API_DELETE },
        { "PATCH", API_PATCH }, { "SCAN", API_SCAN }, { "OPTIONS", API_OPTIONS },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(methods); i++) {
        if (tsec_span_is(token, methods[i].token)) { /* methods are case-sensitive */
            return methods[i].method;
        }
    }
    return API_METHOD_UNSET;
}

enum flag { FLAG_ABSENT, FLAG_OFF, FLAG_ON, FLAG_BAD };

/* What Go's strconv.ParseBool takes, which is what Vault's clients were written against. */
static enum flag
query_flag(const struct api_target *target, const char *name)
{
    static const char *const on[] = { "true", "1", "True", "TRUE", "t", "T" };
    static const char *const off[] = { "", "false", "0", "False", "FALSE", "f", "F" };
    const char *value = NULL;

    for (size_t i = 0; i < target->query_len && value == NULL; i++) {
        value = strcmp(target->query[i].name, name) == 0 ? target->query[i].value : NULL;
    }
    if (value == NULL) {
        return FLAG_ABSENT;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(on); i++) {
        if (strcmp(value, on[i]) == 0) {
            return FLAG_ON;
        }
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(off); i++) {
        if (strcmp(value, off[i]) == 0) {
            return FLAG_OFF;
        }
    }
    return FLAG_BAD;
}

bool
api_method_apply_query(const struct api_target *target, enum api_method *method,
                       struct api_refusal *refusal)
{
    enum flag list;
    enum flag scan;

    if (*method != API_GET || target->query_len == 0) {
        return true;
    }
    list = query_flag(target, "list");
    scan = query_flag(target, "scan");
    if (list == FLAG_BAD || scan == FLAG_BAD || (list == FLAG_ON && scan == FLAG_ON)) {
        return api_turn_down(refusal, TSEC_E_INVALID, "list and scan take one true or false");
    }
    if (list == FLAG_ON) {
        *method = API_LIST;
    } else if (scan == FLAG_ON) {
        *method = API_SCAN;
    }
    return true;
}
