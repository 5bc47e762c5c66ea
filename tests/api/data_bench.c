/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#include <stdarg.h>
#include <stdio.h>

enum { SLOTS = 8, TEXT_MAX = 16384 };

int
data_postf(const char *path, const char *fmt, ...)
{
    static char body[TEXT_MAX];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(body, sizeof(body), fmt, args);
    va_end(args);
    return tb_post(path, body);
}

static void
must(const char *path, const char *body)
{
    const int status = tb_post(path, body);

    if (status >= 300) {
        (void)printf("%s: %d %s\n", path, status, api_bench_error(&tb));
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
    return api_bench_str(&tb, whole);
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
data_decrypted(const char *name, const char *ciphertext)
{
    char path[160];

    (void)snprintf(path, sizeof(path), "decrypt/%s", name);
    return data_postf(path, "{\"ciphertext\":\"%s\"}", ciphertext) == 200 ? data_str("plaintext")
                                                                          : api_bench_error(&tb);
}
