/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLOTS = 8, TEXT_MAX = 16384 };

struct api_bench data;

void
data_begin(void)
{
    api_bench_open(&data, "mem:transit");
    CU_ASSERT_EQUAL_FATAL(
        api_bench_root(&data, API_POST, "/v1/sys/mounts/transit", "{\"type\":\"transit\"}"), 204);
}

void
data_end(void)
{
    api_bench_close(&data);
}

int
data_post(const char *path, const char *body)
{
    char whole[512];

    (void)snprintf(whole, sizeof(whole), "/v1/transit/%s", path);
    return api_bench_root(&data, API_POST, whole, body);
}

int
data_postf(const char *path, const char *fmt, ...)
{
    static char body[TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(body, sizeof(body), fmt, args);
    va_end(args);
    return data_post(path, body);
}

static void
must(const char *path, const char *body)
{
    const int status = data_post(path, body);

    if (status >= 300) {
        (void)printf("%s: %d %s\n", path, status, api_bench_error(&data));
    }
    CU_ASSERT_FATAL(status < 300);
}

void
data_key(const char *name, const char *settings)
{
    char path[160];

    (void)snprintf(path, sizeof(path), "keys/%s", name);
    must(path, settings);
}

void
data_rotate(const char *name)
{
    char path[160];

    (void)snprintf(path, sizeof(path), "keys/%s/rotate", name);
    must(path, NULL);
}

void
data_config(const char *name, const char *settings)
{
    char path[160];

    (void)snprintf(path, sizeof(path), "keys/%s/config", name);
    must(path, settings);
}

const char *
data_str(const char *path)
{
    char whole[256];

    (void)snprintf(whole, sizeof(whole), "data.%s", path);
    return api_bench_str(&data, whole);
}

const char *
data_keep(unsigned slot, const char *path)
{
    static char kept[SLOTS][TEXT_MAX];

    CU_ASSERT_FATAL(slot < SLOTS);
    (void)snprintf(kept[slot], sizeof(kept[slot]), "%s", data_str(path));
    return kept[slot];
}

const char *
data_at(const char *path)
{
    static char text[TEXT_MAX];
    const json_t *at = api_bench_at(&data, path);
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
data_says(const char *text)
{
    return data.reply.body.len > 0
           && memmem(data.reply.body.ptr, data.reply.body.len, text, strlen(text)) != NULL;
}

const char *
data_decrypted(const char *name, const char *ciphertext)
{
    char path[160];

    (void)snprintf(path, sizeof(path), "decrypt/%s", name);
    return data_postf(path, "{\"ciphertext\":\"%s\"}", ciphertext) == 200 ? data_str("plaintext")
                                                                          : api_bench_error(&data);
}
