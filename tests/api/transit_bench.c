/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 16384, TEXTS = 64 };

struct api_bench tb;

void
tb_begin(void)
{
    api_bench_open(&tb, "mem:transit");
    CU_ASSERT_EQUAL_FATAL(
        api_bench_root(&tb, API_POST, "/v1/sys/mounts/transit", "{\"type\":\"transit\"}"), 204);
}

void
tb_end(void)
{
    api_bench_close(&tb);
}

int
tb_call_as(const char *token, enum api_method method, const char *path, const char *body)
{
    char whole[1200];

    (void)snprintf(whole, sizeof(whole), "/v1/transit/%s", path);
    return api_bench_call(&tb, method, whole, token, body);
}

int
tb_call(enum api_method method, const char *path, const char *body)
{
    return tb_call_as(tb.root, method, path, body);
}

int
tb_get(const char *path)
{
    return tb_call(API_GET, path, NULL);
}

int
tb_post(const char *path, const char *body)
{
    return tb_call(API_POST, path, body);
}

int
tb_delete(const char *path)
{
    return tb_call(API_DELETE, path, NULL);
}

int
tb_list(const char *path)
{
    return tb_call(API_LIST, path, NULL);
}

void
tb_make(const char *name, const char *type, const char *settings)
{
    char path[256];
    char body[1024];

    (void)snprintf(path, sizeof(path), "keys/%s", name);
    (void)snprintf(body, sizeof(body), "{\"type\":\"%s\"%s}", type, settings);
    CU_ASSERT_EQUAL_FATAL(tb_post(path, body), 200);
}

void
tb_token(const char *hcl, char out[TOKEN_TEXT_MAX + 1])
{
    char body[4096];

    (void)snprintf(body, sizeof(body), "{\"policy\":\"%s\"}", tb_quote(hcl));
    CU_ASSERT_EQUAL_FATAL(api_bench_root(&tb, API_POST, "/v1/sys/policies/acl/bench", body), 204);
    api_bench_token(&tb, "bench", out);
}

/* One of a few places, in turn. */
static char *
place(void)
{
    static char texts[TEXTS][TEXT_MAX];
    static size_t next;

    return texts[next++ % TEXTS];
}

const char *
tb_at(const char *path)
{
    char *text = place();
    const json_t *at = api_bench_at(&tb, path);
    char *dump;

    if (at == NULL) {
        return "(absent)";
    }
    dump = json_dumps(at, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    (void)snprintf(text, TEXT_MAX, "%s", dump == NULL ? "(no memory)" : dump);
    free(dump);
    return text;
}

const char *
tb_text(const char *path)
{
    char *text = place();

    (void)snprintf(text, TEXT_MAX, "%s", api_bench_str(&tb, path));
    return text;
}

const char *
tb_quote(const char *text)
{
    char *out = place();
    size_t len = 0;

    for (; *text != '\0' && len + 2 < TEXT_MAX; text++) {
        if (*text == '"' || *text == '\\' || *text == '\n') {
            out[len++] = '\\';
        }
        out[len] = *text;
        if (*text == '\n') {
            out[len] = 'n';
        }
        len++;
    }
    out[len] = '\0';
    return out;
}

bool
tb_says(const char *text)
{
    return tb.reply.body.len > 0
           && memmem(tb.reply.body.ptr, tb.reply.body.len, text, strlen(text)) != NULL;
}
