/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/kv_bench.h"

#include <stdio.h>
#include <stdlib.h>

struct api_bench kv;

void
kv_begin(void)
{
    api_bench_open(&kv, "mem:kv");
}

void
kv_end(void)
{
    api_bench_close(&kv);
}

int
kv_call(enum api_method method, const char *path, const char *body)
{
    char whole[1200];

    (void)snprintf(whole, sizeof(whole), "/v1/secret/%s", path);
    return api_bench_root(&kv, method, whole, body);
}

int
kv_get(const char *path)
{
    return kv_call(API_GET, path, NULL);
}

int
kv_post(const char *path, const char *body)
{
    return kv_call(API_POST, path, body);
}

int
kv_delete(const char *path)
{
    return kv_call(API_DELETE, path, NULL);
}

int
kv_patch(const char *path, const char *body)
{
    kv.content_type = "application/merge-patch+json";
    return kv_call(API_PATCH, path, body);
}

int
kv_list(const char *path)
{
    return kv_call(API_LIST, path, NULL);
}

const char *
kv_at(const char *path)
{
    static char text[8192];
    const json_t *at = api_bench_at(&kv, path);
    char *dump;

    if (at == NULL) {
        return "(absent)";
    }
    dump = json_dumps(at, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    (void)snprintf(text, sizeof(text), "%s", dump == NULL ? "(no memory)" : dump);
    free(dump);
    return text;
}

bool
kv_says(const char *text)
{
    return kv.reply.body.len > 0
           && memmem(kv.reply.body.ptr, kv.reply.body.len, text, strlen(text)) != NULL;
}
